import type { Finding } from '../domain/finding.ts';
import type { Suppression } from '../domain/suppression.ts';
import { covers } from '../domain/suppression.ts';
import type { View } from '../domain/taxonomy.ts';
import { DECISIONS, type Decision, type Verdict } from '../domain/verdict.ts';
import type { NewRecord } from './contract.ts';

// What a verdict rests on, as the policy weighs its findings: that is what reports count and what suppressions silence.

/** The most that a finding leads to by itself under the policy. */
export type LevelOf = (finding: Finding) => Decision;

/** Where no policy is at hand: whatever is meant or done alerts, and observations are recorded. */
export const plainLevel: LevelOf = ({ stance, group }) =>
  stance === 'mentioned' || stance === 'rejected' ? 'clear' : group === 'observation' ? 'record' : 'alert';

const rank = (decision: Decision): number => DECISIONS.indexOf(decision);

const reaches = (level: Decision, least: Decision): boolean => rank(level) >= rank(least);

export interface Counted {
  /** Sorted. */
  readonly categories: readonly string[];
  readonly hit: ReadonlySet<View>;
}

/** What a verdict was flagged for, with the observations that were recorded. */
export const countedOf = ({ findings, decision }: Verdict, levelOf: LevelOf): Counted => {
  const recorded = findings.filter((f) => reaches(levelOf(f), 'record'));
  const weighty = recorded.filter((f) => reaches(levelOf(f), 'flag'));
  // Flagged for its whole, by no finding alone: then all of them stand for it.
  const carrying = weighty.length === 0 && reaches(decision, 'flag') ? recorded : weighty;
  const counted = new Set([...carrying, ...recorded.filter((f) => f.group === 'observation')]);
  return {
    categories: [...new Set([...counted].map((f) => f.category))].sort(),
    hit: new Set([...counted].map((f) => f.view)),
  };
};

/**
 * The same record, its verdict marked where suppressions keep it from what it would have led to. The decision itself
 * stays: what is silenced is still said.
 */
export const silenced = (record: NewRecord, active: readonly Suppression[], levelOf: LevelOf): NewRecord => {
  const { trace, verdict } = record;
  if (active.length === 0 || !reaches(verdict.decision, 'flag')) return record;
  const ids = new Set<string>();
  let left: Decision = 'clear';
  for (const finding of verdict.findings) {
    const covering = active.filter((suppression) => covers(suppression, trace, finding));
    for (const { id } of covering) ids.add(id);
    if (covering.length === 0 && reaches(levelOf(finding), left)) left = levelOf(finding);
  }
  if (ids.size === 0 || reaches(left, verdict.decision)) return record;
  return { ...record, verdict: { ...verdict, suppression: { ids: [...ids].sort(), decision: left } } };
};
