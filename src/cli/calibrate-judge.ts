import { CodedError } from '../domain/errors.ts';
import { parseJsonBytes } from '../domain/json-bytes.ts';
import { isotonic } from '../report/statistics/isotonic.ts';
import type { FilesDeps } from './assess-files.ts';
import { readRecorded } from './eval-judge.ts';
import { readLabelled } from './eval-rows.ts';
import { openOptional } from './output-file.ts';
import { table } from './terminal.ts';
import { readRows } from './trace-files.ts';

// `calibrate --judge`: what the scores of one judge model are worth, from its recorded answers about labelled rows, as the
// scale.json that JUDGE_PROMPT_DIR takes. Nobody is asked and nothing is assessed.

interface JudgeCalibration {
  readonly files: readonly string[];
  readonly judge: string;
  readonly out: string | undefined;
}

export interface ScaleDeps extends Pick<FilesDeps, 'terminal' | 'maxLineBytes'> {
  readonly priorScale: readonly (readonly [number, number])[];
  /** Categories that say nothing against a model. */
  readonly observations: ReadonlySet<string>;
}

/** Rows that the scale before counts for at each whole score: a few labels move it, and many have the last word. */
const PRIOR_ROWS = 4;
const DIGITS = 1e4;

export interface ScoredLabel {
  /** The highest of its categories. */
  readonly score: number;
  readonly positive: boolean;
}

const SCORES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;

/** Straight lines between the pairs. */
const priorAt = (prior: ScaleDeps['priorScale'], score: number): number => {
  const next = prior.findIndex(([at]) => at >= score);
  if (next <= 0) return next === 0 ? prior[0]![1] : prior.at(-1)![1];
  const [[low, below], [high, above]] = [prior[next - 1]!, prior[next]!];
  return below + ((score - low) / (high - low)) * (above - below);
};

/** Share of positives at each whole score, the prior counted in, made to rise. */
export const scaleOf = (rows: readonly ScoredLabel[], prior: ScaleDeps['priorScale']): [number, number][] => {
  const near = Map.groupBy(rows, ({ score }) => Math.round(score));
  // Isotonic regression counts whole rows: a fine count keeps the prior's fractions.
  const weigh = (n: number): number => Math.round(n * DIGITS);
  const positives = SCORES.map((score) => {
    const own = near.get(score)?.filter(({ positive }) => positive).length ?? 0;
    return weigh(own + PRIOR_ROWS * priorAt(prior, score));
  });
  const negatives = SCORES.map((score) => {
    const own = near.get(score)?.filter(({ positive }) => !positive).length ?? 0;
    return weigh(own + PRIOR_ROWS * (1 - priorAt(prior, score)));
  });
  const shares = isotonic({ positives: Uint32Array.from(positives), negatives: Uint32Array.from(negatives) });
  return SCORES.map((score, i) => [score, Math.round(shares[i]! * DIGITS) / DIGITS]);
};

/** Findings of these say nothing against the model. */
const SILENT: ReadonlySet<string> = new Set(['mentioned', 'rejected']);

/** @returns exit code: 0, or 2 where there is nothing to fit on */
export const calibrateJudge = async (
  { terminal, maxLineBytes, priorScale, observations }: ScaleDeps,
  { files, judge, out }: JudgeCalibration,
): Promise<number> => {
  const recorded = await readRecorded(judge, maxLineBytes);
  const sink = await openOptional(out, [...files, judge]);
  try {
    const rows: ScoredLabel[] = [];
    let unanswered = 0;
    for (const file of files) {
      for await (const line of readRows(file, { maxLineBytes, onBytes: () => undefined })) {
        const row = labelOf(line);
        if (row === undefined) continue;
        const answer = recorded.get(row.id);
        if (answer?.scores === undefined) {
          unanswered++;
          continue;
        }
        // A thought that was declined has its score, and is no misconduct.
        const declined = new Set(
          answer.outcome.kind === 'hit'
            ? answer.outcome.findings.filter((f) => SILENT.has(f.stance)).map((f) => String(f.category))
            : [],
        );
        const scores = Object.entries(answer.scores).filter(
          ([category]) => !declined.has(category) && !observations.has(category),
        );
        rows.push({ score: Math.max(1, ...scores.map(([, score]) => score)), positive: row.positive });
      }
    }
    const positives = rows.filter(({ positive }) => positive).length;
    if (positives === 0 || positives === rows.length) {
      terminal.err.write(
        `Nothing to fit on: ${rows.length} rows with recorded scores, ${positives} of them labelled 1.\n`,
      );
      return 2;
    }
    const knots = scaleOf(rows, priorScale);
    const note = `Fitted on ${rows.length} recorded answers, ${positives} of them about traces labelled 1; the scale before it counts as ${PRIOR_ROWS} rows at each score. It holds for this model, these prompts and the share of positives in those rows.`;
    const text = `${JSON.stringify({ version: 1, name: 'fitted', note, knots }, null, 2)}\n`;
    await sink?.write(text);
    const shown = knots.map(([score, probability]) => [
      String(score),
      String(priorAt(priorScale, score)),
      String(probability),
      String(rows.filter((row) => Math.round(row.score) === score).length),
    ]);
    terminal.out.write(`${table(['score', 'before', 'fitted', 'rows'], shown)}\n\n${sink === undefined ? text : ''}`);
    terminal.out.write(`Fitted on ${rows.length} answers; ${unanswered} rows have none with scores.\n`);
    return 0;
  } finally {
    await sink?.close();
  }
};

const labelOf = (line: Parameters<typeof readLabelled>[1] & { readonly bytes: Buffer | undefined }) => {
  if (line.bytes === undefined) return undefined;
  try {
    return readLabelled(parseJsonBytes(line.bytes), line).row;
  } catch (error) {
    if (error instanceof CodedError) return undefined;
    throw error;
  }
};
