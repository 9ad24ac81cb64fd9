import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CodedError } from '../../../src/domain/errors.ts';
import type { Verdict } from '../../../src/domain/verdict.ts';
import type { HttpDeps } from '../../../src/http/deps.ts';
import type { Submission } from '../../../src/pipeline.ts';
import { type Fixture, PROBLEM_TYPE, sampleVerdict, startFixture } from '../fixture.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const CANARY = 'canary-77ab';

const post = ({ app }: Fixture, body: string | Buffer, query = '', headers: Record<string, string> = NDJSON) =>
  app.inject({ method: 'POST', url: `/v1/monitor/batch${query}`, headers, body });

const parsed = (body: string): { line: number; [key: string]: unknown }[] =>
  body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const config = (fixture: Partial<HttpDeps['config']>): HttpDeps['config'] => ({
  maxBodyBytes: 64 * 1024,
  requestTimeoutMs: 10_000,
  maxInFlight: 8,
  streams: { idleMs: 10_000, deadlineMs: 60_000, maxOpen: 8, bufferBytes: 1_048_576 },
  ...fixture,
});

/** Verdicts that say which trace they are of; each waits until it is let go, if told so. */
const pipeline = () => {
  const seen: Submission[] = [];
  const held = new Map<string, () => void>();
  let hold = false;
  let inHand = 0;
  let most = 0;
  return {
    seen,
    held,
    holdAll: () => {
      hold = true;
    },
    most: () => most,
    process: async (submission: Submission): Promise<Verdict> => {
      seen.push(submission);
      most = Math.max(most, ++inHand);
      const { id } = submission.payload as { id: string };
      if (hold) await new Promise<void>((resolve) => held.set(id, resolve));
      await new Promise((resolve) => setImmediate(resolve));
      inHand--;
      if (id.startsWith('bad')) throw new CodedError('empty_trace', 'detail');
      if (id.startsWith('bug')) throw new Error(CANARY);
      return { ...sampleVerdict, traceId: id };
    },
  };
};

const trace = (id: string) => JSON.stringify({ id, segments: [{ kind: 'reasoning', text: 'x' }] });

