import type { Model } from '../domain/trace.ts';
import { DECISIONS, type Decision, type Verdict } from '../domain/verdict.ts';

// What another policy would make of stored verdicts: counts of what changes, with a few of them by id.

/** By time of receipt. */
export interface Period {
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

export interface BacktestVerdict {
  readonly traceId: string;
  readonly model: Model;
  readonly verdict: Verdict;
  /** Whether the text is there for whoever wants to read the example. */
  readonly text: 'kept' | 'not_kept' | 'erased';
}

export interface Change {
  readonly was: Decision;
  readonly now: Decision;
  readonly count: number;
  /** Ids of traces, the first that were met. */
  readonly examples: readonly string[];
}

export interface Flagged {
  readonly name: string;
  /** Verdicts that flag or alert, then and now. */
  readonly was: number;
  readonly now: number;
}

export interface BacktestReport {
  readonly verdicts: number;
  readonly changed: number;
  readonly decisions: Readonly<Record<Decision, { readonly was: number; readonly now: number }>>;
  /** The most frequent first. */
  readonly changes: readonly Change[];
  /** By category of any finding, and by model; the hundred that change most. */
  readonly categories: readonly Flagged[];
  readonly models: readonly Flagged[];
  readonly text: Readonly<Record<BacktestVerdict['text'], number>>;
}

const EXAMPLES = 20;

/** Models are named by callers: a bound on how many are told apart. */
const MAX_NAMES = 10_000;
const SHOWN = 100;

const isFlagged = (decision: Decision): boolean => decision === 'flag' || decision === 'alert';

type Tally = Map<string, { was: number; now: number }>;

const note = (tally: Tally, name: string, was: Decision, now: Decision): void => {
  const key = tally.has(name) || tally.size < MAX_NAMES ? name : 'other';
  const counts = tally.get(key) ?? { was: 0, now: 0 };
  tally.set(key, counts);
  if (isFlagged(was)) counts.was++;
  if (isFlagged(now)) counts.now++;
};

const shown = (tally: Tally): Flagged[] =>
  [...tally]
    .map(([name, counts]) => ({ name, ...counts }))
    .filter(({ was, now }) => was + now > 0)
    .sort((a, b) => Math.abs(b.now - b.was) - Math.abs(a.now - a.was) || b.was - a.was || (a.name < b.name ? -1 : 1))
    .slice(0, SHOWN);

export const createBacktest = (redecide: (verdict: Verdict) => Decision) => {
  const changes = new Map<string, { was: Decision; now: Decision; count: number; examples: string[] }>();
  const categories: Tally = new Map();
  const models: Tally = new Map();
  const decisions = Object.fromEntries(DECISIONS.map((decision) => [decision, { was: 0, now: 0 }])) as Record<
    Decision,
    { was: number; now: number }
  >;
  const text = { kept: 0, not_kept: 0, erased: 0 };
  let verdicts = 0;
  return {
    add: (stored: BacktestVerdict): void => {
      const was = stored.verdict.decision;
      const now = redecide(stored.verdict);
      verdicts++;
      text[stored.text]++;
      decisions[was].was++;
      decisions[now].now++;
      for (const category of new Set(stored.verdict.findings.map((f) => f.category)))
        note(categories, category, was, now);
      note(models, stored.model.name ?? 'unknown', was, now);
      if (was === now) return;
      const change = changes.get(`${was} ${now}`) ?? { was, now, count: 0, examples: [] };
      changes.set(`${was} ${now}`, change);
      change.count++;
      if (change.examples.length < EXAMPLES) change.examples.push(stored.traceId);
    },
    verdicts: (): number => verdicts,
    report: (): BacktestReport => {
      const all = [...changes.values()].sort((a, b) => b.count - a.count);
      return {
        verdicts,
        changed: all.reduce((sum, { count }) => sum + count, 0),
        decisions,
        changes: all,
        categories: shown(categories),
        models: shown(models),
        text,
      };
    },
  };
};
