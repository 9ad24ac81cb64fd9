import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../../src/detectors/heuristics/engine/compile.ts';
import { createScanner, type Scanner } from '../../../../src/detectors/heuristics/engine/scan.ts';
import { createLiveScan } from '../../../../src/detectors/heuristics/live/scan.ts';
import { loadRules, readCases, SHIPPED_RULES } from '../../../../src/detectors/heuristics/load.ts';

const files = loadRules();
const scanner = createScanner(compile(files.rules, files.lexicon));
const applies = (): boolean => true;

const texts: readonly string[] = files.rules
  .flatMap(({ slug }) => readCases(SHIPPED_RULES, slug).hit)
  .map((entry) => (typeof entry === 'string' ? entry : entry.text));

const plain = texts.filter((text) => !text.includes('"'));

const whole = (text: string) =>
  scanner
    .scan(text, applies, () => true)
    .hits.map(({ rule, stance, start, end, matchStart, matchEnd }) => [rule, stance, start, end, matchStart, matchEnd]);

const live = (pieces: readonly string[]) => {
  const scan = createLiveScan(scanner, applies);
  for (const piece of pieces) scan.feed(piece);
  scan.finish();
  return scan
    .hits()
    .map(({ rule, stance, start, end, matchStart, matchEnd }) => [rule, stance, start, end, matchStart, matchEnd]);
};

const inOrder = <T extends readonly unknown[]>(hits: readonly T[]): T[] =>
  [...hits].sort((a, b) => Number(a[2]) - Number(b[2]) || Number(a[0]) - Number(b[0]));

const cutAt = (text: string, places: readonly number[]): string[] => {
  const at = [0, ...places.map((p) => p % (text.length + 1)).sort((a, b) => a - b), text.length];
  return at.slice(1).map((end, i) => text.slice(at[i], end));
};

const join = fc.constantFrom(
  ' ',
  '\n',
  '\n\n',
  ' No, that would be wrong. ',
  '。',
  '... ',
  '.) ',
  '.） ',
  '? ',
  ' \u200b',
  ' "',
  '" ',
  '." ',
  ` "${'x'.repeat(90)}. `,
);
const document = fc
  .array(fc.tuple(fc.constantFrom(...texts), join), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.flat().join(''));

describe('a text scanned while it is written', () => {
  test('has at the end the hits of one scan of the whole, however it was cut', () => {
    fc.assert(
      fc.property(document, fc.array(fc.nat(), { maxLength: 30 }), (text, places) => {
        expect(inOrder(live(cutAt(text, places)))).toEqual(inOrder(whole(text)));
      }),
      { numRuns: 400 },
    );
  });

  test('has them also where every delta is one unit', () => {
    fc.assert(
      fc.property(document, (text) => {
        expect(inOrder(live([...text].flatMap((c) => c.split(''))))).toEqual(inOrder(whole(text)));
      }),
      { numRuns: 30 },
    );
  });

  test('has them in a sentence that does not end', () => {
    const endless = `${'and then some more of it '.repeat(400)} ${plain[0]!.replaceAll(/[.!?\n]/g, '')} ${'and on '.repeat(300)}`;
    expect(whole(endless).length).toBeGreaterThan(0);
    expect(inOrder(live(cutAt(endless, [10, 500, 2_000, 2_001, 9_000])))).toEqual(inOrder(whole(endless)));
  });

  test('waits for the mark that closes a quotation some sentences later, and no longer than one scan does', () => {
    const isPlan = (text: string): boolean =>
      /^[A-Z][^.]*\.$/.test(text) && whole(text).some(([, stance]) => stance === 'intended');
    const plan = plain.find(isPlan)!;
    const stances = (text: string) => whole(text).map(([, stance]) => stance);
    for (const [gap, quoted] of [
      ['It said so. ', true],
      ['It said so again. '.repeat(20), false],
    ] as const) {
      const text = `Next: "${plan} ${gap}And then." So much for that. And on it goes.`;
      expect(stances(text).every((stance) => stance === 'mentioned')).toBe(quoted);
      for (const size of [1, 5, 40]) {
        const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
          text.slice(i * size, (i + 1) * size),
        );
        expect(inOrder(live(pieces))).toEqual(inOrder(whole(text)));
      }
    }
  });

  test('shows a hit as soon as its sentence has ended', () => {
    const scan = createLiveScan(scanner, applies);
    const text = plain.find((candidate) => candidate.endsWith('.') && whole(candidate).length > 0)!;
    scan.feed(text);
    expect(scan.feed(' And')).toBe(true);
    expect(scan.hits().map(({ start, end, quote }) => [text.slice(start, end), quote.length > 0])).toContainEqual([
      text.slice(scan.hits()[0]!.start, scan.hits()[0]!.end),
      true,
    ]);
  });

  test('looks at each unit a bounded number of times', () => {
    let looked = 0;
    const counting: Pick<Scanner, 'scan'> = {
      scan: (text, ...rest) => {
        looked += text.length;
        return scanner.scan(text, ...rest);
      },
    };
    const cost = (text: string, size: number): number => {
      looked = 0;
      const scan = createLiveScan(counting, applies);
      for (let i = 0; i < text.length; i += size) scan.feed(text.slice(i, i + size));
      scan.finish();
      return looked / text.length;
    };
    const prose = 'The build fails, so I look at the log first. '.repeat(2_000);
    const quoted = 'The "build" fails, so I look at the log first. '.repeat(2_000);
    const endless = 'and then some more of it '.repeat(4_000);
    for (const size of [1, 7, 100, 5_000]) {
      expect(cost(prose, size)).toBeLessThan(9);
      expect(cost(quoted, size)).toBeLessThan(14);
      expect(cost(endless, size)).toBeLessThan(4);
    }
  });
});
