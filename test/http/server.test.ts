import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/domain/verdict.ts';
import { PROBLEM_TYPE, postTrace, sampleFlag, sampleTrace, sampleVerdict, startFixture } from './fixture.ts';

/** A connection that was sent some bytes, and everything that comes back until it ends. */
const openSocket = (port: number, bytes: string): { readonly socket: Socket; readonly answer: Promise<string> } => {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  socket.setEncoding('utf8');
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  return { socket, answer: new Promise((resolve) => socket.on('close', () => resolve(received))) };
};

const READS = [
  '/v1/verdicts/t-1',
  '/v1/flags',
  `/v1/flags/${sampleFlag.id}`,
  '/v1/conversations/c-42',
  '/v1/rules',
  '/v1/categories',
  '/metrics',
  '/livez',
  '/readyz',
];

describe('methods', () => {
  test.each(READS)('HEAD %s answers what GET answers, without the body', async (url) => {
    const { app } = await startFixture();
    const head = await app.inject({ method: 'HEAD', url });
    expect(head.statusCode).toBe(200);
    expect(head.body).toBe('');
    expect(head.headers['content-type']).toBe((await app.inject(url)).headers['content-type']);
  });

  test.each([...READS.map((url) => [url, 'GET, HEAD, OPTIONS'] as const), ['/v1/monitor', 'OPTIONS, POST'] as const])(
    '%s allows %s and says so',
    async (url, allow) => {
      const { app, submissions } = await startFixture();
      const options = await app.inject({ method: 'OPTIONS', url });
      expect(options.statusCode).toBe(204);
      expect(options.headers.allow).toBe(allow);
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
        if (allow.includes(method)) continue;
        const answer = await app.inject({
          method,
          url,
          headers: { 'content-type': 'text/x' },
          body: 'x'.repeat(99_999),
        });
        expect(answer.statusCode).toBe(405);
        expect(answer.headers.allow).toBe(allow);
        if (method !== 'HEAD') expect(answer.json()).toMatchObject({ code: 'method_not_allowed' });
      }
      expect(submissions).toEqual([]);
    },
  );
});

describe('addresses', () => {
  test.each(['/', '/v1', '/v1/', '/v1/monitor/', '/v2/monitor', '/v1/nowhere', '/%', '/%00', '//'])(
    '%s is 404 whatever is posted to it',
    async (url) => {
      const { app } = await startFixture();
      for (const method of ['GET', 'POST'] as const) {
        const headers = { 'content-type': 'application/json' };
        const answer = await app.inject({ method, url, headers, body: '{' });
        expect(answer.statusCode).toBe(404);
        expect(answer.headers['content-type']).toBe(PROBLEM_TYPE);
        expect(answer.json()).toMatchObject({ code: 'not_found' });
        expect(answer.headers['x-content-type-options']).toBe('nosniff');
      }
    },
  );
});

describe('headers', () => {
  test.each([...READS, '/nowhere', '/docs/', '/docs/json', '/docs/static/swagger-ui.css'])(
    '%s cannot be sniffed, framed or sent a script',
    async (url) => {
      const { app } = await startFixture();
      const { headers } = await app.inject(url);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    },
  );

  test('verdicts are not kept by caches, problems neither', async () => {
    const { app } = await startFixture();
    expect((await postTrace(app, sampleTrace)).headers['cache-control']).toBe('no-store');
    expect((await app.inject('/v1/verdicts/t-1')).headers['cache-control']).toBe('no-store');
    expect((await postTrace(app, '{')).headers['cache-control']).toBe('no-store');
  });
});

describe('/docs', () => {
  test('loads nothing from anywhere else', async () => {
    const { app } = await startFixture();
    const page = await app.inject('/docs/');
    expect(page.statusCode).toBe(200);
    const addresses = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
    expect(addresses.length).toBeGreaterThan(4);
    for (const address of addresses) {
      expect(address).toMatch(/^\.\/static\//);
      expect((await app.inject(`/docs/${address.slice(2)}`)).statusCode).toBe(200);
    }
    const initializer = await app.inject('/docs/static/swagger-initializer.js');
    expect(initializer.body).toContain('validatorUrl: null');
    expect(initializer.body.replaceAll(/\/\/ .*/g, '')).not.toMatch(/https?:\/\//);
  });

  test('shows the document', async () => {
    const { app } = await startFixture();
    expect((await app.inject('/docs/json')).json()).toMatchObject({ openapi: '3.1.0' });
  });
});

test('while it closes, work in hand is finished and new work is sent elsewhere', async () => {
  let finish: (verdict: Verdict) => void = () => undefined;
  const started = Promise.withResolvers<void>();
  const { app } = await startFixture({
    process: () => {
      started.resolve();
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const head = 'POST /v1/monitor HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n';
  const inHand = openSocket(port, `${head}\r\n{}`);
  const late = openSocket(port, head);
  await started.promise;
  await expect.poll(() => late.socket.bytesWritten).toBe(head.length);
  const closed = app.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  late.socket.write('\r\n{}');
  const refused = await late.answer;
  expect(refused).toMatch(/^HTTP\/1\.1 503 /);
  expect(refused).toContain('"code":"shutting_down"');
  finish(sampleVerdict);
  expect(await inHand.answer).toMatch(/^HTTP\/1\.1 200 /);
  await closed;
});
