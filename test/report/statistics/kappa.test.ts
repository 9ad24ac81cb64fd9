import { describe, expect, test } from 'vitest';
import { drawShare, propagate } from '../../../src/report/statistics/beta-draws.ts';
import { cohenKappa } from '../../../src/report/statistics/kappa.ts';
import { createRandom } from '../../../src/report/statistics/random.ts';

describe("Cohen's kappa", () => {
  test('is what textbooks say of a table of two by two', () => {
    const { kappa, total, agreed } = cohenKappa([
      [20, 5],
      [10, 15],
    ]);
    expect([total, agreed]).toEqual([50, 35]);
    expect(kappa!.value).toBeCloseTo(0.4, 12);
    // Half-width 1.96 × 0.1268 by the formula of Fleiss, Cohen and Everitt.
    expect(kappa!.high - kappa!.value).toBeCloseTo(1.96 * 0.1268, 2);
  });

  test.each([
    [
      [
        [10, 0],
        [0, 10],
      ],
      1,
    ],
    [
      [
        [0, 10],
        [10, 0],
      ],
      -1,
    ],
    [
      [
        [5, 5],
        [5, 5],
      ],
      0,
    ],
  ])('of %j is %d', (table, value) => {
    expect(cohenKappa(table).kappa!.value).toBeCloseTo(value, 12);
  });

  test('does not exist where there is nothing, or one answer alone', () => {
    expect(
      cohenKappa([
        [0, 0],
        [0, 0],
      ]),
    ).toEqual({ total: 0, agreed: 0, kappa: null });
    expect(
      cohenKappa([
        [7, 0],
        [0, 0],
      ]),
    ).toEqual({ total: 7, agreed: 7, kappa: null });
  });

  test('its interval holds the truth about as often as it says', () => {
    const random = createRandom(7);
    let held = 0;
    for (let i = 0; i < 400; i++) {
      const table = [
        [0, 0],
        [0, 0],
      ];
      for (let j = 0; j < 300; j++) {
        const truth = random() < 0.4 ? 1 : 0;
        const say = (): number => (random() < 0.15 ? 1 - truth : truth);
        table[say()]![say()]!++;
      }
      const { kappa } = cohenKappa(table);
      // Marginal 0.4 × 0.85 + 0.6 × 0.15 = 0.43; agreement 0.85² + 0.15² = 0.745.
      const chance = 0.43 ** 2 + 0.57 ** 2;
      const expected = (0.745 - chance) / (1 - chance);
      if (kappa!.low <= expected && expected <= kappa!.high) held++;
    }
    expect(held / 400).toBeGreaterThan(0.92);
    expect(held / 400).toBeLessThan(0.98);
  });
});

describe('propagated intervals', () => {
  test('of a plain share are those of its posterior', () => {
    const random = createRandom(3);
    const { low, high } = propagate(0.05, () => drawShare(50, 1_000, random));
    expect(low).toBeCloseTo(0.0378, 2);
    expect(high).toBeCloseTo(0.065, 2);
  });

  test('follow from the seed alone, and hold their value', () => {
    const once = () => {
      const random = createRandom(9);
      return propagate(0.5, () => drawShare(0, 3, random) * drawShare(3, 3, random));
    };
    expect(once()).toEqual(once());
    expect(once().high).toBe(0.5);
  });
});
