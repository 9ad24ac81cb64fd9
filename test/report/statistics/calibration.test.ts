import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isotonic } from '../../../src/report/statistics/isotonic.ts';
import { reliability } from '../../../src/report/statistics/reliability.ts';
import { createSample } from '../../../src/report/statistics/sample.ts';

const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });

describe('isotonic regression', () => {
  test('pools neighbours that fall: shares 0, 1, 0, 1 become 0, ½, ½, 1', () => {
    expect(isotonic(createSample([0.2, 0.4], [0.1, 0.3]))).toEqual([0, 0.5, 0.5, 1]);
  });

  test('pools back as far as it must: 1, 1, 0 become two thirds each', () => {
    const shares = isotonic(createSample([0.1, 0.2], [0.3]));
    for (const share of shares) expect(share).toBeCloseTo(2 / 3, 12);
  });

  test('weighs by members: 3 of 4, then 0 of 2, become a half', () => {
    expect(isotonic(createSample([0.1, 0.1, 0.1], [0.1, 0.2, 0.2]))).toEqual([0.5, 0.5]);
  });

  test('gives a score without members what those before it have', () => {
    const counts = { positives: Uint32Array.of(0, 0, 1), negatives: Uint32Array.of(2, 0, 0) };
    expect(isotonic(counts)).toEqual([0, 0, 1]);
  });

  test('never falls, has a value for each score, and keeps the number of positives', () => {
    fc.assert(
      fc.property(scores, scores, (p, n) => {
        const sample = createSample(p, n);
        const shares = isotonic(sample);
        expect(shares).toHaveLength(sample.scores.length);
        for (const [i, share] of shares.slice(1).entries()) expect(share).toBeGreaterThanOrEqual(shares[i]!);
        const kept = shares.reduce((sum, s, i) => sum + s * (sample.positives[i]! + sample.negatives[i]!), 0);
        expect(kept).toBeCloseTo(p.length, 6);
      }),
    );
  });

  test('leaves shares alone that rise already', () => {
    expect(isotonic(createSample([0.5, 0.9], [0.1, 0.5]))).toEqual([0, 0.5, 1]);
  });
});

describe('reliability', () => {
  test('puts scores into bins and measures how far they are from the share of positives', () => {
    // Bin .0–.5: mean .2, none of 2 positive; bin .5–1: mean .9, 1 of 2 positive.
    const { bins, ece } = reliability(createSample([1], [0.1, 0.3, 0.8]), 2);
    expect(bins.map((b) => [b.from, b.to, b.observed.count, b.observed.total])).toEqual([
      [0, 0.5, 0, 2],
      [0.5, 1, 1, 2],
    ]);
    expect(bins.map((b) => b.meanScore)).toEqual([0.2, 0.9]);
    expect(ece).toBeCloseTo(0.5 * 0.2 + 0.5 * 0.4, 12);
  });

  test('counts a score of 1 in the last bin, and leaves out empty bins', () => {
    const { bins } = reliability(createSample([1], [0]));
    expect(bins.map((b) => b.from)).toEqual([0, 0.9]);
  });

  test('has no error where scores are right', () => {
    expect(reliability(createSample([1, 1], [0])).ece).toBe(0);
  });

  test('loses no row', () => {
    fc.assert(
      fc.property(scores, scores, (p, n) => {
        const { bins, ece } = reliability(createSample([...p, 0.5], n));
        expect(bins.reduce((sum, b) => sum + b.observed.total, 0)).toBe(p.length + n.length + 1);
        expect(ece >= 0 && ece <= 1).toBe(true);
      }),
    );
  });
});
