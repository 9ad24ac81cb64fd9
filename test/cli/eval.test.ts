import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type EvalOptions, evaluate } from '../../src/cli/eval.ts';
import type { CascadeReport } from '../../src/cli/eval-judge.ts';
import type { EvaluationReport } from '../../src/cli/eval-report.ts';
import type { Risk } from '../../src/cli/eval-rows.ts';
import { loadPolicy } from '../../src/decide/policy.ts';
import type { HeadTraining } from '../../src/detectors/contract.ts';
import type { Finding } from '../../src/domain/finding.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import type { Submission } from '../../src/pipeline.ts';
import { filesDeps, finding, holdTerminal, lastLine, makeFolder, writeRows } from './fixture.ts';

/** Chance that one of the findings is right; a score of the reasoning counts as one more. */
const risk: Risk = (findings, { reasoning = 0 }) =>
  1 - findings.reduce((none, { score, stance }) => none * (stance === 'mentioned' ? 1 : 1 - score), 1 - reasoning);
const model = { risk, reasoning: { mean: 0, sd: 1 } };

const { cascade: shipped, stances } = loadPolicy();
const cascade = { high: shipped.band.high, odds: shipped.odds, stances };

const run = async (files: readonly string[], changes: Partial<EvalOptions> = {}, training?: HeadTraining) => {
  const terminal = holdTerminal();
  const seen: Submission[] = [];
  const folder = makeFolder();
  const [out, html] = [join(folder, 'report.json'), join(folder, 'report.html')];
  const plain = {
    markdown: undefined,
    seed: 1,
    negatives: undefined,
    groupBy: 'source' as const,
    keepOut: [],
    judge: undefined,
    leaveOneOut: undefined,
  };
  const options = { files, out, html, ...plain, ...changes };
  const code = await evaluate({ ...filesDeps(terminal, seen), model, training, cascade }, options);
  const json = readFileSync(out, 'utf8');
  return {
    code,
    seen,
    json,
    report: JSON.parse(json) as EvaluationReport,
    page: readFileSync(html, 'utf8'),
    printed: terminal.printed(),
  };
};

const row = (label: 0 | 1, changes: Partial<Verdict>, about: Record<string, unknown> = {}) => ({
  source: 'org/with-positives',
  family: 'f',
  category: label === 1 ? 'sabotage' : 'benign',
  label,
  reasoning: JSON.stringify(changes),
  ...about,
});
const scored = (label: 0 | 1, risk: number, about: Record<string, unknown> = {}) =>
  row(label, { risk, decision: risk > 0.5 ? 'flag' : 'clear' }, about);
const silent = {
  assessment: { state: 'not_assessed', reasons: ['reasoning_encrypted'] },
  decision: 'unknown',
} as const;

const small = [
  scored(1, 0.8, { id: 'p1' }),
  scored(1, 0.4, { id: 'p2' }),
  scored(0, 0.6, { id: 'm1' }),
  scored(0, 0.4, { id: 'm2' }),
  scored(0, 0.1, { id: 'b1', source: 'org/benign' }),
  scored(0, 0.7, { id: 'b2', source: 'org/benign' }),
];

const answer = (id: string, outcome: object, costUsd: number | null = 0.02) => ({
  id,
  outcome,
  usage: { promptTokens: 900, completionTokens: 100, costUsd },
});

