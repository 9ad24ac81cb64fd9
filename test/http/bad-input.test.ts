import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { problemSchema } from '../../src/http/schemas/problem.ts';
import { type Fixture, PROBLEM_TYPE, postTrace, sampleTrace, startFixture } from './fixture.ts';

// Whatever comes in: a 4xx problem with a stable code, nothing in the pipeline, and none of what was sent in the answer.

const CANARY = 'canary-5d1f';
const JSON_HEADERS = { 'content-type': 'application/json' };

const portOf = async ({ app }: Fixture): Promise<number> => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
};

/** The raw answer to raw bytes. */
const exchange = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });

describe('POST /v1/monitor', () => {
  test.each([
    ['malformed JSON', `{"text":"${CANARY}"`, 400, 'malformed_json'],
    ['an empty body', '', 400, 'malformed_json'],
    ['blanks', '  \n ', 400, 'malformed_json'],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from(`{"${CANARY}":"`), Buffer.from([0xff]), Buffer.from('"}')]),
      400,
      'invalid_encoding',
    ],
    ['a hundred thousand nested arrays', '['.repeat(100_000), 413, 'body_too_large'],
    ['sixty thousand nested arrays', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 400, 'too_deep'],
    ['nested objects', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, 400, 'too_deep'],
    ['a body over the limit', `"${CANARY.repeat(10_000)}"`, 413, 'body_too_large'],
  ])('refuses %s', async (_, body, status, code) => {
    const { app, submissions, logged } = await startFixture();
    const answer = await postTrace(app, body);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe(PROBLEM_TYPE);
    expect(problemSchema.parse(answer.json())).toMatchObject({ code, status });
    expect(answer.body).not.toContain(CANARY);
    expect(submissions).toEqual([]);
    expect(logged).toEqual([]);
  });

  test.each([
    ['text', 'text/plain'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['another JSON', 'application/vnd.api+json'],
    ['nonsense', CANARY],
    ['JSON in another charset', 'application/json; charset=utf-16'],
    ['JSON in a quoted charset', 'application/json; charset="iso-8859-1"'],
  ])('refuses %s as content type', async (_, type) => {
    const { app, submissions } = await startFixture();
    const headers = { 'content-type': type };
    const answer = await app.inject({ method: 'POST', url: '/v1/monitor', headers, body: '{}' });
    expect(answer.statusCode).toBe(415);
    expect(answer.json()).toMatchObject({ code: 'unsupported_media_type' });
    expect(answer.body).not.toContain(CANARY);
    expect(submissions).toEqual([]);
  });

  test.each(['application/json; charset=utf-8', 'application/json;charset=UTF-8', 'Application/JSON'])(
    'accepts %s',
    async (type) => {
      const { app } = await startFixture();
      const headers = { 'content-type': type };
      expect((await app.inject({ method: 'POST', url: '/v1/monitor', headers, body: '{}' })).statusCode).toBe(200);
    },
  );

  test('refuses a body without a content type, and no body at all', async () => {
    const { app } = await startFixture();
    expect((await app.inject({ method: 'POST', url: '/v1/monitor', body: '{}' })).json()).toMatchObject({
      code: 'unsupported_media_type',
    });
    expect((await app.inject({ method: 'POST', url: '/v1/monitor' })).json()).toMatchObject({ code: 'malformed_json' });
  });

  test.each([
    [`modus=${CANARY}`, 'modus'],
    [`mode=${CANARY}`, 'mode'],
    [`judge=${CANARY}`, 'judge'],
    ['mode=sync&mode=async', 'mode'],
    ['judge=auto&judge=auto', 'judge'],
    ['format=a&format=b', 'format'],
    ['format=', 'format'],
    [`format=${CANARY.repeat(9)}`, 'format'],
    ['__proto__=x', '__proto__'],
    ['%00=x', '(unprintable)'],
    [`${'k'.repeat(65)}=x`, '(unprintable)'],
    ['<script>=x', '(unprintable)'],
  ])('refuses ?%s and names the parameter, not its value', async (query, path) => {
    const { app, submissions } = await startFixture();
    const answer = await postTrace(app, sampleTrace, `?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid_query', errors: [{ path }] });
    expect(answer.body).not.toContain(CANARY);
    expect(submissions).toEqual([]);
  });

  test('names every parameter at fault', async () => {
    const { app } = await startFixture();
    const { errors } = problemSchema.parse((await postTrace(app, sampleTrace, '?mode=x&judge=y&a=1&b=2')).json());
    expect(errors.map(({ path }) => path).sort()).toEqual(['a', 'b', 'judge', 'mode']);
  });

  test('refuses an empty or endless format header', async () => {
    const { app } = await startFixture();
    for (const format of ['', 'x'.repeat(65)]) {
      const headers = { ...JSON_HEADERS, 'x-trace-format': format };
      const answer = await app.inject({ method: 'POST', url: '/v1/monitor', headers, body: '{}' });
      expect(answer.json()).toMatchObject({ code: 'invalid_header', errors: [{ path: 'x-trace-format' }] });
    }
  });

  test('hides what went wrong inside', async () => {
    const { app } = await startFixture({
      process: async () => {
        throw new Error(`near "${CANARY}"`);
      },
    });
    const answer = await postTrace(app, sampleTrace);
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 'internal', errors: [] });
    expect(answer.body).not.toContain(CANARY);
    expect(answer.body).not.toMatch(/\bat \S+ \(|\.ts\b|node_modules/);
  });
});

describe('over a socket', () => {
  test('a body of 100 MB is refused while it comes, whether its length was told or not', async () => {
    const fixture = await startFixture();
    const port = await portOf(fixture);
    const chunk = randomBytes(64 * 1024);
    const send = (headers: Record<string, string | number>): Promise<{ status: number; body: string }> =>
      new Promise((resolve, reject) => {
        const path = '/v1/monitor';
        const request = httpRequest(
          { host: '127.0.0.1', port, path, method: 'POST', headers: { ...JSON_HEADERS, ...headers } },
          (response) => {
            let body = '';
            response.setEncoding('utf8');
            response.on('data', (part) => {
              body += part;
            });
            response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
          },
        );
        request.on('error', reject);
        let left = 1_600;
        const write = (): void => {
          while (left-- > 0) {
            if (!request.write(chunk)) {
              request.once('drain', write);
              return;
            }
          }
          request.end();
        };
        write();
      });
    for (const headers of [{ 'content-length': 1_600 * chunk.length }, { 'transfer-encoding': 'chunked' }]) {
      const answer = await send(headers);
      expect(answer.status).toBe(413);
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'body_too_large' });
    }
    expect(fixture.submissions).toEqual([]);
  });

  test.each([
    ['bytes that are not HTTP', `${CANARY}\r\n\r\n`],
    ['a header that is not one', `GET /livez HTTP/1.1\r\nhost: x\r\n${CANARY}\r\n\r\n`],
    ['headers without end', `GET /livez HTTP/1.1\r\nhost: x\r\nx-long: ${CANARY.repeat(4_000)}\r\n\r\n`],
    ['two lengths', `POST /v1/monitor HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}`],
    [
      'a length beside chunks',
      `POST /v1/monitor HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
  ])('%s get a problem and the connection ends', async (_, bytes) => {
    const answer = await exchange(await portOf(await startFixture()), bytes);
    const [head, body] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect(head).toContain('content-type: application/problem+json');
    expect(problemSchema.parse(JSON.parse(body ?? ''))).toMatchObject({ code: 'invalid_header' });
    expect(answer).not.toContain(CANARY);
  });

  test('a caller who hangs up keeps its place until its trace is through, and then gives it back', async () => {
    let started = (): void => undefined;
    let finish = (): void => undefined;
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    const fixture = await startFixture({
      config: {
        maxBodyBytes: 1_024,
        requestTimeoutMs: 10_000,
        maxInFlight: 1,
        streams: { idleMs: 10_000, deadlineMs: 60_000, maxOpen: 8, bufferBytes: 1_048_576 },
      },
      process: (submission) => {
        started();
        return new Promise((_resolve, reject) => {
          finish = () => reject(new Error(String(submission.tenant)));
        });
      },
    });
    const port = await portOf(fixture);
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path: '/v1/monitor',
      method: 'POST',
      headers: JSON_HEADERS,
    });
    request.on('error', () => undefined);
    request.end('{}');
    await running;
    request.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await postTrace(fixture.app, sampleTrace)).statusCode).toBe(503);
    finish();
    await expect
      .poll(async () => fixture.metricLines('cot_monitor_http_in_flight'))
      .toEqual(['cot_monitor_http_in_flight 0']);
  });

  test('a caller who hangs up in the middle of its body gives its place back', async () => {
    const fixture = await startFixture();
    const port = await portOf(fixture);
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'POST /v1/monitor HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
    );
    const inFlight = async (): Promise<string[]> => fixture.metricLines('cot_monitor_http_in_flight');
    await expect.poll(inFlight).toEqual(['cot_monitor_http_in_flight 1']);
    socket.destroy();
    await expect.poll(inFlight).toEqual(['cot_monitor_http_in_flight 0']);
  });
});
