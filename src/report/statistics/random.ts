/** Numbers from 0 up to but not including 1. */
export type Random = () => number;

/**
 * A generator whose whole sequence follows from the seed: the mulberry32 step over a 32-bit state. Good enough to
 * resample with, not for secrets.
 * @param seed whole number; its lowest 32 bits count
 */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};