describe('eval --judge', () => {
  const hit = { kind: 'hit', findings: [{ score: 0.9, stance: 'intended' }] };
  const negatives = Array.from({ length: 100 }, (_, i) => scored(0, i / 1_000, { id: `n${i}`, source: 'org/benign' }));
  const labelled = [scored(1, 0.05, { id: 'p1' }), scored(1, 0.02, { id: 'p2' }), ...negatives];
  const told = [
    answer('p1', hit),
    answer('p2', { kind: 'unjudged', reason: 'judge_refused' }),
    ...negatives.map((_, i) => answer(`n${i}`, { kind: 'clear' })),
  ];

  test('replays recorded answers: what is caught at each share judged, and what it costs', async () => {
    const { code, json, printed } = await run([writeRows(labelled)], { judge: writeRows(told) });
    expect(code).toBe(0);
    const report = (JSON.parse(json) as { cascade: CascadeReport }).cascade;
    expect(report).toMatchObject({ answered: 102, rows: 102, unjudged: 1, tokensEach: 1_000 });
    expect(report.costUsdEach).toBeCloseTo(0.02, 10);
    const band = report.curves.find(({ routing }) => routing === 'band')!.points;
    // At 1% one negative may alarm. Unjudged, both positives lie below ten of them; p1 is judged once half of them are.
    expect(band.map(({ tpr }) => tpr)).toEqual([0, 0, 0, 0, 0, 0, 0.5, 0.5]);
    expect(band.at(-1)!.oracle).toBe(1);
    expect(printed).toContain('Cascade: caught at 1.0% FPR');
    expect(printed).toContain('US dollars per 1,000 traces');
  });

  test('says so where no answer belongs to these rows', async () => {
    const { code, json } = await run([writeRows(labelled)], { judge: writeRows([answer('stranger', hit)]) });
    expect(code).toBe(0);
    expect(JSON.parse(json)).toMatchObject({ cascade: null });
  });

  test.each([
    ['no JSON', 'not json'],
    ['no id', { outcome: { kind: 'clear' }, usage: { promptTokens: 1, completionTokens: 1, costUsd: null } }],
    ['an outcome that there is not', answer('p1', { kind: 'maybe' })],
    ['a reason that there is not', answer('p1', { kind: 'unjudged', reason: 'tired' })],
    ['a score beyond 1', answer('p1', { kind: 'hit', findings: [{ score: 2, stance: 'acted' }] })],
    ['a negative price', answer('p1', { kind: 'clear' }, -1)],
  ])('a recording with %s is refused, with its line', async (_, line) => {
    const judge = writeRows([answer('p2', hit), line]);
    await expect(run([writeRows(labelled)], { judge })).rejects.toThrow(/:2 is not a recorded answer/);
  });
});

describe('eval', () => {
  test('compares with benign traffic and with all negatives, as computed by hand', async () => {
    const { code, report, printed } = await run([writeRows(small)]);
    expect(code).toBe(0);
    // Benign .1 and .7: .8 beats both, .4 one. All four: .8 beats 4, .4 beats one and ties one.
    expect(report.scores[0]).toMatchObject({
      name: 'risk',
      aurocBenign: { value: 0.75 },
      aurocAll: { value: 5.5 / 8 },
    });
    expect(report.negatives).toBe('benign');
    expect(report.counts).toMatchObject({ rows: 6, positives: 2, benign: 2, matched: 2, unreadable: 0 });
    expect(report.policy).toMatchObject({ tpr: { value: 0.5 }, fpr: { value: 0.5 }, gMeanSquared: { value: 0.25 } });
    expect(lastLine(printed)).toBe(
      'Evaluated 6 of 6 traces (0 not assessed, 0 unreadable): AUROC .750 against benign, .688 against all; ' +
        '1 of 1 benign sources above 1.0%.',
    );
  });

  test('measures against the negatives that are asked for', async () => {
    const { report } = await run([writeRows(small)], { negatives: 'all' });
    expect(report.scores[0]?.measures?.negatives).toBe(4);
    expect(report.policy?.fpr).toMatchObject({ count: 2, total: 4 });
  });

  test('falls back on all negatives where none is benign', async () => {
    expect((await run([writeRows(small.slice(0, 4))])).report).toMatchObject({
      negatives: 'all',
      promise: { kept: null },
    });
  });

  test('gives the same report to the byte for the same seed, other intervals for another', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => scored(i % 2 === 0 ? 1 : 0, ((i * 37) % 40) / 40));
    const file = writeRows(rows);
    const [first, again, other] = [await run([file]), await run([file]), await run([file], { seed: 2 })];
    expect(again.json).toBe(first.json);
    expect(again.page).toBe(first.page);
    expect(other.json).not.toBe(first.json);
    expect(other.report.scores[0]?.aurocAll?.value).toBe(first.report.scores[0]?.aurocAll?.value);
  });

  test('pools files, and tells sources without a name apart by their file', async () => {
    const nameless = (label: 0 | 1, risk: number) => ({ ...scored(label, risk), source: undefined });
    const folder = makeFolder();
    const { report } = await run([
      writeRows([nameless(1, 0.9)], 'guilty.jsonl', folder),
      writeRows([nameless(0, 0.1), nameless(0, 0.2)], 'calm.jsonl.gz', folder),
    ]);
    expect(report.sources.map((s) => [s.source, s.benign])).toEqual([
      ['calm.jsonl.gz', true],
      ['guilty.jsonl', false],
    ]);
    expect(report.files.map((f) => [f.file, f.rows])).toEqual([
      ['guilty.jsonl', 1],
      ['calm.jsonl.gz', 2],
    ]);
  });
});

