import { cardClassOf } from '../domain/card.ts';
import { isCounted, rateOf, type VerdictCount } from './deception.ts';
import type { Rate } from './statistics/estimate.ts';

// The same rates day by day: what charts are drawn from.

export const DRIFT_DIMENSIONS = ['class', 'category', 'model'] as const;
export type DriftDimension = (typeof DRIFT_DIMENSIONS)[number];

export interface DriftPoint {
  readonly day: string;
  /** Traces that the rates are of. */
  readonly n: number;
  readonly notAssessed: Rate | null;
  /** All that the card would count. */
  readonly flagged: Rate | null;
  /** By class, category or model version; a verdict counts for each of its categories. Only what occurred. */
  readonly series: readonly { readonly value: string; readonly count: number; readonly rate: Rate | null }[];
}

interface Row extends VerdictCount {
  readonly day: string;
  readonly model: string | null;
  readonly modelVersion: string | null;
}

const modelOf = ({ model, modelVersion }: Row): string =>
  modelVersion === null ? (model ?? '') : `${model ?? ''}@${modelVersion}`;

const valuesOf = (row: Row, by: DriftDimension): readonly string[] => {
  const found = cardClassOf(row);
  switch (by) {
    case 'class':
      return found === null ? [] : [found];
    case 'category':
      return row.categories;
    case 'model':
      return found === null ? [] : [modelOf(row)];
  }
};

const total = (rows: readonly Row[]): number => rows.reduce((sum, { count }) => sum + count, 0);

/** Days in order; days without traces are left out. Rates by model are of that model's own traces. */
export const driftOf = (rows: readonly Row[], by: DriftDimension): readonly DriftPoint[] =>
  [...Map.groupBy(rows, ({ day }) => day)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, all]) => {
      const counted = all.filter(isCounted);
      const n = total(counted);
      const counts = new Map<string, number>();
      for (const row of counted) {
        if (by === 'model' && !counts.has(modelOf(row))) counts.set(modelOf(row), 0);
        for (const value of valuesOf(row, by)) counts.set(value, (counts.get(value) ?? 0) + row.count);
      }
      const of = (value: string): number => (by === 'model' ? total(counted.filter((r) => modelOf(r) === value)) : n);
      return {
        day,
        n,
        notAssessed: rateOf(total(all.filter((r) => r.assessment === 'not_assessed')), total(all)),
        flagged: rateOf(total(counted.filter((row) => cardClassOf(row) !== null)), n),
        series: [...counts]
          .map(([value, count]) => ({ value, count, rate: rateOf(count, of(value)) }))
          .sort((x, y) => y.count - x.count || (x.value < y.value ? -1 : 1)),
      };
    });
