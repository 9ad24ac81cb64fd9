import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CHECKS, faultsOf } from '../../corpus/lint/checks.ts';
import { telltales, wordAccuracy } from '../../corpus/lint/leakage.ts';
import { alike } from '../../corpus/lint/near-duplicates.ts';
import { type Corpus, readCorpus, type Trace } from '../../corpus/lint/read.ts';

const ROOT = join(import.meta.dirname, '..', '..', 'corpus');

const copied = (): string => {
  const root = mkdtempSync(join(tmpdir(), 'cot-monitor-corpus-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const folder of ['families', 'pairs', 'judgements']) mkdirSync(join(root, folder));
  writeFileSync(join(root, 'ordinary.jsonl'), '');
  return root;
};

const shipped = readCorpus(ROOT);

/** The shipped corpus with its traces changed. */
const withTraces = (change: (trace: Trace, index: number) => Trace | undefined): Corpus => ({
  ...shipped,
  traces: shipped.traces.flatMap((trace, i) => {
    const changed = change(trace, i);
    return changed === undefined ? [] : [{ ...changed, file: trace.file }];
  }),
});

describe('the shipped corpus', () => {
  test('is sound', () => {
    expect(faultsOf(shipped)).toEqual([]);
  }, 60_000);

  test('holds what its README counts', () => {
    expect(shipped.traces).toHaveLength(642);
    expect(new Set(shipped.traces.map((t) => t.family)).size).toBe(40);
    expect(shipped.pairs).toHaveLength(461);
    expect(shipped.ordinary).toHaveLength(204);
    expect(shipped.judgements.flatMap((j) => j.windows)).toHaveLength(6093);
  });
});

describe('the linter', () => {
  test('names file and line of a row of another form, and never its text', () => {
    const root = copied();
    cpSync(join(ROOT, 'ordinary.jsonl'), join(root, 'ordinary.jsonl'));
    writeFileSync(join(root, 'families', 'f.jsonl'), '{"id":"x","reasoning":"secret words"}\nnot json\n');
    const { faults } = readCorpus(root);
    expect(faults).toHaveLength(2);
    expect(faults[0]).toMatch(/^families[/\\]f\.jsonl:1: /);
    expect(faults[1]).toMatch(/^families[/\\]f\.jsonl:2: /);
    expect(faults.join()).not.toContain('secret');
  });

  test('refuses a judgement that carries text', () => {
    const root = copied();
    const row = { id: 'a', windows: [[0, 5, 1, 'none']], text: 'not ours' };
    writeFileSync(join(root, 'judgements', 'bloom.jsonl'), `${JSON.stringify(row)}\n`);
    const corpus = readCorpus(root);
    expect(corpus.judgements).toEqual([]);
    expect(corpus.faults[0]).toContain('bloom.jsonl:1');
  });

  test('says that a family lost its balance', () => {
    const [first] = shipped.traces.map((t) => t.family);
    let dropped = 0;
    const faults = CHECKS.balance(
      withTraces((t) => (t.family === first && t.label === 1 && dropped++ < 2 ? undefined : t)),
    );
    expect(faults).toContain(`${first} has 6 positives and 8 negatives`);
    expect(faults).toContain(`${first} has fewer than 8 of a label`);
  });

  test('says that one label is longer than the other', () => {
    const faults = CHECKS.lengths(
      withTraces((t) => (t.label === 1 ? { ...t, reasoning: `${t.reasoning} ${'z'.repeat(900)}` } : t)),
    );
    expect(faults.some((f) => f.startsWith('all traces: one label is'))).toBe(true);
  });

  test('says that evidence does not stand in its trace, or is missing', () => {
    const faults = CHECKS.evidence(
      withTraces((t, i) => (i === 0 ? { ...t, evidence: ['nowhere'] } : i === 1 ? { ...t, evidence: [] } : t)),
    );
    expect(faults.filter((f) => f.startsWith(shipped.traces[0]!.id))).toHaveLength(1);
    const positive = shipped.traces[1]!.label === 1;
    expect(faults.some((f) => f === `${shipped.traces[1]!.id} is positive and has no evidence`)).toBe(positive);
  });

  test('finds a row that was copied into another family', () => {
    const from = shipped.traces[0]!;
    const other = shipped.traces.findIndex((t) => t.family !== from.family);
    const faults = CHECKS.duplicates(
      withTraces((t, i) => (i === other ? { ...t, reasoning: `${from.reasoning} Done.` } : t)),
    );
    expect(faults.some((f) => f.startsWith(`${from.id} and `) && f.endsWith('of their words'))).toBe(true);
  }, 60_000);

  test('finds a mark that tells the label', () => {
    const faults = CHECKS.leakage(
      withTraces((t) => (t.label === 1 ? { ...t, reasoning: `${t.reasoning} Zebra.` } : t)),
    );
    expect(faults).toContain('the word "zebra" stands nearly always with one label');
    expect(faults.some((f) => f.startsWith('words alone guess'))).toBe(true);
  }, 60_000);

  test('finds ids that stand twice and windows out of order', () => {
    const [a, b] = shipped.judgements;
    const corpus: Corpus = {
      ...shipped,
      pairs: [...shipped.pairs, shipped.pairs[0]!],
      judgements: [
        {
          ...a!,
          windows: [
            [10, 20, 0, 'none'],
            [5, 8, 0, 'none'],
          ],
        },
        b!,
      ],
    };
    expect([...CHECKS.ids(corpus), ...CHECKS.spans(corpus)]).toEqual(
      expect.arrayContaining([
        `id ${shipped.pairs[0]!.id} stands twice`,
        `windows of ${a!.file}/${a!.id} are empty, overlap or are out of order`,
      ]),
    );
  });
});

describe('what the linter measures', () => {
  const document = (id: string, text: string) => ({ id, group: id, label: 0 as const, text });

  test('likeness is the share of shared runs, as counted by hand', () => {
    // Runs of the first: abc bcd cde; of the second: abc bcd cdf. Two of four are shared.
    expect(alike([document('1', 'a b c d e'), document('2', 'A b, c d f')], 0.1)).toMatchObject([{ share: 0.5 }]);
    expect(alike([document('1', 'a b c d e'), document('2', 'v w x y z')], 0.1)).toEqual([]);
  });

  test('words are learnt on other families only', () => {
    // Within a family a word tells the label; in the next one it tells the opposite, so that it never helps.
    const rows = ['f', 'g'].flatMap((family, i) =>
      [0, 1].map((label) => ({ family, label: label as 0 | 1, text: label === i ? 'left' : 'right' })),
    );
    expect(wordAccuracy(rows)).toBe(0);
  });

  test('a word in too few rows or families is no telltale', () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({ family: `f${i % 3}`, label: 1 as const, text: 'mark' }));
    expect(telltales(rows, 25, 0.9)).toEqual([]);
    expect(telltales([...rows, { family: 'g', label: 1, text: 'mark' }], 25, 0.9)).toEqual(['mark']);
  });
});
