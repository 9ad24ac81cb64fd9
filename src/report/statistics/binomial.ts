import { betaQuantile } from './beta.ts';
import { ALPHA, type Rate } from './estimate.ts';

// Intervals for a share that was counted. Wilson's are short and right on average: for tables. The exact ones of Clopper
// and Pearson never promise more than the counts show: for promises.

/** Two-sided 95% point of the normal distribution. */
const Z = 1.959963984540054;

/** @param total at least 1 */
export const wilson = (count: number, total: number): Rate => {
  const share = count / total;
  const spread = Z * Z;
  const centre = (share + spread / (2 * total)) / (1 + spread / total);
  const half = (Z / (1 + spread / total)) * Math.sqrt((share * (1 - share)) / total + spread / (4 * total * total));
  return {
    count,
    total,
    value: share,
    // At the ends the formula gives 0 and 1 but for rounding.
    low: count === 0 ? 0 : Math.max(0, centre - half),
    high: count === total ? 1 : Math.min(1, centre + half),
  };
};

/** The exact interval. @param total at least 1 */
export const clopperPearson = (count: number, total: number): Rate => ({
  count,
  total,
  value: count / total,
  low: count === 0 ? 0 : betaQuantile(ALPHA / 2, count, total - count + 1),
  high: count === total ? 1 : betaQuantile(1 - ALPHA / 2, count + 1, total - count),
});

/** The rate that would be exceeded with only 5% chance of so few: the exact one-sided 95% bound. */
export const upperBound = (count: number, total: number): number =>
  count >= total ? 1 : betaQuantile(1 - ALPHA, count + 1, total - count);

/** How many clean negatives in a row show, at 95%, that a rate is no higher than `rate`: the rule of three. */
export const cleanNegativesFor = (rate: number): number => Math.ceil(3 / rate - 1e-9);
