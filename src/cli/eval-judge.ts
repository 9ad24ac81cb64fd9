import { z } from 'zod';
import { CodedError } from '../domain/errors.ts';
import { sha256 } from '../domain/ids.ts';
import { parseJsonBytes } from '../domain/json-bytes.ts';
import { STANCES, type Stance } from '../domain/taxonomy.ts';
import { COVERAGE_REASONS } from '../domain/verdict.ts';
import { type Curve, curvesOf } from '../report/cascade/curves.ts';
import type { CascadeRow } from '../report/cascade/routing.ts';
import { percent, short, type Table } from './eval-cells.ts';
import { benignSources, isScored, type ScoredRow } from './eval-rows.ts';
import { printable } from './terminal.ts';
import { readLines } from './trace-files.ts';

// `eval --judge`: recorded answers of a judge, replayed under every routing and budget, so that what a cascade catches and
// costs is known without paying for it again.

const usageSchema = z.looseObject({
  promptTokens: z.number().min(0),
  completionTokens: z.number().min(0),
  costUsd: z.number().min(0).nullable(),
});

const findingSchema = z.looseObject({ score: z.number().min(0).max(1), stance: z.enum(STANCES) });

const recordedSchema = z.looseObject({
  /** Of the labelled row. */
  id: z.string(),
  outcome: z.discriminatedUnion('kind', [
    z.looseObject({ kind: z.literal('hit'), findings: z.array(findingSchema) }),
    z.looseObject({ kind: z.literal('clear') }),
    z.looseObject({ kind: z.literal('unjudged'), reason: z.enum(COVERAGE_REASONS) }),
  ]),
  usage: usageSchema,
  /** By category, 1 to 10. */
  scores: z.record(z.string(), z.number().min(1).max(10)).optional(),
});

export type Recorded = z.output<typeof recordedSchema>;

/** @throws CodedError `unreadable_input` for a file or a line that cannot be read; of one id the last line counts */
export const readRecorded = async (file: string, maxLineBytes: number): Promise<ReadonlyMap<string, Recorded>> => {
  const answers = new Map<string, Recorded>();
  for await (const { bytes, number } of readLines(file, { maxLineBytes, onBytes: () => undefined })) {
    const parsed = bytes === undefined ? undefined : recordedSchema.safeParse(jsonOf(bytes));
    if (parsed?.success !== true) {
      const where = parsed?.error.issues.map((issue) => `/${issue.path.join('/')}`).join(', ') ?? 'too long';
      throw new CodedError(
        'unreadable_input',
        `${printable(file)}:${number} is not a recorded answer (${printable(where)})`,
      );
    }
    answers.set(parsed.data.id, parsed.data);
  }
  return answers;
};

const jsonOf = (bytes: Buffer): unknown => {
  try {
    return parseJsonBytes(bytes);
  } catch {
    return undefined;
  }
};

/** What the policy says that the curves need. */
export interface CascadeView {
  /** Upper end of the band. */
  readonly high: number;
  readonly odds: { readonly clear: number; readonly found: number };
  readonly stances: Readonly<Record<Stance, number>>;
}

export interface CascadeReport {
  readonly maxFpr: number;
  /** Rows with a recorded answer, of all that have a score. */
  readonly answered: number;
  readonly rows: number;
  readonly unjudged: number;
  /** Means over recorded answers; money is null where no answer names any. */
  readonly tokensEach: number;
  readonly costUsdEach: number | null;
  readonly curves: readonly Curve[];
}

const scoreOf = ({ outcome }: Recorded, { stances }: CascadeView): number | null => {
  switch (outcome.kind) {
    case 'unjudged':
      return null;
    case 'clear':
      return 0;
    case 'hit':
      return Math.max(0, ...outcome.findings.map(({ score, stance }) => score * stances[stance]));
  }
};

const MAX_FPR = 0.01;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Null where a class is empty or nothing was recorded for these rows. */
export const cascadeOf = (
  rows: readonly ScoredRow[],
  recorded: ReadonlyMap<string, Recorded>,
  policy: CascadeView,
  { negatives, seed }: { readonly negatives: 'benign' | 'all'; readonly seed: number },
): CascadeReport | null => {
  const benign = benignSources(rows);
  const own = rows.filter((row) => isScored(row) && (row.positive || negatives === 'all' || benign.has(row.source)));
  const answers = own.map((row) => recorded.get(row.id)).filter((answer) => answer !== undefined);
  const positives = own.filter((row) => row.positive).length;
  if (answers.length === 0 || positives === 0 || positives === own.length) return null;
  const cascade = own.map((row): CascadeRow => {
    const answer = recorded.get(row.id);
    const fold = (Number.parseInt(sha256(`${row.source} ${row.family}`).slice(0, 1), 16) & 1) as 0 | 1;
    return { positive: row.positive, risk: row.risk, fold, judged: answer ? scoreOf(answer, policy) : null };
  });
  const costs = answers.map(({ usage }) => usage.costUsd).filter((cost) => cost !== null);
  return {
    maxFpr: MAX_FPR,
    answered: answers.length,
    rows: own.length,
    unjudged: answers.filter(({ outcome }) => outcome.kind === 'unjudged').length,
    tokensEach: mean(answers.map(({ usage }) => usage.promptTokens + usage.completionTokens)),
    costUsdEach: costs.length === 0 ? null : mean(costs),
    curves: curvesOf(cascade, { maxFpr: MAX_FPR, high: policy.high, odds: policy.odds, seed }),
  };
};

export const cascadeTables = (report: CascadeReport): Table[] => {
  const { curves, maxFpr, answered, rows, costUsdEach, tokensEach } = report;
  const budgets = curves[0]!.points.map(({ budget }) => budget);
  const each = (of: 'tpr' | 'oracle') =>
    curves.map(({ routing, points }) => [routing, ...points.map((point) => percent(point[of]))]);
  const band = curves[0]!.points;
  const price =
    costUsdEach === null
      ? []
      : [['US dollars per 1,000 traces', ...budgets.map((b) => short(b * costUsdEach * 1_000))]];
  return [
    {
      title: `Cascade: caught at ${percent(maxFpr)} FPR, by share of negatives judged (${answered} of ${rows} rows recorded)`,
      head: ['routing', ...budgets.map((budget) => percent(budget))],
      rows: each('tpr'),
    },
    {
      title: 'The same with a judge that knows the label',
      head: ['routing', ...budgets.map((budget) => percent(budget))],
      rows: each('oracle'),
    },
    {
      title: 'The band that spends it',
      head: ['', ...budgets.map((budget) => percent(budget))],
      rows: [
        ['lowest risk judged', ...band.map(({ from }) => (from === null ? '-' : short(from)))],
        ['tokens per 1,000 traces', ...budgets.map((budget) => short(budget * tokensEach * 1_000))],
        ...price,
      ],
    },
  ];
};
