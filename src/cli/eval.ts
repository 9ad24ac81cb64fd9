import type { Verdict, Versions } from '../domain/verdict.ts';
import { createRandom } from '../report/statistics/random.ts';
import { assessFiles, type FilesDeps, type FilesTally } from './assess-files.ts';
import type { Grouping } from './eval-groups.ts';
import { htmlOf } from './eval-html.ts';
import { buildReport } from './eval-report.ts';
import {
  benignSources,
  createDigests,
  type LabelledRow,
  readLabelled,
  type ScoredRow,
  scoreRow,
  type Weigh,
} from './eval-rows.ts';
import { conclusionOf, showTables, tablesOf } from './eval-text.ts';
import { openOptional } from './output-file.ts';

// `eval`: labelled rows through the production pipeline, and how well its verdicts agree with the labels.
// docs/evaluation.md says what each figure means.

export interface EvalOptions {
  readonly files: readonly string[];
  readonly out: string | undefined;
  readonly html: string | undefined;
  readonly seed: number;
  /** What to compare positives with; undefined: benign where there is any, else all. */
  readonly negatives: 'benign' | 'all' | undefined;
  readonly groupBy: Grouping;
}

export interface EvalDeps extends FilesDeps {
  readonly weigh: Weigh;
}

/** Few, so that a slow machine does not turn waiting in line into `timeout`. */
export const LABELLED_AT_ONCE = 4;

/** @returns exit code: 0, or 2 where rows could not be read */
export const evaluate = async (deps: EvalDeps, options: EvalOptions): Promise<number> => {
  const { terminal, weigh } = deps;
  const json = await openOptional(options.out, options.files);
  const html = await openOptional(options.html, options.files).catch(async (error: unknown) => {
    await json?.close();
    throw error;
  });
  const rows: ScoredRow[] = [];
  const digests = createDigests();
  let versions: Versions | null = null;
  let read: FilesTally;
  try {
    read = await assessFiles<LabelledRow>(deps, {
      files: options.files,
      quiet: false,
      atOnce: LABELLED_AT_ONCE,
      prepare: (payload, line) => {
        digests.add(line);
        return readLabelled(payload, line);
      },
      take: (row: LabelledRow, verdict: Verdict) => {
        versions ??= verdict.versions;
        rows.push(scoreRow(row, verdict, weigh));
      },
    });
    const evaluated = { rows, unreadable: read.unreadable, files: digests.list(), versions };
    const negatives = options.negatives ?? (benignSources(rows).size > 0 ? 'benign' : 'all');
    const report = buildReport(evaluated, { seed: options.seed, negatives }, createRandom);
    await json?.write(`${JSON.stringify(report, null, 2)}\n`);
    await html?.write(htmlOf(report));
    terminal.out.write(`${showTables(tablesOf(report, [options.groupBy]))}\n\n${conclusionOf(report)}\n`);
  } finally {
    await json?.close();
    await html?.close();
  }
  return read.unreadable > 0 ? 2 : 0;
};
