import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { betaCumulative, betaQuantile } from '../../../src/report/statistics/beta.ts';
import { cleanNegativesFor, clopperPearson, upperBound, wilson } from '../../../src/report/statistics/binomial.ts';

/** A count and the total that it is of. */
const counted = fc
  .integer({ min: 1, max: 5000 })
  .chain((total) => fc.tuple(fc.integer({ min: 0, max: total }), fc.constant(total)));

/** Chance of at most `count` of `total` at this rate, summed term by term. */
const atMost = (count: number, total: number, rate: number): number => {
  let term = (1 - rate) ** total;
  let sum = term;
  for (let k = 1; k <= count; k++) {
    term *= (((total - k + 1) / k) * rate) / (1 - rate);
    sum += term;
  }
  return sum;
};

describe('the beta distribution', () => {
  test('is the line for shapes 1, 1, and a power for shapes n, 1', () => {
    expect(betaCumulative(0.3, 1, 1)).toBeCloseTo(0.3, 12);
    expect(betaCumulative(0.5, 3, 1)).toBeCloseTo(0.125, 10);
    expect(betaCumulative(0.5, 20, 20)).toBeCloseTo(0.5, 10);
  });

  test('is 0 below and 1 above', () => {
    expect(betaCumulative(-1, 2, 2)).toBe(0);
    expect(betaCumulative(1, 2, 2)).toBe(1);
  });

  test('its quantile undoes it', () => {
    const shape = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(shape, shape, fc.double({ min: 0.001, max: 0.999, noNaN: true }), (a, b, chance) => {
        expect(betaCumulative(betaQuantile(chance, a, b), a, b)).toBeCloseTo(chance, 6);
      }),
    );
  });
});

describe('wilson', () => {
  test('of 8 in 10 runs from .490 to .943', () => {
    const { value, low, high } = wilson(8, 10);
    expect(value).toBe(0.8);
    expect(low).toBeCloseTo(0.49016, 5);
    expect(high).toBeCloseTo(0.94332, 5);
  });

  test('of none starts at 0, of all ends at 1', () => {
    expect(wilson(0, 10)).toMatchObject({ value: 0, low: 0 });
    expect(wilson(0, 10).high).toBeCloseTo(0.27753, 5);
    expect(wilson(10, 10)).toMatchObject({ value: 1, high: 1 });
  });
});

describe('the exact interval', () => {
  test('of 8 in 10 runs from .444 to .975', () => {
    const { low, high } = clopperPearson(8, 10);
    expect(low).toBeCloseTo(0.4439, 5);
    expect(high).toBeCloseTo(0.97479, 5);
  });

  test('of none in 100 ends at 3.62%', () => {
    expect(clopperPearson(0, 100)).toMatchObject({ low: 0 });
    expect(clopperPearson(0, 100).high).toBeCloseTo(1 - 0.025 ** (1 / 100), 9);
  });

  test('ends where so few, or so many, have exactly 2.5% chance', () => {
    for (const [count, total] of [
      [3, 50],
      [1, 200],
      [40, 90],
    ] as const) {
      const { low, high } = clopperPearson(count, total);
      expect(atMost(count, total, high)).toBeCloseTo(0.025, 6);
      expect(1 - atMost(count - 1, total, low)).toBeCloseTo(0.025, 6);
    }
  });

  test('both kinds hold the share, inside 0 to 1, and mirror when what is counted is turned round', () => {
    fc.assert(
      fc.property(counted, ([count, total]) => {
        for (const interval of [wilson, clopperPearson]) {
          const { value, low, high } = interval(count, total);
          const mirrored = interval(total - count, total);
          expect(low).toBeLessThanOrEqual(value);
          expect(high).toBeGreaterThanOrEqual(value);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          expect(mirrored.low).toBeCloseTo(1 - high, 6);
        }
      }),
    );
  });
});

describe('the upper bound', () => {
  test('after none in 300 is 1%, as the rule of three says', () => {
    expect(upperBound(0, 300)).toBeCloseTo(1 - 0.05 ** (1 / 300), 9);
    expect(upperBound(0, cleanNegativesFor(0.01))).toBeLessThanOrEqual(0.01);
  });

  test('is 1 where everything was counted', () => {
    expect(upperBound(4, 4)).toBe(1);
  });

  test('rises with the count', () => {
    fc.assert(
      fc.property(counted, ([count, total]) => {
        if (count < total) expect(upperBound(count, total)).toBeLessThan(upperBound(count + 1, total));
      }),
    );
  });
});

test.each([
  [0.01, 300],
  [0.001, 3000],
  [0.05, 60],
  [0.07, 43],
])('a rate of %d takes %i clean negatives', (rate, negatives) => {
  expect(cleanNegativesFor(rate)).toBe(negatives);
});
