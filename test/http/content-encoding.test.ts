import { type AddressInfo, connect } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Fixture, sampleTrace, startFixture } from './fixture.ts';

const CANARY = 'canary-77ab';
const JSON_BYTES = Buffer.from(JSON.stringify({ ...sampleTrace, note: CANARY }));

const post = ({ app }: Fixture, body: Buffer, encoding: string) =>
  app.inject({
    method: 'POST',
    url: '/v1/monitor',
    headers: { 'content-type': 'application/json', 'content-encoding': encoding },
    body,
  });

describe('a body', () => {
  test.each(['gzip', 'GZIP', 'x-gzip'])('in %s is read as what it holds', async (encoding) => {
    const fixture = await startFixture();
    expect((await post(fixture, gzipSync(JSON_BYTES), encoding)).statusCode).toBe(200);
    expect(fixture.submissions.map(({ payload }) => payload)).toEqual([JSON.parse(JSON_BYTES.toString())]);
  });

  test('that says it is plain is read as it is', async () => {
    expect((await post(await startFixture(), JSON_BYTES, 'identity')).statusCode).toBe(200);
  });

  test.each([
    ['gzip cut in the middle', gzipSync(JSON_BYTES).subarray(0, 40)],
    ['gzip without its end', gzipSync(JSON_BYTES).subarray(0, -4)],
    ['no gzip at all', JSON_BYTES],
    ['gzip with a broken checksum', Buffer.concat([gzipSync(JSON_BYTES).subarray(0, -8), Buffer.alloc(8)])],
    ['gzip followed by rubbish', Buffer.concat([gzipSync(JSON_BYTES), gzipSync(JSON_BYTES).subarray(0, 12)])],
  ])('of %s is refused', async (_, body) => {
    const fixture = await startFixture();
    const answer = await post(fixture, body, 'gzip');
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid_compression' });
    expect(answer.body).not.toContain(CANARY);
    expect(fixture.submissions).toEqual([]);
  });

  test('of gzip that says it is plain is refused', async () => {
    const answer = await post(await startFixture(), gzipSync(JSON_BYTES), 'identity');
    expect(answer.json()).toMatchObject({ status: 400, code: 'invalid_encoding' });
  });

  test.each([
    ['deflate', deflateSync(JSON_BYTES)],
    ['gzip, gzip', gzipSync(gzipSync(JSON_BYTES))],
    ['br', JSON_BYTES],
    [CANARY, JSON_BYTES],
  ])('in %s is 415, and the answer says what is read', async (encoding, body) => {
    const answer = await post(await startFixture(), body, encoding);
    expect(answer.statusCode).toBe(415);
    expect(answer.json()).toMatchObject({ code: 'unsupported_media_type' });
    expect(answer.headers['accept-encoding']).toBe('gzip, identity');
    expect(answer.body).not.toContain(CANARY);
  });

  test('that unpacks to more than the limit is refused before it is unpacked', async () => {
    const fixture = await startFixture();
    const answer = await post(fixture, gzipSync(Buffer.alloc(4 * 1024 * 1024, 0x20)), 'gzip');
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({ code: 'body_too_large' });
  });
});

test('a client that hangs up in the middle of its gzip leaves its place and no error behind', async () => {
  const fixture = await startFixture();
  await fixture.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = fixture.app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'POST /v1/monitor HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: 99\r\n\r\n',
  );
  socket.write(gzipSync(JSON_BYTES).subarray(0, 30));
  const inFlight = (): Promise<string[]> => fixture.metricLines('cot_monitor_http_in_flight');
  await expect.poll(inFlight).toEqual(['cot_monitor_http_in_flight 1']);
  socket.destroy();
  await expect.poll(inFlight).toEqual(['cot_monitor_http_in_flight 0']);
  expect(fixture.submissions).toEqual([]);
});
