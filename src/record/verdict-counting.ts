import type { Clock } from '../domain/clock.ts';
import { bounded, type Metrics } from '../observe/metrics.ts';
import type { NewRecord, WriteResult } from './contract.ts';
import { type LabelValues, modelLabel } from './label-values.ts';
import { createSettledCounting, type SettledCountingOptions } from './settled-counting.ts';

/** Where a trace came in. */
export type Source = 'http' | 'kafka' | 'otlp' | 'canary';

export interface VerdictCountingOptions extends SettledCountingOptions {
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Counts what became of records, once it is durable: the figures then agree with the tables. */
export const createVerdictCounting = (options: VerdictCountingOptions) => {
  const { metrics, clock } = options;
  const countSettled = createSettledCounting(options);
  return (record: NewRecord, result: WriteResult, source: Source): void => {
    switch (result.kind) {
      case 'duplicate':
        metrics.count('cot_monitor_duplicates_total', { source });
        return;
      case 'conflict':
        metrics.count('cot_monitor_conflicts_total', { source });
        return;
      case 'stored':
        // The service's own test traces are no traffic: a monitor that sees nothing else is still silent.
        if (source === 'canary') return;
        countVerdict(metrics, { ...record, verdict: result.verdict }, source, options);
        countSettled(record.trace, result.verdict);
        for (const decision of result.raised ?? []) metrics.count('cot_monitor_conversations_total', { decision });
        metrics.set('cot_monitor_last_verdict_timestamp_seconds', clock().getTime() / 1000);
    }
  };
};

const countVerdict = (
  metrics: Metrics,
  { trace, verdict }: NewRecord,
  source: Source,
  { models, categories }: LabelValues,
): void => {
  const { assessment, decision, findings } = verdict;
  metrics.count('cot_monitor_verdicts_total', { state: assessment.state, decision, source });
  metrics.count('cot_monitor_model_verdicts_total', { model: modelLabel(trace, models), decision });
  if (verdict.suppression !== undefined) metrics.count('cot_monitor_suppressed_total', { decision });
  for (const reason of assessment.reasons) metrics.count('cot_monitor_coverage_reasons_total', { reason });
  // Format ids are a closed set of ours, whatever the payload says.
  if (trace.unread.length > 0) {
    metrics.count('cot_monitor_unread_fields_total', { format: trace.format }, trace.unread.length);
  }
  for (const { category, stance, view, severity } of findings) {
    const labels = { category: bounded(category, categories), stance, view, severity };
    metrics.count('cot_monitor_findings_total', labels);
  }
};
