import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../observe/log.ts';
import type { Metrics } from '../../observe/metrics.ts';
import type { Expired } from './contract.ts';

// Retention by the clock. Every replica tries; the store lets one at a time get on with it.

export interface ScheduleDeps {
  readonly expire: () => Promise<Expired>;
  readonly intervalMs: number;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: Clock;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export interface RetentionSchedule {
  start(): void;
  /** Waits for the run in hand. */
  stop(): Promise<void>;
}

/** Not at once: a start has better things to do. */
const FIRST_RUN_MS = 60_000;

export const createRetentionSchedule = (deps: ScheduleDeps): RetentionSchedule => {
  const { expire, intervalMs, metrics, log, clock, sleep } = deps;
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  const runOnce = async (): Promise<void> => {
    try {
      const { gone, complete } = await expire();
      for (const [what, traces] of Object.entries(gone)) {
        metrics.count('cot_monitor_retention_traces_total', { what }, traces);
        if (traces > 0) log.info({ component: 'retention', reason: what, count: traces }, 'what was too old is gone');
      }
      metrics.count('cot_monitor_retention_runs_total', { result: complete ? 'complete' : 'cut_short' });
      if (complete) metrics.set('cot_monitor_retention_last_run_timestamp_seconds', clock().getTime() / 1_000);
    } catch (error) {
      metrics.count('cot_monitor_retention_runs_total', { result: 'failed' });
      log.error({ component: 'retention', error }, 'retention failed; the next run goes on');
    }
  };

  const run = async (): Promise<void> => {
    await sleep(Math.min(FIRST_RUN_MS, intervalMs), stopping.signal);
    while (!stopping.signal.aborted) {
      await runOnce();
      await sleep(intervalMs, stopping.signal);
    }
  };

  return {
    start: () => {
      loop = run();
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
};
