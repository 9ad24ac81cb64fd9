import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { curvesOf } from '../../../src/report/cascade/curves.ts';
import { type CascadeRow, orderOf, ROUTINGS } from '../../../src/report/cascade/routing.ts';
import { createRandom } from '../../../src/report/statistics/random.ts';

const OPTIONS = { maxFpr: 0.05, high: 1, odds: { clear: 0.2, found: 30 }, seed: 1 };

/** Scores that overlap, and a judge that is right so often. */
const rowsOf = (right: number, count = 400): CascadeRow[] => {
  const random = createRandom(3);
  return Array.from({ length: count }, (_, i): CascadeRow => {
    const positive = i % 4 === 0;
    const risk = Math.min(0.99, random() * (positive ? 0.8 : 0.4));
    const told = random() < right ? positive : !positive;
    return { positive, risk, fold: (i % 2) as 0 | 1, judged: told ? 0.9 : 0 };
  });
};

describe('curves of a cascade', () => {
  it('begin where the cheap tiers alone are, whatever the routing', () => {
    const starts = curvesOf(rowsOf(0.9), OPTIONS).map(({ points }) => points[0]!);
    expect(new Set(starts.map(({ tpr }) => tpr)).size).toBe(1);
    expect(starts.every(({ tpr, oracle, from }) => tpr === oracle && from === null)).toBe(true);
  });

  it('end where everything is judged: an oracle then misses nothing, and no routing matters', () => {
    for (const { points } of curvesOf(rowsOf(0.9), OPTIONS)) {
      expect(points.at(-1)!.budget).toBe(1);
      expect(points.at(-1)!.oracle).toBeGreaterThan(0.99);
    }
  });

  it('a good judge, well routed, beats the cheap tiers, and is no worse than a random choice', () => {
    const curves = curvesOf(rowsOf(0.97), OPTIONS);
    const at = (routing: string) => curves.find((curve) => curve.routing === routing)!.points[5]!.tpr;
    expect(at('band')).toBeGreaterThan(curves[0]!.points[0]!.tpr);
    expect(at('band')).toBeGreaterThanOrEqual(at('random'));
  });

  it('a judge that knows nothing cannot spoil much: its word shifts the odds, it does not replace them', () => {
    const [band] = curvesOf(
      rowsOf(1).map((row) => ({ ...row, judged: 0 })),
      OPTIONS,
    );
    expect(band!.points.at(-1)!.tpr).toBeCloseTo(band!.points[0]!.tpr, 1);
  });

  it('no judge beats the oracle, at any budget, under any routing', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (right) => {
        for (const { points } of curvesOf(rowsOf(right, 120), OPTIONS)) {
          for (const { tpr, oracle } of points) expect(tpr).toBeLessThanOrEqual(oracle + 1e-9);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('above the band nothing is judged', () => {
    const order = orderOf('band', rowsOf(1), { high: 0.5, maxFpr: 0.01, random: () => 0 });
    expect(order({ positive: true, risk: 0.51, fold: 0, judged: 1 })).toBe(Number.NEGATIVE_INFINITY);
    expect(order({ positive: true, risk: 0.5, fold: 0, judged: 1 })).toBe(0.5);
  });

  it('a fold is routed by what the other fold shows, never by its own labels', () => {
    const rows = rowsOf(0.9);
    const flipped = rows.map((row) => (row.fold === 0 ? { ...row, positive: !row.positive } : row));
    const options = { high: 1, maxFpr: 0.05, random: () => 0 };
    const [a, b] = [orderOf('likelihood_ratio', rows, options), orderOf('likelihood_ratio', flipped, options)];
    for (const row of rows.filter(({ fold }) => fold === 0)) expect(a(row)).toBe(b(row));
  });

  it('the same rows and seed give the same curves', () => {
    expect(curvesOf(rowsOf(0.9), OPTIONS)).toEqual(curvesOf(rowsOf(0.9), OPTIONS));
    expect(curvesOf(rowsOf(0.9), OPTIONS).map(({ routing }) => routing)).toEqual([...ROUTINGS]);
  });
});
