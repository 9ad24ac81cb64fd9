/** A curve, or a detector, may claim certainty; odds cannot. */
const LEAST = 1e-9;

/** The natural logarithm of a probability's odds; of 0 and 1 those of what is nearest to them. */
export const logOdds = (probability: number): number => {
  const bounded = Math.min(1 - LEAST, Math.max(LEAST, probability));
  return Math.log(bounded / (1 - bounded));
};
