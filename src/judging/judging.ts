import type { Trace } from '../domain/trace.ts';
import type { Verdict } from '../domain/verdict.ts';
import { sleep } from '../kafka/backoff.ts';
import type { HealthSource } from '../observe/health.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { JudgeQueue } from '../record/judging/contract.ts';
import type { AttemptDeps } from './attempt.ts';
import { createJudgeLoop } from './loop.ts';
import { createReporting } from './reporting.ts';
import { createWaiting, type Waiting } from './waiting.ts';

// The judge tier at work: the loop over the queue, whoever waits for its answers, and its figures.

export interface JudgingDeps extends Omit<AttemptDeps, 'queue' | 'sleep'> {
  readonly store: {
    readonly judging: JudgeQueue;
    verdict(tenant: string, traceId: string): Promise<Verdict | null>;
  };
  readonly metrics: Metrics;
  /** Ids that labels of metrics may name. */
  readonly categories: ReadonlySet<string>;
  /** A final verdict was stored, and perhaps messages with it. */
  readonly onFinal: (trace: Trace, verdict: Verdict) => void;
}

export interface Judging {
  readonly waitForFinal: Waiting['final'];
  readonly health: HealthSource;
  readonly progress: HealthSource;
  start(): void;
  /** There may be work. */
  notify(): void;
  stop(withinMs: number): Promise<void>;
}

const REPORT_EVERY = 5_000;

export const createJudging = (deps: JudgingDeps): Judging => {
  const { store, metrics, categories, log, clock, onFinal } = deps;
  const reporting = createReporting({ queue: store.judging, categories, metrics, clock });
  const waiting = createWaiting({ find: store.verdict, sleep });
  const loop = createJudgeLoop({
    ...deps,
    queue: store.judging,
    sleep,
    onEnded: (job, ended) => {
      reporting.ended(job, ended);
      if (ended.verdict === null) return;
      waiting.tell(job.trace.tenant, ended.verdict);
      onFinal(job.trace, ended.verdict);
    },
  });
  const report = (): void => {
    reporting.report().catch((error: unknown) => {
      log.debug({ component: 'judging', error }, 'the figures of the queue could not be read');
    });
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    waitForFinal: waiting.final,
    health: { name: 'judging', required: false, check: loop.health },
    progress: { name: 'judging', required: true, check: loop.liveness },
    start: () => {
      timer = setInterval(report, REPORT_EVERY);
      report();
      loop.start();
    },
    notify: loop.notify,
    stop: async (withinMs) => {
      clearInterval(timer);
      await loop.stop(withinMs);
    },
  };
};
