import type { Clock } from '../domain/clock.ts';
import { CANARY_TENANT } from '../domain/judging.ts';
import { bounded, type Metrics } from '../observe/metrics.ts';
import type { JudgeJob, JudgeQueue } from '../record/judging/contract.ts';
import { clopperPearson } from '../report/statistics/binomial.ts';
import type { Ended } from './attempt.ts';

// The figures of the cascade: how the queue stands, what became of jobs, and what the share drawn at random from below the
// band says about the rest of it. All of it comes from the shared store, so every replica shows the same.

export interface ReportingDeps {
  /** What labels may name: the taxonomy's. */
  readonly categories: ReadonlySet<string>;
  readonly queue: Pick<JudgeQueue, 'stats' | 'shadow'>;
  readonly metrics: Pick<Metrics, 'count' | 'set'>;
  readonly clock: Clock;
}

export interface Reporting {
  ended(job: JudgeJob, ended: Ended): void;
  /** Reads the store and sets the gauges. */
  report(): Promise<void>;
}

/** How far back the shadow sample is counted. */
const SHADOW_MS = 30 * 86_400_000;

export const createReporting = ({ queue, categories, metrics, clock }: ReportingDeps): Reporting => ({
  ended: (job, { ending, verdict, outcome }) => {
    metrics.count('cot_monitor_judge_jobs_total', { cause: job.cause, result: ending });
    if (verdict === null || outcome === null || job.trace.tenant === CANARY_TENANT) return;
    metrics.count('cot_monitor_final_verdicts_total', { before: job.provisional.decision, decision: verdict.decision });
    for (const reason of verdict.assessment.reasons) {
      if (!job.provisional.assessment.reasons.includes(reason)) {
        metrics.count('cot_monitor_coverage_reasons_total', { reason });
      }
    }
    for (const { category, stance, view, severity } of outcome.kind === 'hit' ? outcome.findings : []) {
      const labels = { category: bounded(category, categories), stance, view, severity };
      metrics.count('cot_monitor_findings_total', labels);
    }
  },
  report: async () => {
    const { waiting, leased, dead, oldest } = await queue.stats();
    metrics.set('cot_monitor_judge_queue_jobs', waiting, { state: 'waiting' });
    metrics.set('cot_monitor_judge_queue_jobs', leased, { state: 'leased' });
    metrics.set('cot_monitor_judge_queue_jobs', dead, { state: 'dead' });
    const now = clock().getTime();
    const age = oldest === null ? 0 : Math.max(0, now - oldest.getTime()) / 1_000;
    metrics.set('cot_monitor_judge_queue_age_seconds', age);
    const { judged, missed } = await queue.shadow(new Date(now - SHADOW_MS));
    metrics.set('cot_monitor_shadow_judged', judged);
    // With nothing judged nothing is known: anything from no misses to all of them.
    const { value, low, high } = judged === 0 ? { value: 0, low: 0, high: 1 } : clopperPearson(missed, judged);
    metrics.set('cot_monitor_shadow_miss_share', value, { bound: 'estimate' });
    metrics.set('cot_monitor_shadow_miss_share', low, { bound: 'low' });
    metrics.set('cot_monitor_shadow_miss_share', high, { bound: 'high' });
  },
});
