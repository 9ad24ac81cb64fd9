import { JUDGE_CAUSES } from '../../domain/judging.ts';
import type { MetricSpecs } from './metric.ts';

// The judge, its queue, the random share below the band, and the traces with known answers.

/** Judges take seconds, and minutes on a slow machine. */
const JUDGE_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300];

export const JUDGE_METRICS = {
  cot_monitor_judge_outcomes_total: {
    type: 'counter',
    help: 'Judgements by what became of them: judged, partial, or the reason why there is none.',
    labels: ['judge', 'outcome'],
  },
  cot_monitor_judge_duration_seconds: {
    type: 'histogram',
    help: 'Time one judgement took, with all its calls, waits and a second judge.',
    labels: [],
    buckets: JUDGE_SECONDS,
  },
  cot_monitor_judge_calls_total: {
    type: 'counter',
    help: 'Calls to a judge endpoint by result.',
    labels: ['judge', 'step', 'result'],
  },
  cot_monitor_judge_call_duration_seconds: {
    type: 'histogram',
    help: 'Time one call to a judge endpoint took.',
    labels: ['judge', 'step'],
    buckets: JUDGE_SECONDS,
  },
  cot_monitor_judge_retries_total: {
    type: 'counter',
    help: 'Calls to a judge endpoint that were tried again.',
    labels: ['judge'],
  },
  cot_monitor_judge_tokens_total: {
    type: 'counter',
    help: 'Tokens that judge endpoints say they used, estimated where they say nothing.',
    labels: ['judge', 'kind'],
  },
  cot_monitor_judge_cost_usd_total: {
    type: 'counter',
    help: 'Cost of those tokens at the configured prices.',
    labels: ['judge'],
  },
  cot_monitor_judge_excerpts_total: {
    type: 'counter',
    help: 'Passages that judges named, by whether they occur exactly in the trace.',
    labels: ['judge', 'result'],
  },
  cot_monitor_judge_breaker_open: {
    type: 'gauge',
    help: '1 while a judge endpoint is left alone because it kept failing.',
    labels: ['judge'],
  },
  cot_monitor_judge_queue_jobs: { type: 'gauge', help: 'Judge work by state.', labels: ['state'] },
  cot_monitor_judge_queue_age_seconds: {
    type: 'gauge',
    help: 'Age of the oldest judge work that is not done.',
    labels: [],
  },
  cot_monitor_judge_jobs_total: {
    type: 'counter',
    help: 'Tries of judge work by what became of them.',
    labels: ['cause', 'result'],
    known: {
      cause: JUDGE_CAUSES,
      result: ['final', 'dead', 'over_budget', 'retried', 'lost', 'released'],
    },
  },
  cot_monitor_final_verdicts_total: {
    type: 'counter',
    help: 'Final verdicts that replaced provisional ones.',
    labels: ['before', 'decision'],
  },
  cot_monitor_shadow_judged: {
    type: 'gauge',
    help: 'Traces of the last 30 days that were drawn below the band and judged.',
    labels: [],
  },
  cot_monitor_shadow_miss_share: {
    type: 'gauge',
    help: 'Share of those that the judge would have flagged, with its 95% interval.',
    labels: ['bound'],
  },
  cot_monitor_canary_ok: {
    type: 'gauge',
    help: '1 where the latest answer to this trace was the known one, 0 where it was another, or none.',
    labels: ['canary'],
  },
  cot_monitor_canary_last_run_timestamp_seconds: {
    type: 'gauge',
    help: 'When the traces with known answers were last through, seconds since the epoch.',
    labels: [],
  },
} as const satisfies MetricSpecs;
