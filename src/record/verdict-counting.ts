import type { Clock } from '../domain/clock.ts';
import { bounded, type Metrics } from '../observe/metrics.ts';
import type { NewRecord, WriteResult } from './contract.ts';

/** Where a trace came in. */
export type Source = 'http' | 'kafka' | 'otlp' | 'canary';

/** What labels may name; everything else is `other`, so that nobody who sends traces can add a series. */
export interface LabelValues {
  /** Models: `name` or `name@version`. */
  readonly models: ReadonlySet<string>;
  readonly categories: ReadonlySet<string>;
}

/** Counts what became of records, once it is durable: the figures then agree with the tables. */
export const createVerdictCounting =
  (metrics: Metrics, clock: Clock, values: LabelValues) =>
  (record: NewRecord, result: WriteResult, source: Source): void => {
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
        countVerdict(metrics, { ...record, verdict: result.verdict }, source, values);
        metrics.set('cot_monitor_last_verdict_timestamp_seconds', clock().getTime() / 1000);
    }
  };

/** The model as METRICS_MODELS names it, with its version where that is listed: a trace can add no series. */
const modelLabel = ({ model: { name, version } }: NewRecord['trace'], models: ReadonlySet<string>): string => {
  const full = `${name}@${version}`;
  return models.has(full) ? full : bounded(name ?? '', models);
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
