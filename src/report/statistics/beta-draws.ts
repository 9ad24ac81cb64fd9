import { ALPHA, type Estimate } from './estimate.ts';
import type { Random } from './random.ts';

// Chance variables for intervals of products and sums of shares, for which there is no formula.

const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Marsaglia and Tsang (2000); a shape below 1 by way of the one above it. */
const gamma = (shape: number, random: Random): number => {
  if (shape < 1) return gamma(shape + 1, random) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
};

/** A share as its counts leave it uncertain: the posterior under Jeffreys' prior. */
export const drawShare = (count: number, total: number, random: Random): number => {
  const a = gamma(count + 0.5, random);
  const b = gamma(total - count + 0.5, random);
  return a / (a + b);
};

const DRAWS = 4_000;

/** The 95% interval of whatever `draw` computes from chance, around the value computed from the counts themselves. */
export const propagate = (value: number, draw: () => number): Estimate => {
  const drawn = Float64Array.from({ length: DRAWS }, draw).sort();
  const at = (share: number): number => drawn[Math.min(DRAWS - 1, Math.floor(share * DRAWS))]!;
  return { value, low: Math.min(value, at(ALPHA / 2)), high: Math.max(value, at(1 - ALPHA / 2)) };
};
