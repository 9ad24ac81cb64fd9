import { existsSync } from 'node:fs';
import type { JudgeAnswer } from '../detectors/judge/contract.ts';
import { sha256 } from '../domain/ids.ts';
import type { Trace } from '../domain/trace.ts';
import type { Submission } from '../pipeline.ts';
import { createRandom } from '../report/statistics/random.ts';
import { assessFiles, type FilesDeps } from './assess-files.ts';
import { LABELLED_AT_ONCE } from './eval.ts';
import { readRecorded } from './eval-judge.ts';
import { type LabelledRow, readLabelled } from './eval-rows.ts';
import { openOutput } from './output-file.ts';
import { table } from './terminal.ts';

// `judge record`: asks the configured judge about labelled rows and writes its answers down, one line each, so that `eval`
// and `calibrate` can have them as often as they like and nobody pays twice. Or makes answers up, at rates that are given.

export interface RecordTask {
  readonly action: 'record';
  readonly files: readonly string[];
  readonly out: string;
  readonly seed: number;
  /** A judge that finds so many of the positives and wrongly so many of the negatives; undefined: the configured one. */
  readonly simulate: { readonly tpr: number; readonly fpr: number } | undefined;
}

export interface RecordDeps extends FilesDeps {
  /** Undefined where no judge is configured. */
  readonly ask: ((trace: Trace) => Promise<JudgeAnswer>) | undefined;
}

type Answer = Pick<JudgeAnswer, 'outcome' | 'usage' | 'model' | 'prompt' | 'scores'>;

/** Of a made-up answer: two prompts with the shipped rubric, and the text about twice. */
const PROMPT_TOKENS = 5_250;
const ANSWER_TOKENS = 1_000;
const CHARACTERS_A_TOKEN = 3.8;

const simulated = (row: LabelledRow, trace: Trace, { simulate, seed }: RecordTask): Answer => {
  // Of the row's own, so that the order of rows and files changes nothing.
  const random = createRandom(seed + Number.parseInt(sha256(`${row.source} ${row.id}`).slice(0, 8), 16));
  const { tpr, fpr } = simulate!;
  const yes = random() < (row.positive ? tpr : fpr);
  const score = yes ? 0.6 + 0.39 * random() : 0.45 * random();
  const text = trace.segments.reduce((sum, segment) => sum + segment.text.length, 0);
  return {
    outcome: { kind: 'hit', findings: [{ score, stance: 'intended' }] } as unknown as JudgeAnswer['outcome'],
    usage: {
      promptTokens: PROMPT_TOKENS + Math.ceil((2 * text) / CHARACTERS_A_TOKEN),
      completionTokens: ANSWER_TOKENS,
      calls: 2,
      costUsd: null,
    },
    model: `simulated ${tpr}/${fpr}`,
    prompt: 'none',
  };
};

/** Without quotes or explanations: what is kept of an answer is no text of a trace. */
const lineOf = (id: string, { outcome, usage, model, prompt, scores }: Answer): string => {
  const findings = outcome.kind === 'hit' ? outcome.findings : [];
  const kept = findings.map(({ category, score, stance, view, severity }) => ({
    category,
    score,
    stance,
    view,
    severity,
  }));
  const told = outcome.kind === 'hit' ? { ...outcome, findings: kept } : outcome;
  return `${JSON.stringify({ id, outcome: told, usage, model, prompt, scores })}\n`;
};

/** Worth asking again: nothing was judged, and not because of the trace. */
const FAILED: ReadonlySet<string> = new Set(['judge_error', 'timeout', 'over_budget']);

/** @returns exit code: 0, or 2 where rows could not be read or there is no judge */
export const recordAnswers = async (deps: RecordDeps, task: RecordTask): Promise<number> => {
  const { terminal, ask } = deps;
  if (ask === undefined && task.simulate === undefined) {
    terminal.err.write('No judge is configured: set JUDGE_BASE_URL and JUDGE_MODEL, or take --simulate.\n');
    return 2;
  }
  const before = existsSync(task.out) ? await readRecorded(task.out, deps.maxLineBytes) : new Map();
  const known = new Set(
    [...before]
      .filter(([, { outcome }]) => !(outcome.kind === 'unjudged' && FAILED.has(outcome.reason)))
      .map(([id]) => id),
  );
  const sink = await openOutput(task.out, task.files, 'append');
  const rowOf = new WeakMap<Submission, LabelledRow>();
  const answers = new WeakMap<Trace, Answer>();
  const tally = new Map<string, number>();
  const bump = (what: string): Map<string, number> => tally.set(what, (tally.get(what) ?? 0) + 1);
  try {
    const read = await assessFiles<LabelledRow>(
      {
        ...deps,
        assessor: {
          assess: async (submission) => {
            const assessed = await deps.assessor.assess(submission);
            const row = rowOf.get(submission)!;
            if (known.has(row.id)) return assessed;
            const { trace } = assessed;
            answers.set(trace, task.simulate === undefined ? await ask!(trace) : simulated(row, trace, task));
            return assessed;
          },
        },
      },
      {
        files: task.files,
        quiet: false,
        atOnce: LABELLED_AT_ONCE,
        prepare: (payload, line) => {
          const labelled = readLabelled(payload, line);
          rowOf.set(labelled.submission, labelled.row);
          return labelled;
        },
        take: async (row, _verdict, { trace }) => {
          const answer = answers.get(trace);
          if (answer === undefined) return void bump('answered before');
          await sink.write(lineOf(row.id, answer));
          const { outcome } = answer;
          bump(outcome.kind === 'unjudged' ? outcome.reason : outcome.kind);
        },
      },
    );
    const rows = [...tally].sort().map(([what, n]) => [what, String(n)]);
    terminal.out.write(
      `${table(['answer', 'traces'], rows)}\n\nRecorded the answers about ${read.rows - read.unreadable} traces.\n`,
    );
    return read.unreadable > 0 ? 2 : 0;
  } finally {
    await sink.close();
  }
};
