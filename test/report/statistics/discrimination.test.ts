import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  auroc,
  bestPoint,
  gMeanSquared,
  pointAtFpr,
  precisionAt,
  rocPoints,
  thresholdOf,
} from '../../../src/report/statistics/discrimination.ts';
import { createSample } from '../../../src/report/statistics/sample.ts';

const scores = fc.array(
  fc.integer({ min: 0, max: 10 }).map((n) => n / 10),
  { minLength: 1, maxLength: 40 },
);

/** By the definition: every pair compared. */
const pairwise = (positives: readonly number[], negatives: readonly number[]): number => {
  const wins = positives.flatMap((p) => negatives.map((n): number => (p > n ? 1 : p === n ? 0.5 : 0)));
  return wins.reduce((a, b) => a + b, 0) / wins.length;
};

describe('createSample', () => {
  test('counts both classes at each distinct score, in ascending order', () => {
    const sample = createSample([0.9, 0.2, 0.9], [0.2, 0.1]);
    expect([...sample.scores]).toEqual([0.1, 0.2, 0.9]);
    expect([...sample.positives]).toEqual([0, 1, 2]);
    expect([...sample.negatives]).toEqual([1, 1, 0]);
    expect([sample.positiveTotal, sample.negativeTotal]).toEqual([3, 2]);
  });

  test('sorts as numbers, not as text', () => {
    expect([...createSample([10, 9], [1e-7]).scores]).toEqual([1e-7, 9, 10]);
  });
});

describe('auroc', () => {
  test('of .8, .4 against .6, .4 is five eighths: two wins, a tie and a loss', () => {
    expect(auroc(createSample([0.8, 0.4], [0.6, 0.4]))).toBe(0.625);
  });

  test('is 1 where all positives are higher, 0 where all are lower, a half where all tie', () => {
    expect(auroc(createSample([2, 3], [0, 1]))).toBe(1);
    expect(auroc(createSample([0, 1], [2, 3]))).toBe(0);
    expect(auroc(createSample([1, 1], [1, 1, 1]))).toBe(0.5);
  });

  test('is what comparing every pair gives', () => {
    fc.assert(
      fc.property(scores, scores, (p, n) => {
        expect(auroc(createSample(p, n))).toBeCloseTo(pairwise(p, n), 12);
      }),
    );
  });

  test('of reversed scores is one minus it', () => {
    const back = (values: readonly number[]): number[] => values.map((v) => -v);
    fc.assert(
      fc.property(scores, scores, (p, n) => {
        expect(auroc(createSample(back(p), back(n)))).toBeCloseTo(1 - auroc(createSample(p, n)), 12);
      }),
    );
  });

  test('does not change when scores are stretched without changing their order', () => {
    fc.assert(
      fc.property(scores, scores, (p, n) => {
        const stretched = createSample(
          p.map((v) => v ** 3),
          n.map((v) => v ** 3),
        );
        expect(auroc(stretched)).toBe(auroc(createSample(p, n)));
      }),
    );
  });
});

describe('the point at a false positive rate', () => {
  const sample = createSample([0.9, 0.8, 0.5, 0.1], [0.8, 0.4, 0.3, 0.2]);

  test('allows as many alarms as the rate says, and takes every positive above them', () => {
    expect(pointAtFpr(sample, 0.25)).toMatchObject({ tpr: 0.75, fpr: 0.25 });
    expect(thresholdOf(sample, pointAtFpr(sample, 0.25))).toBe(0.5);
  });

  test('stays above a tie that would alarm too much', () => {
    expect(pointAtFpr(sample, 0.2)).toMatchObject({ tpr: 0.25, fpr: 0 });
  });

  test('catches nothing, at no threshold, where the highest negative stands above all', () => {
    const hopeless = createSample([0.5], [0.9]);
    expect(pointAtFpr(hopeless, 0)).toMatchObject({ tpr: 0, fpr: 0 });
    expect(thresholdOf(hopeless, pointAtFpr(hopeless, 0))).toBeNull();
  });

  test('is not robbed of an alarm by rounding: 7% of 100 are 7', () => {
    const negatives = Array.from({ length: 100 }, (_, i) => i / 100);
    expect(pointAtFpr(createSample([1], negatives), 0.07).fpr).toBe(0.07);
  });

  test('never exceeds its rate, and catches more at a higher one', () => {
    const rate = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(scores, scores, rate, rate, (p, n, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const [strict, lax] = [pointAtFpr(createSample(p, n), low), pointAtFpr(createSample(p, n), high)];
        expect(strict.fpr).toBeLessThanOrEqual(low + 1e-9);
        expect(lax.tpr).toBeGreaterThanOrEqual(strict.tpr);
      }),
    );
  });
});

test('the curve runs from nothing to everything and never falls', () => {
  fc.assert(
    fc.property(scores, scores, (p, n) => {
      const points = rocPoints(createSample(p, n));
      expect(points[0]).toMatchObject({ tpr: 0, fpr: 0 });
      expect(points.at(-1)).toMatchObject({ tpr: 1, fpr: 1 });
      for (const [i, point] of points.slice(1).entries()) {
        expect(point.tpr).toBeGreaterThanOrEqual(points[i]!.tpr);
        expect(point.fpr).toBeGreaterThanOrEqual(points[i]!.fpr);
      }
    }),
  );
});

test('g-mean² is the true positive rate times the true negative rate, and its best point has the highest', () => {
  expect(gMeanSquared({ tpr: 0.8, fpr: 0.5 })).toBe(0.4);
  const sample = createSample([0.9, 0.6, 0.5], [0.6, 0.1, 0.1, 0.1]);
  expect(gMeanSquared(bestPoint(sample))).toBe(0.75);
  expect(thresholdOf(sample, bestPoint(sample))).toBe(0.5);
});

test('precision at a prevalence is Bayes: 1% of traffic, 80% caught, 1% false alarms', () => {
  expect(precisionAt(0.01, { tpr: 0.8, fpr: 0.01 })).toBeCloseTo(0.008 / (0.008 + 0.0099), 12);
  expect(precisionAt(0.01, { tpr: 0.5, fpr: 0 })).toBe(1);
  expect(precisionAt(0.01, { tpr: 0, fpr: 0 })).toBe(0);
});
