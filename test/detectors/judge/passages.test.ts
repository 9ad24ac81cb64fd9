import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chooseWindows,
  costOf,
  estimateTokens,
  MARKS,
  reduce,
  shareOut,
  windowsOf,
} from '../../../src/detectors/judge/passages.ts';
import { segment } from '../../support/traces.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 3_000 }),
  fc.tuple(fc.constantFrom('a', 'é', '隐', '😀', 'ab c. '), fc.nat({ max: 4_000 })).map(([unit, n]) => unit.repeat(n)),
);
const segments = fc.array(text, { maxLength: 6 }).map((texts) => texts.map((t, i) => segment('reasoning', t, i)));
const budget = fc.integer({ min: 200, max: 3_000 });
const isSplit = (t: string, at: number): boolean =>
  /[\ud800-\udbff]/.test(t.charAt(at - 1)) && /[\udc00-\udfff]/.test(t.charAt(at));

describe('windows', () => {
  test('hold every character of every segment, the last included, and none over the budget', () => {
    fc.assert(
      fc.property(segments, budget, (all, most) => {
        const windows = windowsOf(all, most);
        const reached = all.map(() => 0);
        for (const window of windows) {
          const cost = window.reduce(
            (sum, p) => sum + estimateTokens(all[p.segment]!.text.slice(p.start, p.end)) + MARKS,
            0,
          );
          expect(cost).toBeLessThanOrEqual(most + 2);
          for (const { segment: index, start, end } of window) {
            expect(start).toBeLessThanOrEqual(reached[index]!);
            expect(end).toBeGreaterThan(start);
            expect(isSplit(all[index]!.text, start) || isSplit(all[index]!.text, end)).toBe(false);
            reached[index] = end;
          }
        }
        expect(reached).toEqual(all.map((s) => s.text.length));
      }),
    );
  });

  test('of one long text overlap, so that a passage at a cut stands whole in one of them', () => {
    const long = Array.from({ length: 2_000 }, (_, i) => `sentence number ${i}.`).join(' ');
    const windows = windowsOf([segment('reasoning', long)], 1_000);
    expect(windows.length).toBeGreaterThan(5);
    for (let i = 0; i < 2_000; i++) {
      const at = long.indexOf(`sentence number ${i}.`);
      const whole = windows.some(([p]) => p!.start <= at && p!.end >= at + `sentence number ${i}.`.length);
      expect(whole, `sentence ${i}`).toBe(true);
    }
  });
});

describe('where there are too many', () => {
  test('the last is always read, and the first if more than one is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 50 }), (n, most) => {
        const chosen = chooseWindows(
          Array.from({ length: n }, (_, i) => i),
          most,
        );
        expect(chosen.length).toBe(Math.min(n, most));
        expect(chosen.at(-1)).toBe(n - 1);
        if (most > 1) expect(chosen[0]).toBe(0);
        expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => a - b));
      }),
    );
  });
});

describe('a reduced section', () => {
  test('ends where the text ends, counts what it leaves out, and keeps to its budget', () => {
    fc.assert(
      fc.property(segments, fc.integer({ min: 300, max: 3_000 }), (all, most) => {
        const filled = all.filter((s) => s.text !== '');
        const { head, tail, left } = reduce(filled, most);
        const pieces = [...head, ...tail];
        const total = filled.reduce((sum, s) => sum + s.text.length, 0);
        expect(pieces.reduce((sum, p) => sum + p.end - p.start, 0) + left).toBe(total);
        const last = filled.at(-1);
        if (last !== undefined) expect(pieces.at(-1)).toMatchObject({ segment: last.index, end: last.text.length });
        if (costOf(filled) <= most) expect(left).toBe(0);
        const cost = pieces.reduce(
          (sum, p) => sum + estimateTokens(all[p.segment]!.text.slice(p.start, p.end)) + MARKS,
          0,
        );
        expect(cost).toBeLessThanOrEqual(most + 4);
      }),
    );
  });
});

test('a budget is shared out whole, and nobody gets more than they need', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 10_000 }), { minLength: 1, maxLength: 8 }),
      fc.nat({ max: 20_000 }),
      (needs, most) => {
        const shares = shareOut(needs, most);
        const sum = shares.reduce((a, b) => a + b, 0);
        expect(sum).toBeLessThanOrEqual(most);
        expect(shares.every((s, i) => s <= needs[i]!)).toBe(true);
        if (needs.reduce((a, b) => a + b, 0) <= most) expect(shares).toEqual(needs);
      },
    ),
  );
});
