import { clopperPearson } from '../../report/statistics/binomial.ts';
import { pointAtFpr, thresholdOf } from '../../report/statistics/discrimination.ts';
import type { Rate } from '../../report/statistics/estimate.ts';
import { createSample } from '../../report/statistics/sample.ts';
import { isFlagged, type ScoredRow } from '../eval-rows.ts';

// What is left of what was caught, once a trace has been tampered with. Nothing is fitted to the attacks: thresholds are
// the policy's, or those that alarm on so many of the untouched negatives.

/** One trace as it is and under one attack. */
export interface Pair {
  readonly plain: ScoredRow;
  readonly attacked: ScoredRow;
}

/** A score of its own: what one part of the monitor would say alone. */
export interface Tier {
  readonly name: string;
  score(row: ScoredRow): number;
}

export const CHEAP_TIERS: readonly Tier[] = [
  { name: 'rules', score: ({ detectors }) => detectors.heuristics ?? 0 },
  { name: 'rules and checks', score: ({ detectors, risk }) => detectors['without classifier'] ?? risk },
  { name: 'classifier', score: ({ detectors }) => detectors.classifier ?? 0 },
  { name: 'all together', score: ({ risk }) => risk },
];

export interface Caught {
  /** Of the positives. */
  readonly tpr: Rate;
  /** Of the positives that are caught untouched, those that still are. Null where none was. */
  readonly kept: Rate | null;
  /** Of the negatives, under the same attack. Null where there is none. */
  readonly fpr: Rate | null;
}

export interface AttackReport {
  readonly attack: string;
  readonly policy: Caught;
  /** Positives that end `clear`: missed, and nobody is told that anything went unread. */
  readonly clear: Rate;
  readonly tiers: readonly (Caught & { readonly tier: string })[];
}

export interface Threshold {
  readonly tier: string;
  /** Null where nothing stands above the negatives. */
  readonly threshold: number | null;
}

const rate = (list: readonly Pair[], is: (pair: Pair) => boolean): Rate | null =>
  list.length === 0 ? null : clopperPearson(list.filter(is).length, list.length);

const caughtBy = (
  positives: readonly Pair[],
  negatives: readonly Pair[],
  catches: (row: ScoredRow) => boolean,
): Caught => ({
  tpr: rate(positives, ({ attacked }) => catches(attacked))!,
  kept: rate(
    positives.filter(({ plain }) => catches(plain)),
    ({ attacked }) => catches(attacked),
  ),
  fpr: rate(negatives, ({ attacked }) => catches(attacked)),
});

/** Where each tier's score alarms on no more than `maxFpr` of the untouched negatives. */
export const thresholdsOf = (rows: readonly ScoredRow[], tiers: readonly Tier[], maxFpr: number): Threshold[] =>
  tiers.map(({ name, score }) => {
    const scores = (positive: boolean): number[] => rows.filter((r) => r.positive === positive).map(score);
    const sample = createSample(scores(true), scores(false));
    const threshold = thresholdOf(sample, pointAtFpr(sample, maxFpr));
    // A score of nothing at all is no alarm, however few negatives have more.
    return { tier: name, threshold: threshold === null || threshold > 0 ? threshold : null };
  });

/** @param pairs of one attack, with at least one positive */
export const reportOn = (
  attack: string,
  pairs: readonly Pair[],
  tiers: readonly Tier[],
  thresholds: readonly Threshold[],
): AttackReport => {
  const positives = pairs.filter(({ plain }) => plain.positive);
  const negatives = pairs.filter(({ plain }) => !plain.positive);
  return {
    attack,
    policy: caughtBy(positives, negatives, isFlagged),
    clear: rate(positives, ({ attacked }) => attacked.decision === 'clear')!,
    tiers: tiers.map(({ name, score }, i) => {
      const { threshold } = thresholds[i]!;
      const catches = (row: ScoredRow): boolean => threshold !== null && score(row) >= threshold;
      return { tier: name, ...caughtBy(positives, negatives, catches) };
    }),
  };
};
