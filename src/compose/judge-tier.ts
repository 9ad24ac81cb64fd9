import { randomBytes } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { createJudge } from '../detectors/judge/judge.ts';
import type { Clock } from '../domain/clock.ts';
import type { Taxonomy } from '../domain/taxonomy.ts';
import type { Verdict } from '../domain/verdict.ts';
import { createJudging, type JudgingDeps } from '../judging/judging.ts';
import type { HealthSource } from '../observe/health.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Releasers } from '../releasers.ts';

// The judge and the worker that feeds it, where one is configured.

export interface JudgeTier {
  readonly parts: readonly HealthSource[];
  readonly progress: readonly HealthSource[];
  waitForFinal(tenant: string, traceId: string, signal: AbortSignal): Promise<Verdict | null>;
  /** There may be work. */
  notify(): void;
  /** The service goes down: nobody waits for the judge any longer. */
  hurry(): void;
}

export interface JudgeTierDeps extends Pick<JudgingDeps, 'store' | 'finalise' | 'onFinal'> {
  readonly config: Pick<Config, 'role' | 'judge' | 'judging' | 'drainTimeoutMs'>;
  readonly taxonomy: Taxonomy;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: Clock;
}

export const startJudgeTier = (
  { config, store, finalise, onFinal, taxonomy, metrics, log, clock }: JudgeTierDeps,
  releasers: Releasers,
): JudgeTier | undefined => {
  if (config.judge === undefined) return undefined;
  const { categories } = taxonomy;
  const judge = createJudge(config.judge, {
    categories,
    metrics,
    log,
    clock,
    random: randomBytes,
    jitter: Math.random,
  });
  const judging = createJudging({
    store,
    judge,
    finalise,
    // Where others do the work, this process only waits for what comes of it.
    settings: config.role === 'api' ? { ...config.judging, concurrency: 0 } : config.judging,
    categories: taxonomy.ids,
    metrics,
    log,
    clock,
    random: Math.random,
    onFinal,
  });
  const closing = new AbortController();
  judging.start();
  releasers.add('judging', () => judging.stop(config.drainTimeoutMs));
  return {
    parts: [judging.health, { name: 'judge', required: false, check: judge.health }],
    progress: [judging.progress],
    waitForFinal: (tenant, traceId, signal) =>
      judging.waitForFinal(tenant, traceId, config.judging.waitMs, AbortSignal.any([signal, closing.signal])),
    notify: judging.notify,
    hurry: () => closing.abort(),
  };
};
