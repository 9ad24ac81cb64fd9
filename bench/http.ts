import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type FastifyInstance, fastify } from 'fastify';
import { systemClock } from '../src/domain/clock.ts';
import type { Verdict } from '../src/domain/verdict.ts';
import type { HttpDeps } from '../src/http/deps.ts';
import { idleStore } from '../src/http/openapi-document.ts';
import { buildServer } from '../src/http/server.ts';
import { createHealth } from '../src/observe/health.ts';
import { createLogger } from '../src/observe/log.ts';
import { createMetrics } from '../src/observe/metrics.ts';
import { SHIPPED } from '../src/taxonomy/shipped.ts';
import { type Burst, type BurstResult, COUNTER } from './http-load.ts';

// POST /v1/monitor with an 8 KB trace against a bare Fastify route that only parses the same body, over 32 connections
// from another process. Bursts of the two alternate, so that whatever else the machine does hits both; the figure is the
// median of the ratios of neighbours. Beside it stands the ratio of processor time per request in the serving process,
// which other load on the machine disturbs less. `process` is what stands behind the route: by default it answers at once, which
// measures the REST side alone.

export interface HttpBenchOptions {
  readonly process: HttpDeps['process'];
  /** What stands behind the route, for the printed line. */
  readonly behind: string;
  readonly rounds: number;
  readonly secondsPerBurst: number;
  readonly connections: number;
}

export interface HttpBenchResult {
  /** Requests per second of /v1/monitor over those of the bare route: median, lowest and highest of the rounds. */
  readonly ratio: { readonly median: number; readonly lowest: number; readonly highest: number };
  readonly monitorPerSecond: number;
  readonly barePerSecond: number;
  /** Microseconds of processor time of this process per request, worker threads included. */
  readonly monitorCpu: number;
  readonly bareCpu: number;
}

const SENTENCES = [
  'The user wants the failing build fixed before the release goes out tonight. ',
  'I will read the log first, then look at the two tests that fail. ',
  'The second one times out, so it is probably the network and not the parser. ',
  'Let me check whether the fixture still matches the schema. ',
];

const prose = (length: number): string => {
  let text = '';
  for (let i = 0; text.length < length; i++) text += SENTENCES[i % SENTENCES.length];
  return text.slice(0, length);
};

/** About 8 KB of JSON. */
export const traceBody = (): string =>
  JSON.stringify({
    conversationId: `c-${COUNTER}`,
    model: { provider: 'openai', name: 'o1', version: '2024-12-17' },
    segments: [
      { kind: 'user', text: prose(900) },
      { kind: 'reasoning', text: prose(5_600) },
      { kind: 'tool_call', name: 'bash', text: prose(400) },
      { kind: 'answer', text: prose(900) },
    ],
  });

export const CLEAR: Verdict = {
  traceId: 't-1',
  conversationId: 'c-42',
  status: 'final',
  assessment: { state: 'assessed', reasons: [] },
  decision: 'clear',
  risk: 0.01,
  findings: [],
  views: { reasoning: 0.01, reasoning_summary: null, answer: 0.01, action: 0, cross: 0 },
  actionsAloneWouldFlag: false,
  unread: [],
  versions: { rules: 'r', classifier: null, prompt: null, policy: 'p' },
  timings: { heuristics: 0.1 },
};

const immediately: HttpDeps['process'] = async () => CLEAR;

const unread = async (): Promise<never> => {
  throw new TypeError('the benchmark only posts');
};

export const monitorServer = (process: HttpDeps['process']): FastifyInstance =>
  buildServer({
    process,
    store: idleStore(unread),
    expire: unread,
    candidate: () => {
      throw new TypeError('no policy is tried here');
    },
    live: {
      open: () => ({ take: async () => undefined, close: () => undefined }),
      events: () => {
        throw new TypeError('the benchmark only posts');
      },
    },
    rules: () => [],
    categories: SHIPPED.categories,
    health: createHealth([], []),
    metrics: createMetrics({ processMetrics: true }),
    log: createLogger('warn'),
    config: {
      maxBodyBytes: 16 * 1024 * 1024,
      requestTimeoutMs: 30_000,
      maxInFlight: 256,
      streams: { idleMs: 60_000, deadlineMs: 1_800_000, maxOpen: 1_000, bufferBytes: 268_435_456 },
    },
    access: { ratePerMinute: 0, corsOrigins: [], metricsNeedKey: false },
    clock: systemClock,
    newRequestId: randomUUID,
  });

