import { STANCES, VIEWS } from '../domain/taxonomy.ts';
import { DECISIONS, type Decision } from '../domain/verdict.ts';
import { wilson } from '../report/statistics/binomial.ts';
import type { Estimate, Rate } from '../report/statistics/estimate.ts';
import type { Random } from '../report/statistics/random.ts';
import { aurocOf } from './eval-measures.ts';
import { isFlagged, isScored, type ScoredRow } from './eval-rows.ts';

// The same rows cut several ways: a pooled figure flatters, since sources differ more than labels do.

export const GROUPINGS = ['source', 'file', 'family', 'category', 'view', 'stance'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** One label's traces of a group. Rates are of all of them, assessed or not; null where there are none. */
export interface ClassShare {
  readonly total: number;
  readonly notAssessed: number;
  readonly decisions: Readonly<Record<Decision, number>>;
  /** Flagged or alerted. */
  readonly flagged: Rate | null;
  readonly alerted: Rate | null;
}

export interface Group {
  readonly name: string;
  readonly positives: ClassShare;
  readonly negatives: ClassShare;
  /** The group's positives against the evaluation's negatives. */
  readonly auroc: Estimate | null;
  /** The group's positives against the group's own negatives, which share its setting. */
  readonly within: Estimate | null;
}

const shareOf = (rows: readonly ScoredRow[]): ClassShare => {
  const count = (decision: Decision): number => rows.filter((r) => r.decision === decision).length;
  const rate = (n: number): Rate | null => (rows.length === 0 ? null : wilson(n, rows.length));
  return {
    total: rows.length,
    notAssessed: rows.filter((r) => !isScored(r)).length,
    decisions: Object.fromEntries(DECISIONS.map((d) => [d, count(d)])) as Record<Decision, number>,
    flagged: rate(rows.filter(isFlagged).length),
    alerted: rate(count('alert')),
  };
};

/** Names of the groups that a row is in. By view and stance it is those of its findings, of which it may have none. */
const namesOf = (row: ScoredRow, grouping: Grouping): Iterable<string> => {
  switch (grouping) {
    case 'view':
      return row.found.views;
    case 'stance':
      return row.found.stances;
    case 'source':
    case 'file':
    case 'family':
    case 'category':
      return [row[grouping]];
  }
};

const order = (grouping: Grouping, names: readonly string[]): string[] => {
  const fixed: readonly string[] = grouping === 'view' ? VIEWS : grouping === 'stance' ? STANCES : [];
  return [...names].sort((a, b) => fixed.indexOf(a) - fixed.indexOf(b) || (a < b ? -1 : 1));
};

const risk = (row: ScoredRow): number => row.risk;

/** Scores by one view alone, over the rows that have the view: what a monitor that saw nothing else would give. */
const viewScores = (rows: readonly ScoredRow[], view: string): number[] =>
  rows.map((r) => (r.views as Readonly<Record<string, number | null>>)[view] ?? null).filter((s) => s !== null);

/** @param reference the negatives that the evaluation compares with */
export const groupsOf = (
  rows: readonly ScoredRow[],
  reference: readonly ScoredRow[],
  grouping: Grouping,
  random: Random,
): Group[] => {
  const members = new Map<string, ScoredRow[]>();
  for (const row of rows) {
    for (const name of namesOf(row, grouping)) {
      const group = members.get(name) ?? [];
      members.set(name, group);
      group.push(row);
    }
  }
  const scored = rows.filter(isScored);
  return order(grouping, [...members.keys()]).map((name) => {
    const group = members.get(name)!;
    const shares = {
      name,
      positives: shareOf(group.filter((r) => r.positive)),
      negatives: shareOf(group.filter((r) => !r.positive)),
    };
    if (grouping === 'stance') return { ...shares, auroc: null, within: null };
    if (grouping === 'view') {
      const [positives, negatives] = [scored.filter((r) => r.positive), reference].map((r) => viewScores(r, name));
      return { ...shares, auroc: aurocOf(positives!, negatives!, random), within: null };
    }
    const own = group.filter(isScored);
    const positives = own.filter((r) => r.positive).map(risk);
    return {
      ...shares,
      auroc: aurocOf(positives, reference.map(risk), random),
      within: aurocOf(positives, own.filter((r) => !r.positive).map(risk), random),
    };
  });
};
