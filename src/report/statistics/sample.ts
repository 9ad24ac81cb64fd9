// Scores of two classes, kept as counts at each distinct score: what a resample has to redo is then only counting, and
// every measure runs over distinct scores instead of rows.

/** How many of each class stand at each of the sample's scores. Both arrays are as long as `scores`. */
export interface Counts {
  readonly positives: Uint32Array;
  readonly negatives: Uint32Array;
}

export interface Sample extends Counts {
  /** Distinct, ascending. */
  readonly scores: Float64Array;
  readonly positiveTotal: number;
  readonly negativeTotal: number;
}

/** @param positives scores of the positives, finite, in any order; `negatives` likewise. Either may be empty. */
export const createSample = (positives: readonly number[], negatives: readonly number[]): Sample => {
  const scores = Float64Array.from(new Set([...positives, ...negatives])).sort();
  const place = new Map<number, number>();
  for (const [i, score] of scores.entries()) place.set(score, i);
  const count = (values: readonly number[]): Uint32Array => {
    const counts = new Uint32Array(scores.length);
    for (const value of values) counts[place.get(value)!]!++;
    return counts;
  };
  return {
    scores,
    positives: count(positives),
    negatives: count(negatives),
    positiveTotal: positives.length,
    negativeTotal: negatives.length,
  };
};

export const total = (counts: Uint32Array): number => counts.reduce((sum, n) => sum + n, 0);
