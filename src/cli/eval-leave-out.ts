import type { Bag, Example, HeadTraining, ScoreBag } from '../detectors/contract.ts';
import type { Finding } from '../domain/finding.ts';
import type { ViewEvidence } from '../domain/outcome.ts';
import type { Estimate } from '../report/statistics/estimate.ts';
import type { Random } from '../report/statistics/random.ts';
import { createSample } from '../report/statistics/sample.ts';
import { type Fold, foldsOf, type Unit } from './eval-folds.ts';
import { aurocOf, type Measures, measuresOf } from './eval-measures.ts';
import { benignSources, isScored, type ScoredRow } from './eval-rows.ts';

// The classifier's head trained anew without what it is then read on, and what the whole is worth with it. Beside it stand
// the same figures of the shipped head, which has seen these rows if they are its training data. Rules are not left out:
// whoever wrote them had read some of these rows, and nothing here can undo that.

/** What combines the tiers, as in force. */
export interface RiskModel {
  risk(findings: readonly Finding[], scores: ViewEvidence): number;
  /** Of pooled scores of reasoning on benign text. */
  readonly reasoning: { readonly mean: number; readonly sd: number };
}

export interface LeaveOneOutOptions {
  readonly by: Unit;
  readonly seeds: number;
  readonly negatives: 'benign' | 'all';
}

/** A scored row with what the head reads of it; its findings are without text. */
export interface LeaveOutRow extends ScoredRow {
  readonly findings: readonly Finding[];
  readonly bag: Bag | null;
}

export interface SystemReport {
  readonly name: string;
  readonly aurocBenign: Estimate | null;
  readonly aurocAll: Estimate | null;
  readonly aurocTwins: Estimate | null;
  readonly measures: Measures | null;
}

export interface LeftOutGroup {
  /** A source with positives, or one of its larger families. */
  readonly name: string;
  readonly positives: number;
  readonly systems: readonly SystemReport[];
}

export interface TrainingSetReport {
  /** The source that training went without; null: none. */
  readonly without: string | null;
  readonly groups: readonly LeftOutGroup[];
}

export interface LeaveOneOutReport {
  readonly by: Unit;
  readonly seeds: number;
  readonly folds: number;
  /** Rows that no fold could read: nothing was left to train on. */
  readonly notRead: number;
  readonly groups: readonly LeftOutGroup[];
  readonly trainingSets: readonly TrainingSetReport[];
}

interface Moments {
  readonly mean: number;
  readonly sd: number;
}

const momentsOf = (values: readonly number[]): Moments => {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return { mean, sd: Math.sqrt(variance) || 1 };
};

/** Ordinary traffic where there is any, else all negatives: what a score is measured in. */
const calm = (rows: readonly LeaveOutRow[]): ((row: LeaveOutRow) => boolean) => {
  const benign = benignSources(rows);
  return benign.size > 0 ? (row) => benign.has(row.source) : (row) => !row.positive;
};

interface Crossfit {
  readonly training: Pick<HeadTraining, 'fit'>;
  readonly seeds: number;
  readonly without: string | null;
  onFold(): void;
}

/** Standardised scores by heads that have not seen the row, the mean of them; undefined where there is none. */
const crossfit = (
  rows: readonly LeaveOutRow[],
  folds: readonly Fold[],
  { training, seeds, without, onFold }: Crossfit,
): (number | undefined)[] => {
  const isCalm = calm(rows);
  const [sums, counts] = [new Float64Array(rows.length), new Uint32Array(rows.length)];
  for (const { train, read } of folds) {
    onFold();
    const seen = train.map((i) => rows[i]!).filter((r) => r.bag !== null && r.source !== without);
    const examples = seen.map(({ bag, positive, source }): Example => ({ bag: bag!, positive, source }));
    if (new Set(seen.map((r) => r.positive)).size < 2) continue;
    const score = training.fit(examples, seeds);
    for (const i of read) {
      const { bag } = rows[i]!;
      if (bag === null) continue;
      // As it is: a logit at even odds of the classes, so that heads of different folds can be compared.
      sums[i]! += score(bag);
      counts[i]!++;
    }
  }
  const means = rows.map((_, i) => (counts[i] === 0 ? undefined : sums[i]! / counts[i]!));
  const reference = means.filter((m, i) => m !== undefined && isCalm(rows[i]!)) as number[];
  if (reference.length === 0) return means.map(() => undefined);
  const { mean, sd } = momentsOf(reference);
  return means.map((m) => (m === undefined ? undefined : (m - mean) / sd));
};

/** Scores by row; undefined where the classifier read nothing. */
type Scores = readonly (number | undefined)[];

interface System {
  readonly name: string;
  readonly score: (row: number) => number;
}