/** A client over a real socket: sends what it is told, and shows what came. */
const openClient = async ({ app }: Fixture) => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    answer += chunk;
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(
    'POST /v1/monitor/batch HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n',
  );
  return {
    socket,
    closed,
    answer: () => answer,
    send: (text: string) => socket.write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`),
    end: () => socket.write('0\r\n\r\n'),
  };
};

describe('POST /v1/monitor/batch', () => {
  test('answers every line in order, and a bad one does not end the batch', async () => {
    const { process } = pipeline();
    const fixture = await startFixture({ process });
    const body = [
      trace('a'),
      '{"broken',
      '',
      trace('bad-1'),
      '"\xff',
      trace('bug-1'),
      'x'.repeat(70_000),
      trace('b'),
    ].join('\n');
    const answer = await post(fixture, Buffer.from(body, 'latin1'));
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(parsed(answer.body).map(({ line, traceId, code, status }) => [line, traceId ?? code, status])).toEqual([
      [1, 'a', 'final'],
      [2, 'malformed_json', 400],
      [4, 'empty_trace', 400],
      [5, 'invalid_encoding', 400],
      [6, 'internal', 500],
      [7, 'body_too_large', 413],
      [8, 'b', 'final'],
    ]);
    expect(answer.body).not.toContain(CANARY);
    expect(await fixture.metricLines('cot_monitor_batch_lines_total')).toEqual([
      'cot_monitor_batch_lines_total{result="refused"} 5',
      'cot_monitor_batch_lines_total{result="stored"} 2',
    ]);
  });

  test('a line’s answer is the verdict, with the number of the line', async () => {
    const fixture = await startFixture({ process: pipeline().process });
    expect(parsed((await post(fixture, trace('a'))).body)).toEqual([{ line: 1, ...sampleVerdict, traceId: 'a' }]);
    expect(parsed((await post(fixture, trace('a'), '?mode=async')).body)).toEqual([
      { line: 1, traceId: 'a', status: 'accepted' },
    ]);
  });

  test('takes the format for all lines from query or header, and nothing else', async () => {
    const { process, seen } = pipeline();
    const fixture = await startFixture({ process });
    await post(fixture, trace('a'), '?format=canonical');
    expect(seen[0]).toMatchObject({ format: 'canonical', tenant: 'default' });
    const both = await post(fixture, trace('a'), '?format=canonical', { ...NDJSON, 'x-trace-format': 'short' });
    expect(both.statusCode).toBe(400);
    expect((await post(fixture, trace('a'), '?formats=canonical')).json()).toMatchObject({ code: 'invalid_query' });
    for (const type of ['application/json', 'text/event-stream', 'text/plain']) {
      const answer = await post(fixture, trace('a'), '', { 'content-type': type });
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([415, PROBLEM_TYPE]);
    }
  });

  test('an empty body is answered with no line', async () => {
    const fixture = await startFixture({ process: pipeline().process });
    expect((await post(fixture, '\n\n')).body).toBe('');
  });

  test('keeps the order of thousands of lines, a bounded number of them in hand', async () => {
    const { process, most } = pipeline();
    const fixture = await startFixture({ process, config: config({ maxInFlight: 32 }) });
    const ids = Array.from({ length: 3_000 }, (_, i) => (i % 7 === 0 ? `bad-${i}` : `t-${i}`));
    const answers = parsed((await post(fixture, ids.map(trace).join('\n'))).body);
    expect(answers.map(({ line, traceId, code }) => [line, traceId ?? code])).toEqual(
      ids.map((id, i) => [i + 1, id.startsWith('bad') ? 'empty_trace' : id]),
    );
    expect(most()).toBeLessThanOrEqual(24);
    expect(await fixture.metricLines('cot_monitor_http_in_flight')).toEqual(['cot_monitor_http_in_flight 0']);
  });

  test('reads gzip, and says where it broke off', async () => {
    const fixture = await startFixture({ process: pipeline().process });
    const packed = gzipSync(`${trace('a')}\n${trace('b')}\n`);
    const headers = { ...NDJSON, 'content-encoding': 'gzip' };
    expect(parsed((await post(fixture, packed, '', headers)).body).map(({ traceId }) => traceId)).toEqual(['a', 'b']);
    const cut = parsed((await post(fixture, packed.subarray(0, packed.length - 6), '', headers)).body);
    expect(cut.at(-1)).toMatchObject({ code: 'invalid_compression' });
  });

  test('answers a line while the next one has not been sent', async () => {
    const fixture = await startFixture({ process: pipeline().process });
    const client = await openClient(fixture);
    client.send(`${trace('a')}\n`);
    await expect.poll(client.answer).toContain('"traceId":"a"');
    client.send(`${trace('b')}\n`);
    await expect.poll(client.answer).toContain('"traceId":"b"');
    client.end();
    await expect.poll(client.answer).toMatch(/\r\n0\r\n\r\n$/);
    client.socket.destroy();
  });

  test('a line is not answered before its verdict is durable', async () => {
    const { process, holdAll, held } = pipeline();
    holdAll();
    const fixture = await startFixture({ process });
    const client = await openClient(fixture);
    client.send(`${trace('a')}\n${trace('b')}\n`);
    await expect.poll(() => held.size).toBe(2);
    held.get('b')!();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.answer()).not.toContain('"line"');
    held.get('a')!();
    await expect.poll(client.answer).toContain('"line":2');
    client.socket.destroy();
  });

  test('a client that goes away is not read any further, and what it sent in time is kept', async () => {
    const { process, holdAll, held, seen } = pipeline();
    holdAll();
    const fixture = await startFixture({ process });
    const client = await openClient(fixture);
    client.send(`${trace('a')}\n`);
    await expect.poll(() => held.size).toBe(1);
    client.socket.destroy();
    await client.closed;
    held.get('a')!();
    await expect
      .poll(() => fixture.metricLines('cot_monitor_batch_lines_total{result="stored"}'))
      .toEqual(['cot_monitor_batch_lines_total{result="stored"} 1']);
    expect(seen.length).toBe(1);
    expect(await fixture.metricLines('cot_monitor_http_in_flight')).toEqual(['cot_monitor_http_in_flight 0']);
  });

  test('a client that sends nothing for too long is told, and let go', async () => {
    const streams = { idleMs: 100, deadlineMs: 60_000, maxOpen: 8, bufferBytes: 1_048_576 };
    const fixture = await startFixture({ process: pipeline().process, config: config({ streams }) });
    const client = await openClient(fixture);
    client.send(`${trace('a')}\n`);
    await expect.poll(client.answer).toContain('"line":1');
    await expect.poll(client.answer).toMatch(/"line":2,.*"code":"request_timeout"/);
    await client.closed;
  });

  test('a client that stops reading is not read from either, and let go in the end', async () => {
    const streams = { idleMs: 300, deadlineMs: 60_000, maxOpen: 8, bufferBytes: 1_048_576 };
    const { process, seen } = pipeline();
    const big = { ...sampleVerdict, findings: Array.from({ length: 200 }, () => sampleVerdict.findings[0]!) };
    const fixture = await startFixture({
      process: async (submission) => ({ ...big, traceId: (await process(submission)).traceId }),
      config: config({ streams }),
    });
    const client = await openClient(fixture);
    client.socket.pause();
    const total = 5_000;
    for (let i = 0; i < total; i++) client.send(`${trace(`t-${i}`)}\n`);
    client.end();
    client.socket.on('error', () => undefined);
    await expect
      .poll(() => fixture.metricLines('cot_monitor_http_in_flight'), { timeout: 10_000 })
      .toEqual(['cot_monitor_http_in_flight 0']);
    expect(seen.length).toBeLessThan(total);
    client.socket.destroy();
  });

  test('while the service shuts down, lines in hand are answered and the client is told where to go on', async () => {
    const { process, holdAll, held } = pipeline();
    holdAll();
    const fixture = await startFixture({ process });
    const client = await openClient(fixture);
    client.send(`${trace('a')}\n`);
    await expect.poll(() => held.size).toBe(1);
    const closing = fixture.app.close();
    held.get('a')!();
    await expect.poll(client.answer).toMatch(/"line":1,.*\n.*"line":2,.*"code":"shutting_down"/s);
    client.end();
    await closing;
  });

  test('the limit of open batches is answered 503', async () => {
    const fixture = await startFixture({ process: pipeline().process });
    await fixture.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = fixture.app.server.address() as AddressInfo;
    const head =
      'POST /v1/monitor/batch HTTP/1.1\r\nhost: x\r\ncontent-type: application/jsonl\r\ntransfer-encoding: chunked\r\n\r\n';
    const sockets = Array.from({ length: 40 }, () =>
      connect(port, '127.0.0.1', function (this: import('node:net').Socket) {
        this.write(head);
      }),
    );
    let refused = 0;
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        if (chunk.toString().startsWith('HTTP/1.1 503')) refused++;
      });
    }
    await expect.poll(() => refused).toBe(8);
    for (const socket of sockets) socket.destroy();
  });
});
