import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { z } from 'zod';
import { CodedError } from '../domain/errors.ts';
import type { Finding } from '../domain/finding.ts';
import type { DetectorResult, ViewEvidence } from '../domain/outcome.ts';
import type { Decision, Verdict } from '../domain/verdict.ts';
import type { Assessed, Submission } from '../pipeline.ts';
import type { FileLine } from './trace-files.ts';

// Labelled rows: what is known of a trace beside its text. None of that reaches the detectors, and of the text nothing
// stays here once the verdict is in.

export interface LabelledRow {
  /** The row's own, or file and line. */
  readonly id: string;
  /** Without its folder. */
  readonly file: string;
  /** The file's name where the row names none. */
  readonly source: string;
  readonly commit: string | null;
  readonly family: string;
  /** As labelled, which need not be one of the monitor's. */
  readonly category: string;
  readonly positive: boolean;
}

/** A row and what the pipeline made of it. */
export interface ScoredRow extends LabelledRow {
  readonly risk: number;
  readonly decision: Decision;
  readonly assessment: Verdict['assessment'];
  readonly views: Verdict['views'];
  /** The risk by each detector alone, and by all but each: what it can do, and what it adds. */
  readonly detectors: Readonly<Record<string, number>>;
  readonly found: { readonly views: ReadonlySet<string>; readonly stances: ReadonlySet<string> };
}

const MAX_NAME = 256;
const name = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value == null || value === '' ? undefined : String(value).slice(0, MAX_NAME)));

const rowSchema = z.looseObject({
  id: name,
  source: name,
  commit: name,
  family: name,
  category: name,
  label: z.union([z.literal(0), z.literal(1)], 'must be 0 or 1'),
});

/** Keys of a row that say something about the trace, and are no part of it. */
const ABOUT = ['source', 'commit', 'license', 'family', 'group', 'category', 'label', 'label_basis', 'stance', 'extra'];

/** @throws CodedError `invalid_body` */
export const readLabelled = (
  payload: unknown,
  line: Pick<FileLine, 'file' | 'number'>,
): { readonly row: LabelledRow; readonly submission: Submission } => {
  const parsed = rowSchema.safeParse(payload);
  if (!parsed.success) {
    const errors = parsed.error.issues.map((i) => ({ path: `/${i.path.join('/')}`, message: i.message }));
    throw new CodedError('invalid_body', 'The line is not a labelled row', { errors });
  }
  const { id, source, commit, family, category, label } = parsed.data;
  const file = basename(line.file);
  const trace = Object.fromEntries(Object.entries(parsed.data).filter(([key]) => !ABOUT.includes(key) && key !== 'id'));
  return {
    row: {
      id: id ?? `${file}:${line.number}`,
      file,
      source: source ?? file,
      commit: commit ?? null,
      family: family ?? '(none)',
      category: category ?? '(none)',
      positive: label === 1,
    },
    submission: { payload: trace, tenant: 'default' },
  };
};

/** The combiner in force: one risk from findings and scores. */
export type Risk = (findings: readonly Finding[], scores: ViewEvidence) => number;

const scoresOf = (results: readonly DetectorResult[], wanted: (detector: string) => boolean): ViewEvidence =>
  Object.assign(
    {},
    ...results.map(({ detector, outcome }) => (wanted(detector) && 'scores' in outcome ? outcome.scores : {})),
  );

const byDetector = (verdict: Verdict, results: readonly DetectorResult[], risk: Risk): Record<string, number> => {
  const names = new Set([...verdict.findings.map((f) => f.detector.name), ...results.map((r) => r.detector)]);
  const riskOf = (wanted: (detector: string) => boolean): number =>
    risk(
      verdict.findings.filter((f) => wanted(f.detector.name)),
      scoresOf(results, wanted),
    );
  return Object.fromEntries(
    [...names].flatMap((name) => [
      [name, riskOf((detector) => detector === name)],
      [`without ${name}`, riskOf((detector) => detector !== name)],
    ]),
  );
};

export const scoreRow = (row: LabelledRow, { verdict, results = [] }: Assessed, risk: Risk): ScoredRow => ({
  ...row,
  risk: verdict.risk,
  decision: verdict.decision,
  assessment: verdict.assessment,
  views: verdict.views,
  detectors: byDetector(verdict, results, risk),
  found: {
    views: new Set(verdict.findings.map((f) => f.view)),
    stances: new Set(verdict.findings.map((f) => f.stance)),
  },
});

/** A trace that nobody could assess has no score: silence about it is no sign of innocence. */
export const isScored = ({ assessment }: ScoredRow): boolean => assessment.state !== 'not_assessed';

export const isFlagged = ({ decision }: Pick<ScoredRow, 'decision'>): boolean =>
  decision === 'flag' || decision === 'alert';

/** Sources without a single positive: ordinary traffic, as against the twins of misaligned traces. */
export const benignSources = (rows: readonly Pick<LabelledRow, 'source' | 'positive'>[]): ReadonlySet<string> => {
  const guilty = new Set(rows.filter((r) => r.positive).map((r) => r.source));
  return new Set(rows.map((r) => r.source).filter((source) => !guilty.has(source)));
};

/** What a stranger needs to know that it is the same data: rows and a hash over their bytes, by file. */
export interface FileDigest {
  readonly file: string;
  readonly rows: number;
  readonly sha256: string;
}

export const createDigests = (): { add(line: FileLine): void; list(): FileDigest[] } => {
  const files = new Map<string, { rows: number; hash: ReturnType<typeof createHash> }>();
  return {
    add: ({ file, bytes }) => {
      const entry = files.get(file) ?? { rows: 0, hash: createHash('sha256') };
      files.set(file, entry);
      entry.rows++;
      entry.hash.update(bytes ?? '').update('\n');
    },
    list: () =>
      [...files].map(([file, { rows, hash }]) => ({ file: basename(file), rows, sha256: hash.copy().digest('hex') })),
  };
};
