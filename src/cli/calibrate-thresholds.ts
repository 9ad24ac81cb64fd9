import type { Finding } from '../domain/finding.ts';
import { upperBound, wilson } from '../report/statistics/binomial.ts';
import { pointAtFpr, thresholdOf } from '../report/statistics/discrimination.ts';
import type { Rate } from '../report/statistics/estimate.ts';
import { createSample } from '../report/statistics/sample.ts';

// A trace is flagged by its strongest finding that may flag at all, so that its score here is that finding's weighted
// score: what the policy compares with a threshold.

/** The policy in force, as far as calibration needs it. */
export interface PolicyView {
  /** Score times the weight of its stance. */
  weigh(finding: Finding): number;
  /** Whether the ceilings let a finding of this kind flag, however high it scores. */
  mayFlag(finding: Finding): boolean;
  readonly thresholds: { readonly record: number; readonly flag: number; readonly alert: number };
}

export interface CalibrationRow {
  readonly positive: boolean;
  /** Highest weighted score by category, of findings that may flag. */
  readonly scores: Readonly<Record<string, number>>;
}

export interface Calibration {
  /** Null: of all categories. */
  readonly category: string | null;
  /** Null where even a threshold of 1 flags too much. */
  readonly flag: number | null;
  readonly falseFlags: Rate | null;
  /**
   * Exact one-sided 95% bound on the rate of false flags. The threshold is an order statistic of the negatives, so that
   * the bound holds although the same rows chose it; rows of one scenario are more alike than it assumes.
   */
  readonly bound: number | null;
  readonly caught: Rate | null;
}

export const calibrationRow = (
  positive: boolean,
  findings: readonly Finding[],
  policy: Pick<PolicyView, 'weigh' | 'mayFlag'>,
): CalibrationRow => {
  const scores = new Map<string, number>();
  for (const finding of findings) {
    if (!policy.mayFlag(finding)) continue;
    scores.set(finding.category, Math.max(scores.get(finding.category) ?? 0, policy.weigh(finding)));
  }
  return { positive, scores: Object.fromEntries(scores) };
};

const GRID = 10_000;

/**
 * A threshold between the highest score that must stay below and the lowest that must reach it: halfway, so that rounding
 * in a later version does not tip it over.
 */
const between = (below: number, reached: number): number => {
  const middle = Math.round(((below + reached) / 2) * GRID) / GRID;
  return middle > below && middle <= reached ? middle : reached;
};

type Score = (row: CalibrationRow) => number;

const calibrateBy = (
  rows: readonly CalibrationRow[],
  score: Score,
  fpr: number,
  category: string | null,
  floor: number,
): Calibration => {
  const [positives, negatives] = [true, false].map((side) => rows.filter((r) => r.positive === side).map(score));
  // 1 is a threshold that exists even where no row reaches it.
  const sample = createSample([...positives!, 1], negatives!);
  const point = pointAtFpr(sample, fpr);
  const lowest = thresholdOf(sample, point);
  if (lowest === null) return { category, flag: null, falseFlags: null, bound: null, caught: null };
  const flag = Math.max(floor, between(sample.scores[point.from - 1] ?? 0, lowest));
  const reached = (scores: readonly number[]): number => scores.filter((s) => s >= flag).length;
  const falseFlags = wilson(reached(negatives!), negatives!.length);
  return {
    category,
    flag,
    falseFlags,
    bound: upperBound(falseFlags.count, falseFlags.total),
    caught: positives!.length === 0 ? null : wilson(reached(positives!), positives!.length),
  };
};

/** One threshold for all categories. Needs at least one negative. */
export const calibrateAll = (
  rows: readonly CalibrationRow[],
  fpr: number,
  { thresholds }: Pick<PolicyView, 'thresholds'>,
): Calibration => calibrateBy(rows, (r) => Math.max(0, ...Object.values(r.scores)), fpr, null, thresholds.record);

/**
 * A threshold for each category that was found anywhere, each for the wanted rate by itself: together they may flag more.
 * The floor is where the policy records: what is not even recorded is not flagged because few negatives were at hand.
 */
export const calibrateCategories = (
  rows: readonly CalibrationRow[],
  fpr: number,
  { thresholds }: Pick<PolicyView, 'thresholds'>,
): Calibration[] =>
  [...new Set(rows.flatMap((r) => Object.keys(r.scores)))]
    .sort()
    .map((category) => calibrateBy(rows, (r) => r.scores[category] ?? 0, fpr, category, thresholds.record));

/** False flags of all thresholds together; a category without one keeps the policy's. */
export const falseFlagsTogether = (
  rows: readonly CalibrationRow[],
  calibrations: readonly Calibration[],
  { thresholds }: Pick<PolicyView, 'thresholds'>,
): Rate => {
  const flags = new Map(calibrations.map((c) => [c.category, c.flag]));
  const isFlagged = ({ scores }: CalibrationRow): boolean =>
    Object.entries(scores).some(([category, score]) => score >= (flags.get(category) ?? thresholds.flag));
  const negatives = rows.filter((r) => !r.positive);
  return wilson(negatives.filter(isFlagged).length, negatives.length);
};
