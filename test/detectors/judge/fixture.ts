import { randomBytes } from 'node:crypto';
import type { JudgeConfig } from '../../../src/config/judge.ts';
import type { JudgeAnswer } from '../../../src/detectors/judge/contract.ts';
import { createJudge, type EndpointJudge, type JudgeDeps } from '../../../src/detectors/judge/judge.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import type { Trace } from '../../../src/domain/trace.ts';
import { createLogger } from '../../../src/observe/log.ts';
import { createMetrics, type Metrics } from '../../../src/observe/metrics.ts';
import { CATEGORIES } from '../../support/taxonomy.ts';

export interface TestJudge {
  readonly judge: EndpointJudge;
  readonly metrics: Metrics;
  /** Judges a trace, with nothing to call it off. */
  ask(trace: Trace): Promise<JudgeAnswer>;
}

export const judgeConfig = (baseUrl: string, changes: Partial<JudgeConfig> = {}): JudgeConfig => ({
  first: { baseUrl, apiKey: 'k-1', model: 'judge-a', headers: {}, price: undefined },
  second: undefined,
  timeoutMs: 5_000,
  concurrency: 4,
  attempts: 1,
  breaker: { failures: 5, openMs: 60_000 },
  contextTokens: 32_000,
  maxOutputTokens: 4_000,
  maxTraceTokens: 200_000,
  paraphrase: false,
  stream: false,
  promptDir: undefined,
  ...changes,
});

export const testJudge = (config: JudgeConfig, changes: Partial<JudgeDeps> = {}): TestJudge => {
  const { metrics = createMetrics({ processMetrics: false }) } = changes;
  const judge = createJudge(config, {
    categories: CATEGORIES,
    metrics,
    log: createLogger('silent'),
    clock: systemClock,
    random: randomBytes,
    jitter: () => 0,
    ...changes,
  });
  return {
    judge,
    metrics,
    ask: (trace) => judge.judge({ trace, tenant: trace.tenant, signal: new AbortController().signal }),
  };
};