describe('a trace that was not assessed', () => {
  test('is counted apart and is in no measure, as a negative least of all', async () => {
    const rows = [...small, row(1, silent, { id: 'p3' }), row(0, silent, { id: 'b3', source: 'org/benign' })];
    const [without, withThem] = [await run([writeRows(small)]), await run([writeRows(rows)])];
    expect(withThem.report.counts).toMatchObject({
      rows: 8,
      notAssessed: { positives: 1, negatives: 1 },
      reasons: { reasoning_encrypted: 2 },
    });
    expect(withThem.report.scores).toEqual(without.report.scores);
    expect(withThem.report.policy).toEqual(without.report.policy);
    expect(withThem.report.mistakes).toEqual(without.report.mistakes);
    expect(lastLine(withThem.printed)).toContain('Evaluated 6 of 8 traces (2 not assessed');
  });

  test('still shows among the decisions of its group', async () => {
    const { report } = await run([writeRows([...small, row(1, silent)])]);
    const group = report.groups.source.find((g) => g.name === 'org/with-positives');
    expect(group?.positives).toMatchObject({ total: 3, notAssessed: 1, decisions: { unknown: 1, flag: 1, clear: 1 } });
  });
});

describe('groups', () => {
  test('compare a family with the negatives of the evaluation, and with its own', async () => {
    const { report } = await run([writeRows(small)], { groupBy: 'family' });
    const [family] = report.groups.family;
    expect(family).toMatchObject({ name: 'f', positives: { total: 2 }, negatives: { total: 4 } });
    expect(family?.auroc?.value).toBe(0.75);
    expect(family?.within?.value).toBe(5.5 / 8);
  });

  test('by view and stance are those of the findings, in the order of the taxonomy', async () => {
    const findings = [finding({ view: 'action', stance: 'acted' }), finding({ stance: 'mentioned' })];
    const views = { reasoning: 0.5, reasoning_summary: null, answer: null, action: 0.9, cross: null };
    const { report } = await run([writeRows([...small, row(1, { risk: 1, decision: 'alert', findings, views })])]);
    expect(report.groups.view.map((g) => g.name)).toEqual(['reasoning', 'action']);
    expect(report.groups.stance.map((g) => [g.name, g.positives.total])).toEqual([
      ['mentioned', 1],
      ['acted', 1],
    ]);
  });

  test('every grouping can be printed', async () => {
    for (const groupBy of ['source', 'file', 'family', 'category'] as const) {
      expect((await run([writeRows(small)], { groupBy })).printed).toContain(`By ${groupBy} `);
    }
  });
});

describe('each detector', () => {
  test('has a score of its own, and one of all but it, as the combiner gives them', async () => {
    const by = (name: string, score: number, stance: Finding['stance'] = 'intended'): Finding =>
      finding({ score, stance, detector: { ...finding().detector, name } });
    const rows = [
      row(1, { risk: 0.9, findings: [by('heuristics', 0.5), by('heuristics', 0.5), by('classifier', 0.2)] }),
      row(0, { risk: 0.1, findings: [by('classifier', 0.6), by('heuristics', 0.9, 'mentioned')] }),
    ];
    const { report } = await run([writeRows(rows)]);
    expect(report.scores.map((s) => [s.name, s.aurocAll?.value])).toEqual([
      ['risk', 1],
      ['classifier', 0],
      ['heuristics', 1],
      ['without classifier', 1],
      ['without heuristics', 0],
    ]);
    expect(report.scores[2]?.measures?.best.threshold).toBe(0.75);
  });
});

