import { connect, type Socket } from 'node:net';

// The load of bench/http.ts, in a process of its own. Each connection sends the same request again as soon as the last one
// is answered. Answers are only split, not parsed, so that the load costs little beside the server.

export interface Burst {
  readonly port: number;
  readonly body: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface BurstResult {
  readonly done: number;
  readonly perSecond: number;
  readonly failed: number;
}

/** Where it stands in a body, each request gets a number of its own: a trace sent twice would be no work the second time. */
export const COUNTER = '@@@@@@@@@@';

let sent = 0;

/** The request with its next number written in, in place. */
const numbered = (request: Buffer, at: number): Buffer => {
  if (at >= 0) request.write(String(sent++).padStart(COUNTER.length, '0'), at, 'latin1');
  return request;
};

const requestOf = (body: string): Buffer =>
  Buffer.from(
    `POST /v1/monitor HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

/** Calls `answered` with the status of every answer. */
const splitAnswers = (socket: Socket, answered: (status: number) => void): void => {
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
    for (;;) {
      const head = received.indexOf('\r\n\r\n');
      if (head === -1) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(received.slice(0, head))?.[1] ?? 0);
      const end = head + 4 + length;
      if (received.length < end) return;
      const status = Number(received.slice(9, 12));
      received = received.slice(end);
      answered(status);
    }
  });
};

const run = async ({ port, body, connections, seconds }: Burst): Promise<BurstResult> => {
  let done = 0;
  let failed = 0;
  const sockets = Array.from({ length: connections }, () => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const request = requestOf(body);
    const at = request.indexOf(COUNTER);
    splitAnswers(socket, (status) => {
      if (status >= 200 && status < 300) done++;
      else failed++;
      socket.write(numbered(request, at));
    });
    socket.on('error', () => {
      failed++;
    });
    socket.on('connect', () => socket.write(numbered(request, at)));
    return socket;
  });
  const start = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const elapsed = (performance.now() - start) / 1_000;
  const result = { done, perSecond: done / elapsed, failed };
  for (const socket of sockets) {
    socket.removeAllListeners();
    socket.on('error', () => undefined);
    socket.destroy();
  }
  return result;
};

process.on('message', (burst) => {
  void run(burst as Burst).then((result) => process.send?.(result));
});
