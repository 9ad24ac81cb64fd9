import type { Stance, View } from '../../domain/taxonomy.ts';
import { compile } from './engine/compile.ts';
import { createScanner } from './engine/scan.ts';
import type { Lexicon, Rule, RuleCases } from './rule.ts';

// Holds a rule against its own cases: what it must find, and where it must stay quiet.

export interface CaseFailure {
  readonly slug: string;
  readonly text: string;
  readonly problem: string;
}

const SILENT: ReadonlySet<Stance> = new Set(['mentioned', 'rejected']);

interface Case {
  readonly text: string;
  readonly stance?: Stance | undefined;
  readonly view?: View | undefined;
}

const asCase = (entry: RuleCases['hit'][number]): Case => (typeof entry === 'string' ? { text: entry } : entry);

export const checkCases = (rule: Rule, cases: RuleCases, lexicon: Lexicon): CaseFailure[] => {
  const scanner = createScanner(compile([rule], lexicon));
  const stances = (text: string): Stance[] =>
    scanner
      .scan(
        text,
        () => true,
        () => true,
      )
      .hits.map((h) => h.stance);
  const failures: CaseFailure[] = [];
  const fail = (text: string, problem: string): void => {
    failures.push({ slug: rule.slug, text, problem });
  };
  for (const { text, stance } of cases.hit.map(asCase)) {
    const found = stances(text);
    if (found.length === 0) fail(text, 'is not found');
    else if (stance !== undefined && !found.includes(stance)) fail(text, `is ${found.join(', ')}, not ${stance}`);
    else if (stance === undefined && found.every((s) => SILENT.has(s))) fail(text, `is only ${found.join(', ')}`);
  }
  for (const { text } of cases.quiet.map(asCase)) {
    const loud = stances(text).filter((s) => !SILENT.has(s));
    if (loud.length > 0) fail(text, `is ${loud.join(', ')}`);
  }
  return failures;
};