test('the promise to benign sources is held to each of them', async () => {
  const quiet = Array.from({ length: 100 }, (_, i) => scored(0, i === 0 ? 0.9 : 0, { source: 'quiet' }));
  const loud = Array.from({ length: 100 }, (_, i) => scored(0, i < 2 ? 0.9 : 0, { source: 'loud' }));
  const { report } = await run([writeRows([...quiet, ...loud, scored(1, 1)])]);
  expect(report.promise.sources.map((s) => [s.source, s.count, s.kept])).toEqual([
    ['loud', 2, false],
    ['quiet', 1, true],
  ]);
  expect(report.promise.kept).toBe(false);
});

test('mistakes are the surest ones, by id', async () => {
  const { report } = await run([writeRows(small)]);
  expect(report.mistakes.missed.map((m) => m.id)).toEqual(['p2']);
  expect(report.mistakes.falseAlarms.map((m) => m.id)).toEqual(['b2', 'm1', 'm2', 'b1']);
});

describe('leaving out', () => {
  /** A head that knows by heart: a trace's score is the share of what it was trained on that had the same number. */
  const training = (fitted: number[] = [], embedded: string[] = []): HeadTraining => ({
    version: 'v',
    embed: async (trace) => {
      embedded.push(trace.id);
      const { risk: number } = JSON.parse(trace.segments[0]!.text) as { risk: number };
      return { vectors: Float32Array.of(number), weights: [1] };
    },
    shipped: ({ vectors }) => vectors[0]!,
    fit: (examples, seeds) => {
      fitted.push(seeds);
      return ({ vectors }) => {
        const same = examples.filter((e) => e.bag.vectors[0] === vectors[0]);
        return same.length === 0 ? 0.5 : same.filter((e) => e.positive).length / same.length;
      };
    },
  });
  const how = (by: 'family' | 'source', cache?: string) => ({ leaveOneOut: { by: [by], seeds: 2, cache } });
  // Each family has a number of its own for its positives: whoever has seen the family knows it, nobody else does.
  const learnt = ['f', 'g'].flatMap((family, i) =>
    Array.from({ length: 40 }, (_, k) =>
      scored(k < 20 ? 1 : 0, k < 20 ? 0.9 - i / 10 : 0.2, { family, id: `${family}${k}` }),
    ),
  );
  const calm = Array.from({ length: 20 }, (_, k) =>
    scored(0, 0.2, { source: `quiet-${k % 2}`, family: 'q', id: `q${k}` }),
  );

  test('shows what a head makes of what it has not seen, beside one that has', async () => {
    const fitted: number[] = [];
    const { report, printed } = await run([writeRows([...learnt, ...calm])], how('family'), training(fitted));
    const left = report.leaveOneOut[0]!;
    expect(left).toMatchObject({ by: 'family', seeds: 2, folds: 4, notRead: 0 });
    expect(left.groups.map((g) => [g.name, g.positives])).toEqual([
      ['org/with-positives', 40],
      ['f', 20],
      ['g', 20],
    ]);
    const [whole] = left.groups;
    expect(whole!.systems.map((s) => s.name)).toEqual([
      'rules and checks',
      'classifier, as shipped',
      'all tiers, as shipped',
      'classifier, left out',
      'all tiers, left out',
    ]);
    expect(whole!.systems[1]!.aurocBenign?.value).toBe(1);
    expect(whole!.systems[0]!.aurocBenign?.value).toBe(0.5);
    expect(printed).toContain('Each family left out (4 folds, 2 seeds');
    // Four folds with two seeds, then with one seed for each of the two benign sources to do without: without the third
    // source there is no positive to learn from.
    expect(fitted).toEqual([2, 2, 2, 2, ...Array<number>(8).fill(1)]);
  });

  test('says what each training set is worth, by training without it', async () => {
    const { report } = await run([writeRows([...learnt, ...calm])], how('family'), training());
    expect(report.leaveOneOut[0]?.trainingSets.map((s) => s.without)).toEqual([
      null,
      'org/with-positives',
      'quiet-0',
      'quiet-1',
    ]);
    // Without the only source of positives there is nothing to learn, and so nothing to show.
    expect(report.leaveOneOut[0]?.trainingSets[1]?.groups[0]?.systems[0]?.aurocAll).toBeNull();
  });

  test('by source needs two sources of positives, and says how many rows it could not read', async () => {
    const { report } = await run([writeRows([...learnt, ...calm])], how('source'), training());
    expect(report.leaveOneOut[0]).toMatchObject({ folds: 0, notRead: 100, groups: [], trainingSets: [] });
  });

  test('reads no trace twice where there is a cache', async () => {
    const cache = makeFolder();
    const [first, second]: [string[], string[]] = [[], []];
    const file = writeRows([...learnt, ...calm]);
    await run([file], how('family', cache), training([], first));
    const { report } = await run([file], how('family', cache), training([], second));
    expect(first.length).toBeGreaterThan(0);
    expect(second).toEqual([]);
    expect(report.leaveOneOut[0]?.notRead).toBe(0);
  });

  test('is refused where no classifier runs', async () => {
    await expect(run([writeRows(small)], how('family'))).rejects.toMatchObject({ code: 'invalid_config' });
  });

  test('families that are kept out take no part in anything', async () => {
    const { report } = await run([writeRows([...learnt, ...calm])], { ...how('family'), keepOut: ['g'] }, training());
    expect(report.counts).toMatchObject({ rows: 60, positives: 20 });
    expect(JSON.stringify(report)).not.toContain('"g"');
  });
});

