import { ALPHA, type Estimate } from './estimate.ts';
import type { Random } from './random.ts';
import type { Counts, Sample } from './sample.ts';

export const RESAMPLES = 1000;

/** For each member of the class, the index of its score: what a draw picks from. */
const membersOf = (counts: Uint32Array): Uint32Array =>
  Uint32Array.from([...counts].flatMap((n, i) => Array<number>(n).fill(i)));

const redraw = (counts: Uint32Array, members: Uint32Array, random: Random): void => {
  counts.fill(0);
  for (let i = 0; i < members.length; i++) counts[members[Math.floor(random() * members.length)]!]!++;
};

/** The value that `share` of the ascending values do not exceed, by nearest rank. */
const percentile = (ascending: Float64Array, share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.max(0, Math.ceil(share * ascending.length) - 1))]!;

/**
 * Percentile intervals for several measures at once. Each class is drawn from by itself, with replacement, as often as
 * it has members. Measures that pick their own threshold are biased upwards in resamples, so an interval is widened to
 * hold its estimate where it would not.
 * @param measure the same number of finite values for any counts of the sample
 * @returns one estimate for each value of `measure`
 */
export const bootstrap = (
  sample: Sample,
  measure: (counts: Counts) => readonly number[],
  random: Random,
  resamples: number = RESAMPLES,
): Estimate[] => {
  const observed = measure(sample);
  const [positiveMembers, negativeMembers] = [membersOf(sample.positives), membersOf(sample.negatives)];
  const counts: Counts = {
    positives: new Uint32Array(sample.scores.length),
    negatives: new Uint32Array(sample.scores.length),
  };
  const columns = observed.map(() => new Float64Array(resamples));
  for (let i = 0; i < resamples; i++) {
    redraw(counts.positives, positiveMembers, random);
    redraw(counts.negatives, negativeMembers, random);
    for (const [column, value] of measure(counts).entries()) columns[column]![i] = value;
  }
  return observed.map((value, column) => {
    const ascending = columns[column]!.sort();
    return {
      value,
      low: Math.min(value, percentile(ascending, ALPHA / 2)),
      high: Math.max(value, percentile(ascending, 1 - ALPHA / 2)),
    };
  });
};
