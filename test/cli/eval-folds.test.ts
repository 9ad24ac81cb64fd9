import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldsOf } from '../../src/cli/eval-folds.ts';

interface Row {
  readonly source: string;
  readonly family: string;
  readonly positive: boolean;
}

const many = (count: number, source: string, family: string, positive: boolean): Row[] =>
  Array.from({ length: count }, () => ({ source, family, positive }));

const twins = (source: string, family: string, count = 20): Row[] => [
  ...many(count, source, family, true),
  ...many(count, source, family, false),
];

const rowsArbitrary = fc
  .array(
    fc.record({
      source: fc.constantFrom('a', 'b', 'quiet', 'still', 'calm', 'mute'),
      family: fc.constantFrom('f', 'g', 'h'),
      label: fc.boolean(),
    }),
    { maxLength: 60 },
  )
  .map((rows) =>
    rows.map(({ source, family, label }): Row => ({ source, family, positive: label && source.length === 1 })),
  );

describe('folds', () => {
  test('never put a family, or a source of benign traffic, on both sides', () => {
    fc.assert(
      fc.property(rowsArbitrary, (rows) => {
        for (const { train, read } of foldsOf(rows, 'family')) {
          const mixed = new Set(rows.filter((r) => r.positive).map((r) => r.source));
          const unit = ({ source, family }: Row): string => (mixed.has(source) ? `${source} ${family}` : source);
          const seen = new Set(train.map((i) => unit(rows[i]!)));
          expect(read.filter((i) => seen.has(unit(rows[i]!)))).toEqual([]);
          expect(train.length + read.length).toBe(rows.length);
        }
      }),
    );
  });

  test('by source leave a whole source of positives out', () => {
    const rows = [...twins('a', 'f'), ...twins('a', 'g'), ...twins('b', 'f'), ...many(9, 'quiet', 'q', false)];
    const folds = foldsOf(rows, 'source');
    expect(folds.map((f) => f.left)).toEqual([
      ['a', 'quiet'],
      ['b', 'quiet'],
    ]);
    for (const { train, read } of folds) {
      const sources = new Set(train.map((i) => rows[i]!.source));
      expect(read.some((i) => sources.has(rows[i]!.source))).toBe(false);
    }
  });

  test('deal small families of a source out, and leave out a large one alone', () => {
    const small = Array.from({ length: 16 }, (_, i) => twins('a', `small-${i}`, 2)).flat();
    const folds = foldsOf([...twins('a', 'large'), ...small], 'family');
    expect(folds).toHaveLength(9);
    expect(folds.filter((f) => f.left.length === 1)).toHaveLength(1);
  });

  test('leave benign sources out in three groups of like size', () => {
    const quiet = [30, 20, 10, 10, 10].flatMap((size, i) => many(size, `quiet-${i}`, 'q', false));
    const folds = foldsOf([...twins('a', 'f'), ...twins('a', 'g'), ...quiet], 'family');
    expect(folds).toHaveLength(6);
    const sizes = folds.map(({ read }) => read.length - 40);
    expect(sizes).toEqual([30, 30, 20, 30, 30, 20]);
  });

  test('are none where nothing would be left to learn from', () => {
    expect(foldsOf(twins('a', 'f'), 'family')).toEqual([]);
    expect(foldsOf(many(5, 'quiet', 'q', false), 'family')).toEqual([]);
  });
});
