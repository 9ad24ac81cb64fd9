import { randomUUID } from 'node:crypto';
import { type AddressInfo, connect } from 'node:net';
import type { HttpDeps } from '../src/http/deps.ts';
import { CLEAR, monitorServer, traceBody } from './http.ts';
import { openPipeline } from './pipeline.ts';

// A batch over a socket against the pipeline called in-process with as many traces in hand: rules, PostgreSQL with fsync.
// The two alternate; the figure is the median of the ratios of neighbours. Then one long batch with an immediate
// verdict behind it, for what it holds.

const LINES = Number(process.argv[2] ?? 4_000);
const LONG = Number(process.argv[3] ?? 0);
const IN_HAND = 64;

const { pipeline, close } = await openPipeline();
const body = JSON.parse(traceBody()) as object;
const next = () => ({ ...body, id: randomUUID() });

const direct = async (): Promise<number> => {
  const started = performance.now();
  let left = LINES;
  await Promise.all(
    Array.from({ length: IN_HAND }, async () => {
      while (left-- > 0)
        await pipeline.process({ payload: JSON.parse(JSON.stringify(next())), tenant: 'default' }, 'http');
    }),
  );
  return (LINES * 1_000) / (performance.now() - started);
};

const app = monitorServer(pipeline.process as HttpDeps['process']);
await app.listen({ host: '127.0.0.1', port: 0 });

const batch = async (lines: number, server = app): Promise<{ perSecond: number; heap: number }> => {
  const { port } = server.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  let heap = 0;
  const done = Promise.withResolvers<void>();
  socket.on('data', (chunk: Buffer) => {
    heap = Math.max(heap, process.memoryUsage().heapUsed);
    if (chunk.subarray(-7).toString().endsWith('\r\n0\r\n\r\n')) done.resolve();
  });
  socket.write(
    'POST /v1/monitor/batch?mode=async HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n',
  );
  const started = performance.now();
  for (let i = 0; i < lines; i++) {
    const line = `${JSON.stringify(next())}\n`;
    if (!socket.write(`${Buffer.byteLength(line).toString(16)}\r\n${line}\r\n`)) {
      await new Promise((resolve) => socket.once('drain', resolve));
    }
  }
  socket.write('0\r\n\r\n');
  await done.promise;
  socket.destroy();
  return { perSecond: (lines * 1_000) / (performance.now() - started), heap };
};

await direct();
await batch(LINES);
const rounds: { readonly inProcess: number; readonly ratio: number }[] = [];
for (let i = 0; i < 5; i++) {
  const inProcess = await direct();
  rounds.push({ inProcess, ratio: (await batch(LINES)).perSecond / inProcess });
}
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
console.log(`pipeline in-process: ${median(rounds.map(({ inProcess }) => inProcess)).toFixed(0)} traces/s`);
console.log(`batch against it: ${median(rounds.map(({ ratio }) => ratio)).toFixed(2)} × (bound 0.80)`);
if (LONG > 0) {
  const idle = monitorServer(async () => CLEAR);
  await idle.listen({ host: '127.0.0.1', port: 0 });
  const { perSecond, heap } = await batch(LONG, idle);
  const size = (heap / 1024 / 1024).toFixed(0);
  console.log(`${LONG} lines: ${perSecond.toFixed(0)} lines/s, heap at most ${size} MiB`);
  await idle.close();
}
await app.close();
await close();
