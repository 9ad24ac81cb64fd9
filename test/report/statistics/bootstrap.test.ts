import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootstrap } from '../../../src/report/statistics/bootstrap.ts';
import { auroc, pointAtFpr } from '../../../src/report/statistics/discrimination.ts';
import { createRandom } from '../../../src/report/statistics/random.ts';
import { createSample, total } from '../../../src/report/statistics/sample.ts';

const scores = fc.array(
  fc.integer({ min: 0, max: 10 }).map((n) => n / 10),
  { minLength: 1, maxLength: 30 },
);

describe('the generator', () => {
  test('gives the same sequence for a seed, another for another', () => {
    const take = (seed: number): number[] => Array.from({ length: 5 }, createRandom(seed));
    expect(take(7)).toEqual(take(7));
    expect(take(7)).not.toEqual(take(8));
  });

  test('fills the range from 0 to 1 evenly', () => {
    const random = createRandom(1);
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const value = random();
      expect(value >= 0 && value < 1).toBe(true);
      tenths[Math.floor(value * 10)]!++;
    }
    // 2,000 expected, standard deviation 42.
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(250);
  });
});

describe('bootstrap', () => {
  test('an interval holds its estimate and stays inside what the measure can be', () => {
    fc.assert(
      fc.property(scores, scores, fc.nat(), (p, n, seed) => {
        const measure = (c: Parameters<typeof auroc>[0]) => [auroc(c), pointAtFpr(c, 0.1).tpr];
        const sample = createSample(p, n);
        for (const [i, { value, low, high }] of bootstrap(sample, measure, createRandom(seed), 50).entries()) {
          expect(value).toBe(measure(sample)[i]);
          expect(low).toBeLessThanOrEqual(value);
          expect(high).toBeGreaterThanOrEqual(value);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('every resample has as many of each class as the sample', () => {
    const sample = createSample([1, 2, 3], [1, 1, 4, 5]);
    bootstrap(
      sample,
      (counts) => {
        expect([total(counts.positives), total(counts.negatives)]).toEqual([3, 4]);
        return [0];
      },
      createRandom(3),
      100,
    );
  });

  test('the interval of a mean is the one of theory: 200 of 400, about .451 to .549', () => {
    const sample = createSample([...Array<number>(200).fill(1), ...Array<number>(200).fill(0)], [0]);
    const [interval] = bootstrap(sample, ({ positives }) => [positives[1]! / 400], createRandom(11));
    expect(interval!.value).toBe(0.5);
    expect(interval!.low).toBeCloseTo(0.451, 1.9);
    expect(interval!.high).toBeCloseTo(0.549, 1.9);
  });

  test('the same seed gives the same interval, another seed another', () => {
    const sample = createSample([0.1, 0.5, 0.7, 0.9], [0.2, 0.4, 0.6, 0.3]);
    const run = (seed: number) => bootstrap(sample, (c) => [auroc(c)], createRandom(seed), 37);
    expect(run(5)).toEqual(run(5));
    expect([1, 2, 3, 4].some((seed) => JSON.stringify(run(seed)) !== JSON.stringify(run(5)))).toBe(true);
  });

  test('more data gives a shorter interval', () => {
    const width = (n: number): number => {
      const positives = Array.from({ length: n }, (_, i) => (i % 4 === 0 ? 0 : 1));
      const [interval] = bootstrap(
        createSample(positives, [0, 1, 0, 0]),
        (c) => [c.positives[1]! / n],
        createRandom(2),
      );
      return interval!.high - interval!.low;
    };
    expect(width(400)).toBeLessThan(width(40));
  });
});
