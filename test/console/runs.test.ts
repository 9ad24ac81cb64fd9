import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runsOf, shownAtFirst } from '../../console/text/runs.ts';

const TEXT = 'I will switch off the audit log.';
const mark = (start: number, end: number, finding = 0) => ({ start, end, finding });

describe('runs of a text', () => {
  test('begin and end where evidence does', () => {
    expect(runsOf([mark(7, 31)], 0, TEXT.length)).toEqual([
      { start: 0, end: 7, findings: [] },
      { start: 7, end: 31, findings: [0] },
      { start: 31, end: 32, findings: [] },
    ]);
  });

  test('know every finding that rests on them, where evidence overlaps', () => {
    const runs = runsOf([mark(0, 10, 0), mark(5, 15, 1), mark(5, 15, 1)], 0, 20);
    expect(runs.map(({ start, end, findings }) => [start, end, ...findings])).toEqual([
      [0, 5, 0],
      [5, 10, 0, 1],
      [10, 15, 1],
      [15, 20],
    ]);
  });

  test('leave out evidence that is empty or lies elsewhere', () => {
    expect(runsOf([mark(3, 3), mark(40, 50)], 0, 10)).toEqual([
      { start: 0, end: 3, findings: [] },
      { start: 3, end: 10, findings: [] },
    ]);
  });

  test('join up to the text, whatever the evidence', () => {
    const marks = fc.array(
      fc.tuple(fc.nat(60), fc.nat(60), fc.nat(4)).map(([a, b, f]) => mark(Math.min(a, b), Math.max(a, b), f)),
    );
    fc.assert(
      fc.property(marks, fc.string({ maxLength: 60 }), (all, text) => {
        const runs = runsOf(all, 0, text.length);
        expect(runs.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
        for (const { start, end, findings } of runs) {
          for (let at = start; at < end; at++) {
            const here = all.filter((m) => m.start <= at && at < m.end).map((m) => m.finding);
            expect(findings).toEqual([...new Set(here)].sort((a, b) => a - b));
          }
        }
      }),
    );
  });
});

describe('a long text', () => {
  const long = 'x'.repeat(100_000);

  test('shows its beginning, its end and the surroundings of evidence', () => {
    expect(shownAtFirst(long, [mark(50_000, 50_010)], 100)).toEqual([
      { start: 0, end: 200 },
      { start: 49_900, end: 50_110 },
      { start: 99_800, end: 100_000 },
    ]);
  });

  test('is shown whole where what is shown would touch', () => {
    expect(shownAtFirst('x'.repeat(450), [mark(200, 220)], 100)).toEqual([{ start: 0, end: 450 }]);
  });

  test('is never cut between the halves of a character', () => {
    const text = '😀'.repeat(50_000);
    for (const { start, end } of shownAtFirst(text, [mark(40_001, 40_003)], 101)) {
      expect(text.slice(start, end).isWellFormed()).toBe(true);
    }
  });
});