const systemsOf = (
  rows: readonly LeaveOutRow[],
  { risk, reasoning }: RiskModel,
  named: Readonly<Record<string, Scores>>,
) => {
  const evidence = (z: number | undefined): ViewEvidence =>
    z === undefined ? {} : { reasoning: reasoning.mean + reasoning.sd * z };
  return Object.entries(named).flatMap(([name, scores]): System[] => [
    { name: `classifier, ${name}`, score: (i) => scores[i] ?? 0 },
    { name: `all tiers, ${name}`, score: (i) => risk(rows[i]!.findings, evidence(scores[i])) },
  ]);
};

interface Comparison {
  readonly rows: readonly LeaveOutRow[];
  readonly systems: readonly System[];
  /** Rows that every system has read. */
  readonly read: readonly number[];
  readonly negatives: LeaveOneOutOptions['negatives'];
  readonly random: () => Random;
}

const groupOf = (name: string, isMember: (row: LeaveOutRow) => boolean, comparison: Comparison): LeftOutGroup => {
  const { rows, systems, read, negatives, random } = comparison;
  const benign = benignSources(rows);
  const members = read.filter((i) => isMember(rows[i]!));
  const positives = members.filter((i) => rows[i]!.positive);
  const twins = members.filter((i) => !rows[i]!.positive && !benign.has(rows[i]!.source));
  const ordinary = read.filter((i) => benign.has(rows[i]!.source));
  return {
    name,
    positives: positives.length,
    systems: systems.map(({ name: system, score }) => {
      const [yes, twin, calmer] = [positives, twins, ordinary].map((part) => part.map(score)) as [
        number[],
        number[],
        number[],
      ];
      const reference = negatives === 'benign' ? calmer : [...twin, ...calmer];
      return {
        name: system,
        aurocBenign: aurocOf(yes, calmer, random()),
        aurocAll: aurocOf(yes, [...twin, ...calmer], random()),
        aurocTwins: aurocOf(yes, twin, random()),
        measures: measuresOf(createSample(yes, reference), random()),
      };
    }),
  };
};

/** Families with fewer positives say too little alone. */
const SHOWN_FAMILY = 20;

const groupsOf = (comparison: Comparison, families: boolean): LeftOutGroup[] => {
  const guilty = comparison.rows.filter((r) => r.positive);
  return [...new Set(guilty.map((r) => r.source))].sort().flatMap((source) => {
    const own = guilty.filter((r) => r.source === source);
    const large = [...Map.groupBy(own, (r) => r.family)].filter(([, of]) => of.length >= SHOWN_FAMILY).map(([f]) => f);
    const shown = families && large.length > 1 ? large.sort() : [];
    return [
      groupOf(source, (r) => r.source === source, comparison),
      ...shown.map((f) => groupOf(f, (r) => r.source === source && r.family === f, comparison)),
    ];
  });
};

/**
 * @param progress told how many heads will be trained, then each that is begun
 * @param createRandom the same generator for each interval, so that one more system leaves the others as they were
 */
export const leaveOneOut = (
  scored: readonly LeaveOutRow[],
  { training, model }: { readonly training: Pick<HeadTraining, 'fit' | 'shipped'>; readonly model: RiskModel },
  { by, seeds, negatives }: LeaveOneOutOptions,
  createRandom: () => Random,
  progress: { start(heads: number): void; step(): void },
): LeaveOneOutReport => {
  const rows = scored.filter(isScored);
  const folds = foldsOf(rows, by);
  const sources = [...new Set(rows.map((r) => r.source))].sort();
  // What a set is worth is asked once, where families are left out.
  const variants = by === 'family' && sources.length > 1 ? [null, ...sources] : [null];
  progress.start(folds.length * variants.length);
  const fitted = variants.map((without) => {
    const scores = crossfit(rows, folds, {
      training,
      seeds: without === null ? seeds : 1,
      without,
      onFold: progress.step,
    });
    return { without, scores };
  });
  const whole = fitted[0]!.scores;
  const standard = (score: ScoreBag) => (row: LeaveOutRow) =>
    row.bag === null ? undefined : (score(row.bag) - model.reasoning.mean) / model.reasoning.sd;
  const readable = (scores: Scores): number[] =>
    [...rows.keys()].filter((i) => rows[i]!.bag === null || scores[i] !== undefined);
  const compare = (systems: readonly System[], read: readonly number[]): Comparison => {
    return { rows, systems, read, negatives, random: createRandom };
  };
  const shipped = systemsOf(rows, model, { 'as shipped': rows.map(standard(training.shipped)), 'left out': whole });
  const rules: System = { name: 'rules and checks', score: (i) => model.risk(rows[i]!.findings, {}) };
  return {
    by,
    seeds,
    folds: folds.length,
    notRead: rows.length - readable(whole).length,
    groups: folds.length === 0 ? [] : groupsOf(compare([rules, ...shipped], readable(whole)), true),
    trainingSets:
      fitted.length < 2
        ? []
        : fitted.map(({ without, scores }) => ({
            without,
            groups: groupsOf(compare(systemsOf(rows, model, { 'left out': scores }), readable(scores)), false),
          })),
  };
};