test('labels never reach the detectors', async () => {
  const about = { id: 'x', commit: 'c', license: 'l', group: 'g', label_basis: 'b', stance: 's', extra: { a: 1 } };
  const { seen } = await run([writeRows([scored(1, 0.9, { ...about, model: 'm', prompt: 'p', output: 'o' })])]);
  expect(Object.keys(seen[0]?.payload as object).sort()).toEqual(['model', 'output', 'prompt', 'reasoning']);
});

test('rows without a label are unreadable, and make the exit code 2 after the report is written', async () => {
  const bad = [{ reasoning: 'clear' }, { reasoning: 'clear', label: '1' }, { reasoning: 'clear', label: 2 }, [1], '{'];
  const { code, report } = await run([writeRows([...small, ...bad])]);
  expect(code).toBe(2);
  expect(report.counts).toMatchObject({ rows: 6, unreadable: 5 });
});

test.each([
  ['nothing at all', []],
  ['positives alone', [scored(1, 0.5)]],
  ['negatives alone', [scored(0, 0.5)]],
  ['nothing that was assessed', [row(1, silent), row(0, silent)]],
])('%s gives a report without figures, not an error', async (_, rows) => {
  const { code, report, page } = await run([writeRows(rows)]);
  expect(code).toBe(0);
  expect(report.scores[0]).toMatchObject({ aurocBenign: null, aurocAll: null, measures: null });
  expect(page).not.toContain('NaN');
});

describe('the page', () => {
  const hostile = '<script>alert(1)</script>"\'&\u001b[2J';

  test('escapes every name', async () => {
    const about = { id: hostile, source: hostile, family: hostile, category: hostile, commit: hostile };
    const { page, printed } = await run([writeRows([scored(1, 0.2, about), scored(0, 0.9, about), ...small])]);
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;');
    expect(printed).not.toContain('\u001b');
  });

  test('needs and may load nothing else', async () => {
    const { page } = await run([writeRows(small)]);
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/\b(?:src|href|srcset)=|url\(|@import|https?:/);
    expect(page.match(/<svg /g)).toHaveLength(2);
    expect(page).not.toContain('NaN');
  });

  test('holds no text of a trace, and neither does the rest', async () => {
    const rows = small.map((r) => ({ ...r, prompt: 'swordfish', output: 'swordfish' }));
    const quoted = row(1, { risk: 0.9, findings: [finding({ explanation: 'swordfish' })] });
    const { page, json, printed } = await run([writeRows([...rows, quoted])]);
    for (const text of [page, json, printed]) expect(text).not.toMatch(/swordfish|audit log/);
  });
});
