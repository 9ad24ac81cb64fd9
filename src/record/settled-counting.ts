import { cardClassOf } from '../domain/card.ts';
import { CANARY_TENANT } from '../domain/judging.ts';
import { type Severity, worstSeverity } from '../domain/taxonomy.ts';
import type { Trace } from '../domain/trace.ts';
import type { Verdict } from '../domain/verdict.ts';
import { bounded, type Metrics } from '../observe/metrics.ts';
import { type LabelValues, modelLabel } from './label-values.ts';
import { countedOf, type LevelOf, plainLevel } from './weight.ts';

// What the detection dashboard shows, counted once a verdict is final and durable: a provisional one may still change its
// mind, and a counter cannot be taken back.

export interface SettledCountingOptions extends LabelValues {
  readonly metrics: Pick<Metrics, 'count'>;
  /** How the policy weighs findings. Unset: what is meant or done alerts. */
  readonly levelOf?: LevelOf | undefined;
}

export type SettledCounting = (trace: Trace, verdict: Verdict) => void;

export const createSettledCounting =
  ({ metrics, models, categories: known, levelOf = plainLevel }: SettledCountingOptions): SettledCounting =>
  (trace, verdict) => {
    // The service's own test traces are no traffic.
    if (verdict.status !== 'final' || trace.tenant === CANARY_TENANT) return;
    const model = modelLabel(trace, models);
    const flagged = verdict.decision === 'flag' || verdict.decision === 'alert';
    const { categories } = countedOf(verdict, levelOf);
    metrics.count('cot_monitor_card_verdicts_total', { model, class: cardClassOf({ flagged, categories }) ?? 'none' });
    if (!flagged) return;
    const worst = new Map<string, Severity>();
    for (const { category, severity } of verdict.findings.filter((f) => categories.includes(f.category))) {
      const label = bounded(category, known);
      worst.set(label, worstSeverity([severity, worst.get(label) ?? severity]));
    }
    for (const [category, severity] of worst) {
      metrics.count('cot_monitor_flags_total', { model, category, severity });
    }
  };