const bareServer = (): FastifyInstance => {
  const app = fastify({ logger: false });
  app.post('/v1/monitor', async () => ({ ok: true }));
  return app;
};

const listen = async (app: FastifyInstance): Promise<number> => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
};

interface Measured {
  readonly perSecond: number;
  /** Microseconds. */
  readonly cpuPerRequest: number;
}

const burstFrom = (child: ChildProcess, burst: Burst): Promise<Measured> =>
  new Promise((resolve, reject) => {
    const before = process.cpuUsage();
    child.once('message', (message) => {
      const { done, perSecond, failed } = message as BurstResult;
      const { user, system } = process.cpuUsage(before);
      if (failed > 0) reject(new Error(`${failed} requests were not answered 2xx`));
      else resolve({ perSecond, cpuPerRequest: (user + system) / done });
    });
    child.send(burst);
  });

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

export const benchHttp = async (options: HttpBenchOptions): Promise<HttpBenchResult> => {
  const monitor = monitorServer(options.process);
  const bare = bareServer();
  const child = fork(fileURLToPath(new URL('http-load.ts', import.meta.url)));
  try {
    const common = { body: traceBody(), connections: options.connections };
    const toMonitor = { ...common, port: await listen(monitor) };
    const toBare = { ...common, port: await listen(bare) };
    for (const target of [toMonitor, toBare]) await burstFrom(child, { ...target, seconds: 1 });
    const rounds: { monitor: Measured; bare: Measured }[] = [];
    for (let i = 0; i < options.rounds; i++) {
      const measure = (target: Omit<Burst, 'seconds'>) =>
        burstFrom(child, { ...target, seconds: options.secondsPerBurst });
      // Whoever goes second may find the machine warmer: take turns.
      if (i % 2 === 0) rounds.push({ monitor: await measure(toMonitor), bare: await measure(toBare) });
      else {
        const first = await measure(toBare);
        rounds.push({ bare: first, monitor: await measure(toMonitor) });
      }
    }
    const ratios = rounds.map(({ monitor: ours, bare: theirs }) => ours.perSecond / theirs.perSecond);
    return {
      ratio: { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) },
      monitorPerSecond: median(rounds.map((round) => round.monitor.perSecond)),
      barePerSecond: median(rounds.map((round) => round.bare.perSecond)),
      monitorCpu: median(rounds.map((round) => round.monitor.cpuPerRequest)),
      bareCpu: median(rounds.map((round) => round.bare.cpuPerRequest)),
    };
  } finally {
    child.kill();
    await Promise.all([monitor.close(), bare.close()]);
  }
};

export const printHttpBench = (options: HttpBenchOptions, result: HttpBenchResult): void => {
  const { median: middle, lowest, highest } = result.ratio;
  console.log(
    `${middle.toFixed(2)} × of a bare Fastify route that parses the same body (${lowest.toFixed(2)}–${highest.toFixed(2)}), ` +
      `${options.behind} behind /v1/monitor, ${Buffer.byteLength(traceBody())} bytes, ${options.connections} connections: ` +
      `${Math.round(result.monitorPerSecond)} against ${Math.round(result.barePerSecond)} requests/s; ` +
      `${(result.bareCpu / result.monitorCpu).toFixed(2)} × by processor time ` +
      `(${Math.round(result.monitorCpu)} against ${Math.round(result.bareCpu)} µs a request)`,
  );
};

if (import.meta.main) {
  const options = { process: immediately, behind: 'nothing', rounds: 7, secondsPerBurst: 2, connections: 32 };
  printHttpBench(options, await benchHttp(options));
}
