import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseWindows } from '../../../src/detectors/classifier/choice.ts';

const windows = (count: number, pointed: readonly number[], budget: number, seed = 's') =>
  chooseWindows(count, pointed, budget, seed).map(({ window }) => window);

const weightOf = (count: number, pointed: readonly number[], budget: number): number =>
  chooseWindows(count, pointed, budget, 's').reduce((sum, { weight }) => sum + weight, 0);

describe('the choice of windows', () => {
  it('takes all of a text that fits the budget', () => {
    expect(windows(24, [], 24).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, i) => i));
    expect(windows(0, [3], 24)).toEqual([]);
    expect(windows(1, [0], 24)).toEqual([0]);
  });

  it('begins with the windows pointed at, in their order, then the first and the last', () => {
    expect(windows(100, [70, 3, 70, 12], 10).slice(0, 5)).toEqual([70, 3, 12, 0, 99]);
  });

  it('keeps a share of the budget for the sample, however much is pointed at', () => {
    const pointed = Array.from({ length: 500 }, (_, i) => i + 200);
    const chosen = windows(1000, pointed, 24);
    expect(chosen).toHaveLength(24);
    expect(chosen.slice(0, 18)).toEqual(pointed.slice(0, 18));
    expect(chosen.slice(18, 20)).toEqual([0, 999]);
    expect(chosen.slice(20).filter((window) => window > 600)).not.toEqual([]);
  });

  it('takes one window of each stratum of the rest', () => {
    const sampled = windows(1002, [], 12).slice(2);
    expect(sampled.map((window) => Math.floor((window - 1) / 100)).toSorted((a, b) => a - b)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  it('is spread over the text after any number of windows', () => {
    const half = windows(1002, [], 18).slice(2, 10);
    expect(half.map((window) => Math.floor((window - 1) / 125)).toSorted((a, b) => a - b)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7,
    ]);
  });

  it('is the same for the same content and another for another', () => {
    expect(windows(1000, [5], 24, 'one')).toEqual(windows(1000, [5], 24, 'one'));
    expect(windows(1000, [5], 24, 'one')).not.toEqual(windows(1000, [5], 24, 'two'));
  });

  it('never exceeds the budget, never repeats a window, never leaves the text, and weighs as much as the text has', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3000 }),
        fc.array(fc.integer({ min: -5, max: 3005 }), { maxLength: 60 }),
        fc.integer({ min: 2, max: 40 }),
        (count, pointed, budget) => {
          const chosen = windows(count, pointed, budget);
          expect(chosen.length).toBe(Math.min(count, budget));
          expect(new Set(chosen).size).toBe(chosen.length);
          expect(chosen.every((window) => window >= 0 && window < count)).toBe(true);
          if (count > budget + 1 && budget > 8) expect(weightOf(count, pointed, budget)).toBe(count);
        },
      ),
    );
  });
});
