import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { calibrateJudge, type ScoredLabel, scaleOf } from '../../src/cli/calibrate-judge.ts';
import { readJudge } from '../../src/cli/judge-arguments.ts';
import { tendDead } from '../../src/cli/judge-dead.ts';
import { writeExamples } from '../../src/cli/judge-examples.ts';
import { type RecordTask, recordAnswers } from '../../src/cli/judge-record.ts';
import type { JudgeAnswer } from '../../src/detectors/judge/contract.ts';
import type { Reviews } from '../../src/record/auditing/contract.ts';
import type { DeadLetter } from '../../src/record/judging/contract.ts';
import { judgeAnswer } from '../support/scripted-judge.ts';
import { filesDeps, finding, holdTerminal, makeFolder, verdict, writeRows } from './fixture.ts';

const rows = [
  { id: 'a', label: 1, reasoning: 'alert' },
  { id: 'b', label: 0, reasoning: 'clear' },
  { id: 'c', label: 0, reasoning: 'flag' },
];

const record = async (out: string, answers: readonly JudgeAnswer[], changes: Partial<RecordTask> = {}) => {
  const terminal = holdTerminal();
  let asked = 0;
  const ask = async (): Promise<JudgeAnswer> => answers[Math.min(asked++, answers.length - 1)]!;
  const task: RecordTask = {
    action: 'record',
    files: [writeRows(rows)],
    out,
    seed: 1,
    simulate: undefined,
    ...changes,
  };
  const code = await recordAnswers({ ...filesDeps(terminal), ask: answers.length === 0 ? undefined : ask }, task);
  return { code, asked, terminal };
};

