import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../src/report/statistics/random.ts';
import { type Block, SEQUENTIAL_ALPHA, sequentialTest } from '../../../src/report/statistics/sequential.ts';

const SIZE = 250;

const blocksOf = (seed: number, rateA: number, rateB: number, blocks: number): Block[] => {
  const random = createRandom(seed);
  const draw = (rate: number) => ({
    total: SIZE,
    count: Array.from({ length: SIZE }, () => random()).filter((x) => x < rate).length,
  });
  return Array.from({ length: blocks }, () => ({ a: draw(rateA), b: draw(rateB) }));
};

describe('the sequential test', () => {
  test('finds the shift from 0.79% to 0.17% within 15,000 traces of each version, for each of 40 seeds', () => {
    const after = Array.from({ length: 40 }, (_, seed) => {
      const { detectedAfter } = sequentialTest(blocksOf(seed, 0.0079, 0.0017, 60));
      return detectedAfter?.a ?? Infinity;
    }).sort((a, b) => a - b);
    expect(after.at(-1)).toBeLessThanOrEqual(15_000);
    // The median, so that a change that makes it slower is seen.
    expect(after[20]).toBeLessThanOrEqual(5_000);
  });

  test('looked at after every block, it cries shift at equal rates in no more than its share of cases', () => {
    const seeds = 400;
    const alarms = Array.from({ length: seeds }, (_, seed) => sequentialTest(blocksOf(seed, 0.02, 0.02, 60))).filter(
      ({ detectedAfter }) => detectedAfter !== null,
    );
    expect(alarms.length / seeds).toBeLessThanOrEqual(SEQUENTIAL_ALPHA);
  });

  test('says nothing of nothing, and nothing of a side without the other', () => {
    expect(sequentialTest([])).toEqual({ eValue: 1, pValue: 1, detectedAfter: null });
    const alone = [{ a: { count: 9, total: 10 }, b: { count: 0, total: 0 } }];
    expect(sequentialTest(alone)).toEqual({ eValue: 1, pValue: 1, detectedAfter: null });
  });

  test('stays finite at the ends', () => {
    const ends = Array.from({ length: 50 }, () => ({ a: { count: 250, total: 250 }, b: { count: 0, total: 250 } }));
    const { eValue, pValue, detectedAfter } = sequentialTest(ends);
    expect(Number.isFinite(eValue)).toBe(true);
    expect(pValue).toBeGreaterThan(0);
    expect(detectedAfter).toEqual({ a: 500, b: 500 });
  });
});
