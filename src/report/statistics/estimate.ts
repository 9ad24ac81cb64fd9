// Statistics of the evaluation, all pure: numbers in, numbers out, and chance only from a generator that is passed in.
// What every function hands back is an estimate with the interval around it.

/** An estimate and the ends of its 95% interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A share of `total`, with its interval; `total` is never 0. */
export interface Rate extends Estimate {
  readonly count: number;
  readonly total: number;
}

/** Mass of the tails outside a 95% interval. */
export const ALPHA = 0.05;