const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('judge record', () => {
  test('writes one answer a row, with scores and without a word of the trace', async () => {
    const out = join(makeFolder(), 'answers.jsonl');
    const hit = judgeAnswer(
      { kind: 'hit', findings: [finding({ explanation: 'SECRET' })] },
      { scores: { sandbagging: 7.5 } },
    );
    expect((await record(out, [hit, judgeAnswer({ kind: 'clear' })])).code).toBe(0);
    const lines = linesOf(out);
    expect(lines.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(lines.filter(({ outcome }) => outcome.kind === 'hit')[0]).toMatchObject({ scores: { sandbagging: 7.5 } });
    expect(readFileSync(out, 'utf8')).not.toMatch(/SECRET|quote|evidence/);
  });

  test('asks again only about rows that have no answer yet, or that failed', async () => {
    const out = join(makeFolder(), 'answers.jsonl');
    const failed = judgeAnswer({ kind: 'unjudged', reason: 'timeout' });
    expect((await record(out, [failed, judgeAnswer({ kind: 'clear' })])).asked).toBe(3);
    expect((await record(out, [judgeAnswer({ kind: 'clear' })])).asked).toBe(1);
    expect((await record(out, [judgeAnswer({ kind: 'clear' })])).asked).toBe(0);
    expect(linesOf(out)).toHaveLength(4);
  });

  test('makes answers up at the given rates, the same for the same seed whatever the order', async () => {
    const folder = makeFolder();
    const simulated = async (name: string, order: readonly unknown[]) => {
      const out = join(folder, name);
      await record(out, [], { files: [writeRows(order, `${name}.rows`, folder)], simulate: { tpr: 1, fpr: 0 } });
      return linesOf(out).sort((a, b) => (a.id < b.id ? -1 : 1));
    };
    const named = rows.map((row) => ({ ...row, source: 's' }));
    const lines = await simulated('one', named);
    expect(lines.map(({ outcome }) => outcome.findings[0].score > 0.5)).toEqual([true, false, false]);
    expect(await simulated('two', named.toReversed())).toEqual(lines);
  });

  test('without a judge ends with 2 and writes nothing', async () => {
    const out = join(makeFolder(), 'answers.jsonl');
    const { code, terminal } = await record(out, []);
    expect(code).toBe(2);
    expect(terminal.complained()).toContain('JUDGE_BASE_URL');
    expect(existsSync(out)).toBe(false);
  });
});

describe("a judge's scale", () => {
  const prior = [
    [1, 0.01],
    [5, 0.3],
    [10, 0.97],
  ] as const;
  const many = (score: number, positive: boolean, n: number): ScoredLabel[] =>
    Array.from({ length: n }, () => ({ score, positive }));

  test('is the one before where there are no labels, and rises always', () => {
    const scale = scaleOf([], prior);
    expect(scale[0]).toEqual([1, 0.01]);
    expect(scale[4]).toEqual([5, 0.3]);
    const fitted = scaleOf([...many(3, true, 50), ...many(7, false, 50)], prior);
    expect(fitted.every(([, p], i) => i === 0 || p >= fitted[i - 1]![1])).toBe(true);
  });

  test('moves to what the labels say, the further the more there are', () => {
    const at8 = (n: number) => scaleOf([...many(8, true, n), ...many(8, false, n)], prior)[7]![1];
    expect(at8(2)).toBeGreaterThan(at8(200));
    expect(at8(200)).toBeCloseTo(0.5, 1);
  });

  test('is fitted on the highest score of a row that counts, and says what it rests on', async () => {
    const folder = makeFolder();
    const out = join(folder, 'scale.json');
    const usage = { promptTokens: 1, completionTokens: 1, costUsd: null };
    const answer = (id: string, scores: object, findings: readonly object[] = []) => ({
      id,
      outcome: findings.length === 0 ? { kind: 'clear' } : { kind: 'hit', findings },
      usage,
      scores,
    });
    const judge = writeRows(
      [
        answer('a', { sandbagging: 9, evaluation_awareness: 2 }, [
          { category: 'sandbagging', score: 0.9, stance: 'intended' },
        ]),
        // Declined, and an observation: neither is held against the model.
        answer('b', { sandbagging: 9, evaluation_awareness: 10 }, [
          { category: 'sandbagging', score: 0.9, stance: 'rejected' },
        ]),
      ],
      'answers.jsonl',
      folder,
    );
    const terminal = holdTerminal();
    const deps = {
      terminal,
      maxLineBytes: 1_000_000,
      priorScale: prior,
      observations: new Set(['evaluation_awareness']),
    };
    expect(await calibrateJudge(deps, { files: [writeRows(rows)], judge, out })).toBe(0);
    const scale = JSON.parse(readFileSync(out, 'utf8'));
    expect(scale).toMatchObject({
      version: 1,
      name: 'fitted',
      note: expect.stringContaining('2 recorded answers, 1 of them'),
    });
    expect(terminal.printed()).toMatch(/^\s*9 .* 1\s*$/m);
    expect(terminal.printed()).toMatch(/^\s*1 .* 1\s*$/m);
    expect(terminal.printed()).toContain('1 rows have none');
  });

  test('is not fitted on rows of one kind', async () => {
    const terminal = holdTerminal();
    const deps = { terminal, maxLineBytes: 1_000_000, priorScale: prior, observations: new Set<string>() };
    const none = writeRows([], 'none.jsonl');
    expect(await calibrateJudge(deps, { files: [writeRows(rows)], judge: none, out: undefined })).toBe(2);
  });
});

describe('judge dead', () => {
  const letter: DeadLetter = {
    tenant: 'acme',
    traceId: 't-1',
    cause: 'band',
    enqueuedAt: new Date(0),
    attempts: 5,
    reason: 'timeout',
    readable: true,
  };

  test('lists what was given up, with exit code 1, and puts it back on request', async () => {
    const terminal = holdTerminal();
    const retried: unknown[] = [];
    const letters = {
      list: async () => [letter],
      retry: async (tenant: string | undefined) => retried.push(tenant),
    };
    expect(await tendDead(letters, { action: 'dead', tenant: undefined, retry: false }, terminal)).toBe(1);
    expect(terminal.printed()).toMatch(/acme .*t-1 .*timeout/);
    expect(retried).toEqual([]);
    expect(await tendDead(letters, { action: 'dead', tenant: 'acme', retry: true }, terminal)).toBe(0);
    expect(retried).toEqual(['acme']);
  });
});

describe('judge examples', () => {
  const reviewed = (label: 0 | 1, category: string, quote: string) => ({
    label,
    trace: {
      verdict: verdict({ findings: [finding({ category, evidence: [{ ...finding().evidence[0]!, quote }] })] }),
    },
  });

  test('takes of every category and decision, asks for one tenant alone, and says what to do with the file', async () => {
    const out = join(makeFolder(), 'acme.json');
    const asked: string[] = [];
    const items = [
      ...Array.from({ length: 9 }, (_, i) => reviewed(1, 'sandbagging', `confirmed ${i}`)),
      reviewed(0, 'sandbagging', 'turned down'),
      reviewed(1, 'goal_guarding', 'x'.repeat(501)),
    ];
    const reviews = {
      labelled: async (tenant: string) => {
        asked.push(tenant);
        return { items, next: null };
      },
    } as unknown as Pick<Reviews, 'labelled'>;
    const terminal = holdTerminal();
    const task = { action: 'examples', tenant: 'acme', out, limit: 3 } as const;
    expect(await writeExamples(reviews, task, terminal)).toBe(0);
    expect(asked).toEqual(['acme']);
    const file = JSON.parse(readFileSync(out, 'utf8'));
    expect(file).toMatchObject({ version: 1, tenant: 'acme' });
    expect(file.examples.map((e: { quote: string }) => e.quote)).toEqual(['turned down', 'confirmed 8', 'confirmed 7']);
    expect(terminal.printed()).toContain('JUDGE_PROMPT_DIR/examples/');
  });
});

describe('the command line of judge', () => {
  test.each<[string[], string]>([
    [[], 'record, dead or examples'],
    [['record', 'a'], '--out'],
    [['record', '--out', 'b'], 'at least one file'],
    [['record', 'a', '--out', 'b', '--simulate', '0.9'], '--simulate'],
    [['record', 'a', '--out', 'b', '--simulate', '0.9,2'], '--simulate'],
    [['record', 'a', '--out', 'b', '--tenant', 'x'], '--tenant'],
    [['examples', '--out', 'b'], '--tenant'],
    [['dead', 'a'], 'nothing to name'],
    [['dead', '--out', 'a'], '--out'],
  ])('%j is refused', (args, problem) => {
    expect(readJudge(args)).toContain(problem);
  });

  test('is read', () => {
    expect(readJudge(['record', 'a', '--out', 'b', '--simulate', '0.85,0.03'])).toMatchObject({
      files: ['a'],
      simulate: { tpr: 0.85, fpr: 0.03 },
    });
    expect(readJudge(['dead', '--retry'])).toEqual({ action: 'dead', tenant: undefined, retry: true });
  });
});
