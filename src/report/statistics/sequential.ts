// Whether two streams of yes and no have the same rate, asked anew after every block of both and still right: the
// e-process of Turner, Ly and Grünwald (2024, "Generic E-variables for exact sequential k-sample tests that allow for
// optional stopping", Journal of Statistical Planning and Inference). Under equal rates the chance that it ever reaches
// 1 / α is at most α, however often one looks, so a report may be read every day.

export interface Block {
  readonly a: { readonly count: number; readonly total: number };
  readonly b: { readonly count: number; readonly total: number };
}

export interface SequentialTest {
  /** Evidence against equal rates now: what a bet on a difference would have made of 1. */
  readonly eValue: number;
  /** Valid at any time: 1 over the highest e-value so far. */
  readonly pValue: number;
  /** How many traces of each had been seen when the e-value first reached 1 / α; null where it has not. */
  readonly detectedAfter: { readonly a: number; readonly b: number } | null;
}

/** Shape of the beta prior of each rate that the paper recommends for learning it on the way. */
const PRIOR = 0.18;

export const SEQUENTIAL_ALPHA = 0.05;

/** log of θ^k (1 − θ)^(n − k). */
const logLikelihood = (rate: number, { count, total }: Block['a']): number =>
  count * Math.log(rate) + (total - count) * Math.log1p(-rate);

/**
 * Each block is bet on with the rates that the blocks before it showed, so no block is judged by what was learnt from it.
 * @param blocks in the order of time; sizes must not depend on what the blocks hold
 */
export const sequentialTest = (blocks: Iterable<Block>): SequentialTest => {
  const seen = { a: { count: 0, total: 0 }, b: { count: 0, total: 0 } };
  let logE = 0;
  let highest = 0;
  let detectedAfter: SequentialTest['detectedAfter'] = null;
  for (const { a, b } of blocks) {
    const rateOf = ({ count, total }: Block['a']): number => (count + PRIOR) / (total + 2 * PRIOR);
    const [rateA, rateB] = [rateOf(seen.a), rateOf(seen.b)];
    const both = { count: a.count + b.count, total: a.total + b.total };
    if (a.total > 0 && b.total > 0) {
      const pooled = (a.total * rateA + b.total * rateB) / both.total;
      logE += logLikelihood(rateA, a) + logLikelihood(rateB, b) - logLikelihood(pooled, both);
    }
    seen.a = { count: seen.a.count + a.count, total: seen.a.total + a.total };
    seen.b = { count: seen.b.count + b.count, total: seen.b.total + b.total };
    highest = Math.max(highest, logE);
    if (detectedAfter === null && logE >= Math.log(1 / SEQUENTIAL_ALPHA)) {
      detectedAfter = { a: seen.a.total, b: seen.b.total };
    }
  }
  return { eValue: Math.exp(Math.min(logE, 700)), pValue: Math.exp(-Math.min(highest, 700)), detectedAfter };
};
