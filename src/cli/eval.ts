import { Presets, SingleBar } from 'cli-progress';
import type { Bag, HeadTraining } from '../detectors/contract.ts';
import { CodedError } from '../domain/errors.ts';
import type { Finding } from '../domain/finding.ts';
import type { Trace } from '../domain/trace.ts';
import type { Verdict, Versions } from '../domain/verdict.ts';
import type { Assessed } from '../pipeline.ts';
import { createRandom } from '../report/statistics/random.ts';
import { assessFiles, type FilesDeps } from './assess-files.ts';
import type { Unit } from './eval-folds.ts';
import type { Grouping } from './eval-groups.ts';
import { htmlOf } from './eval-html.ts';
import { type CascadeView, cascadeOf, cascadeTables, readRecorded } from './eval-judge.ts';
import { type LeaveOneOutReport, type LeaveOutRow, leaveOneOut, type RiskModel } from './eval-leave-out.ts';
import { markdownOf } from './eval-markdown.ts';
import { buildReport } from './eval-report.ts';
import { benignSources, createDigests, type LabelledRow, readLabelled, type ScoredRow, scoreRow } from './eval-rows.ts';
import { conclusionOf, showTables, tablesOf } from './eval-text.ts';
import { type OutputFile, openOptional } from './output-file.ts';
import type { Terminal } from './terminal.ts';
import { createMemoryCache, openVectorCache } from './vector-cache.ts';

// `eval`: labelled rows through the production pipeline, and how well its verdicts agree with the labels.
// docs/evaluation.md says what each figure means.

export interface EvalOptions {
  readonly files: readonly string[];
  readonly out: string | undefined;
  readonly html: string | undefined;
  readonly markdown: string | undefined;
  readonly seed: number;
  /** What to compare positives with; undefined: benign where there is any, else all. */
  readonly negatives: 'benign' | 'all' | undefined;
  readonly groupBy: Grouping;
  /** Recorded answers of a judge. */
  readonly judge: string | undefined;
  /** Families that take no part in anything: kept for a last look. */
  readonly keepOut: readonly string[];
  readonly leaveOneOut:
    | { readonly by: readonly Unit[]; readonly seeds: number; readonly cache: string | undefined }
    | undefined;
}

export interface EvalDeps extends FilesDeps {
  readonly model: RiskModel;
  readonly training: HeadTraining | undefined;
  readonly cascade: CascadeView;
}

/** What is needed of a finding to combine it: nothing of the trace's text. */
const withoutText = (finding: Finding): Finding => ({ ...finding, evidence: [], explanation: '' });

type Embed = (trace: Trace) => Promise<Bag | null>;

/** @throws CodedError `invalid_config` where there is no head to train, or no place for its vectors */
const embedderOf = (
  training: HeadTraining | undefined,
  { leaveOneOut }: Pick<EvalOptions, 'leaveOneOut'>,
): Embed | undefined => {
  if (leaveOneOut === undefined) return undefined;
  if (training === undefined) {
    throw new CodedError('invalid_config', '--leave-one-out needs the classifier among DETECTORS');
  }
  const { cache: folder } = leaveOneOut;
  const cache = folder === undefined ? createMemoryCache() : openVectorCache(folder, training.version);
  return async (trace) => {
    const known = cache.get(trace.contentHash);
    if (known !== undefined) return known;
    const bag = (await training.embed(trace)) ?? null;
    cache.put(trace.contentHash, bag);
    return bag;
  };
};

const barFor = ({ err, interactive }: Terminal) => {
  const format = '{bar} {percentage}% | {value} of {total} heads trained | {eta_formatted} left';
  const bar = interactive
    ? new SingleBar({ stream: err as NodeJS.WriteStream, format }, Presets.shades_classic)
    : undefined;
  return { start: (heads: number) => bar?.start(heads, 0), step: () => bar?.increment(), stop: () => bar?.stop() };
};

/** Few, so that a slow machine does not turn waiting in line into `timeout`. */
export const LABELLED_AT_ONCE = 4;

const leaveOut = (
  rows: readonly LeaveOutRow[],
  { terminal, model, training }: EvalDeps,
  { leaveOneOut: how, seed, negatives }: EvalOptions & { readonly negatives: 'benign' | 'all' },
): LeaveOneOutReport[] => {
  if (how === undefined || training === undefined) return [];
  const { seeds } = how;
  return how.by.map((by) => {
    const bar = barFor(terminal);
    try {
      const options = { by, seeds, negatives };
      return leaveOneOut(rows, { training, model }, options, () => createRandom(seed), bar);
    } finally {
      bar.stop();
    }
  });
};

/** @returns exit code: 0, or 2 where rows could not be read */
export const evaluate = async (deps: EvalDeps, options: EvalOptions): Promise<number> => {
  const opened: (OutputFile | undefined)[] = [];
  const open = async (path: string | undefined): Promise<OutputFile | undefined> => {
    const file = await openOptional(path, options.files);
    opened.push(file);
    return file;
  };
  try {
    const outputs = {
      json: await open(options.out),
      html: await open(options.html),
      markdown: await open(options.markdown),
    };
    return await measure(deps, options, outputs);
  } finally {
    for (const file of opened) await file?.close();
  }
};

interface Outputs {
  readonly json: OutputFile | undefined;
  readonly html: OutputFile | undefined;
  readonly markdown: OutputFile | undefined;
}

const measure = async (deps: EvalDeps, options: EvalOptions, { json, html, markdown }: Outputs): Promise<number> => {
  const { terminal, model, training } = deps;
  const embed = embedderOf(training, options);
  const recorded = options.judge === undefined ? null : await readRecorded(options.judge, deps.maxLineBytes);
  const rows: ScoredRow[] = [];
  const bags: LeaveOutRow[] = [];
  const keptOut = new Set(options.keepOut);
  const digests = createDigests();
  let versions: Versions | null = null;
  const read = await assessFiles<LabelledRow>(deps, {
    files: options.files,
    quiet: false,
    atOnce: LABELLED_AT_ONCE,
    prepare: (payload, line) => {
      digests.add(line);
      return readLabelled(payload, line);
    },
    take: async (row: LabelledRow, verdict: Verdict, assessed: Assessed) => {
      versions ??= verdict.versions;
      if (keptOut.has(row.family)) return;
      const scored = scoreRow(row, assessed, model.risk);
      rows.push(scored);
      if (embed === undefined) return;
      bags.push({ ...scored, findings: verdict.findings.map(withoutText), bag: await embed(assessed.trace) });
    },
  });
  const negatives = options.negatives ?? (benignSources(rows).size > 0 ? 'benign' : 'all');
  const leftOut = leaveOut(bags, deps, { ...options, negatives });
  const evaluated = { rows, unreadable: read.unreadable, files: digests.list(), versions, leaveOneOut: leftOut };
  const report = buildReport(evaluated, { seed: options.seed, negatives }, createRandom);
  const cascade = recorded === null ? null : cascadeOf(rows, recorded, deps.cascade, { negatives, seed: options.seed });
  await json?.write(`${JSON.stringify(recorded === null ? report : { ...report, cascade }, null, 2)}\n`);
  await html?.write(htmlOf(report));
  await markdown?.write(markdownOf(report));
  const tables = [...tablesOf(report, [options.groupBy]), ...(cascade === null ? [] : cascadeTables(cascade))];
  if (recorded !== null && cascade === null)
    terminal.err.write('No recorded answer belongs to a row of these files.\n');
  terminal.out.write(`${showTables(tables)}\n\n${conclusionOf(report)}\n`);
  return read.unreadable > 0 ? 2 : 0;
};
