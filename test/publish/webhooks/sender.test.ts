import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createSender } from '../../../src/publish/webhooks/sender.ts';

// One attempt against a real server that does what servers do.

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
};

const never = new AbortController().signal;
const send = createSender({ allowPrivate: true, timeoutMs: 30_000 });
const HEADERS = { 'content-type': 'application/json', 'webhook-id': 'm-1' };

test('the body and the headers arrive as they were given', async () => {
  const seen: unknown[] = [];
  const url = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    seen.push([request.method, request.url, request.headers['webhook-id'], Buffer.concat(chunks).toString()]);
    response.writeHead(204).end();
  });
  expect(await send(url, HEADERS, '{"ü":1}', never)).toEqual({ kind: 'answered', status: 204, retryAfter: undefined });
  expect(seen).toEqual([['POST', '/hook', 'm-1', '{"ü":1}']]);
});

test.each([500, 429, 404])('%i is an answer, with what it says of waiting', async (status) => {
  const url = await serve((_, response) => response.writeHead(status, { 'retry-after': '7' }).end('no'));
  expect(await send(url, HEADERS, '{}', never)).toEqual({ kind: 'answered', status, retryAfter: '7' });
});

test('a redirect is an answer and nothing more: nobody is sent to the metadata address', async () => {
  let asked = 0;
  const url = await serve((_, response) => {
    asked += 1;
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
  });
  expect(await send(url, HEADERS, '{}', never)).toMatchObject({ kind: 'answered', status: 302 });
  expect(asked).toBe(1);
});

test('who hangs is given up in time', async () => {
  const url = await serve(() => {});
  const hasty = createSender({ allowPrivate: true, timeoutMs: 100 });
  expect(await hasty(url, HEADERS, '{}', never)).toEqual({ kind: 'failed', reason: 'timeout' });
});

test('who sends headers byte by byte is given up in time', async () => {
  const url = await serve((request) => {
    const drip = setInterval(() => request.socket.write('H'), 10);
    request.socket.on('close', () => clearInterval(drip));
    request.socket.on('error', () => {});
  });
  const hasty = createSender({ allowPrivate: true, timeoutMs: 150 });
  expect((await hasty(url, HEADERS, '{}', never)).kind).toBe('failed');
});

test('an endless answer is not read', async () => {
  let closed: () => void = () => {};
  const gone = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const url = await serve((_, response) => {
    response.writeHead(200);
    const flood = setInterval(() => response.write('x'.repeat(65_536)), 1);
    response.on('close', () => {
      clearInterval(flood);
      closed();
    });
  });
  expect(await send(url, HEADERS, '{}', never)).toMatchObject({ kind: 'answered', status: 200 });
  await gone;
});

test('who slams the door is a failure, as is who is not there', async () => {
  const url = await serve((request) => request.socket.destroy());
  expect(await send(url, HEADERS, '{}', never)).toEqual({ kind: 'failed', reason: 'ECONNRESET' });
  expect(await send('http://127.0.0.1:1/', HEADERS, '{}', never)).toEqual({ kind: 'failed', reason: 'ECONNREFUSED' });
});

test('a stop cuts an attempt short', async () => {
  const url = await serve(() => {});
  const stop = new AbortController();
  const attempt = send(url, HEADERS, '{}', stop.signal);
  stop.abort();
  expect((await attempt).kind).toBe('failed');
});

const refused = { kind: 'failed', reason: 'forbidden_address' };
const strict = createSender({ allowPrivate: false, timeoutMs: 5_000 });

test.each([
  'https://127.0.0.1/',
  'https://localhost/',
  'https://[::1]/',
  'https://0x7f.1/',
  'https://2130706433/',
  'https://10.0.0.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://[::ffff:169.254.169.254]/',
])('%s is refused before anything is sent', async (url) => {
  expect(await strict(url, HEADERS, '{}', never)).toEqual(refused);
});

test('link-local addresses are refused even where private ones are allowed', async () => {
  expect(await send('http://169.254.169.254/', HEADERS, '{}', never)).toEqual(refused);
});

test('plain http goes to private addresses only', async () => {
  expect(await send('http://8.8.8.8/', HEADERS, '{}', never)).toEqual(refused);
});

test('a name that turns to a private address is refused when the connection is made', async () => {
  let asked = 0;
  const url = await serve(() => {
    asked += 1;
  });
  const { port } = new URL(url);
  const rebound = createSender({
    allowPrivate: false,
    timeoutMs: 5_000,
    lookup: ((_: string, __: object, done: (e: null, a: object[]) => void) =>
      done(null, [{ address: '127.0.0.1', family: 4 }])) as never,
  });
  expect(await rebound(`https://rebind.example:${port}/`, HEADERS, '{}', never)).toEqual(refused);
  expect(asked).toBe(0);
});

const openssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!openssl)(
  `a certificate that nobody vouches for is refused${openssl ? '' : ' (skipped: no openssl)'}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-tls-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        key,
        '-out',
        cert,
        '-days',
        '2',
        ...subject,
      ],
      { stdio: 'pipe' },
    );
    let asked = 0;
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => {
      asked += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await send(`https://127.0.0.1:${port}/`, HEADERS, '{}', never)).toEqual({
      kind: 'failed',
      reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(asked).toBe(0);
  },
);
