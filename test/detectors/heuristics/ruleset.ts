import { compile } from '../../../src/detectors/heuristics/engine/compile.ts';
import type { Hit } from '../../../src/detectors/heuristics/engine/judge.ts';
import { createScanner } from '../../../src/detectors/heuristics/engine/scan.ts';
import { readLexicon, SHIPPED_LEXICON } from '../../../src/detectors/heuristics/load.ts';
import type { Lexicon, Rule } from '../../../src/detectors/heuristics/rule.ts';

export const shippedLexicon: Lexicon = readLexicon(SHIPPED_LEXICON);

/** A rule with the given patterns and everything else unremarkable. */
export const rule = (match: Rule['match'], changes: Partial<Rule> = {}): Rule => ({
  id: '00000000-0000-4000-8000-000000000000',
  version: 1,
  slug: 'oversight_subversion.sample',
  hash: 'h',
  title: 'Sample',
  category: 'oversight_subversion',
  group: 'scheming',
  stance: 'intended',
  severity: 'high',
  status: 'test',
  views: ['reasoning'],
  score: 0.8,
  description: 'd',
  references: ['r'],
  falsePositives: ['f'],
  triage: 't',
  match,
  context: { negation: 'turns', quotation: 'turns', modality: 'turns' },
  ...changes,
});

export const scanAll = (text: string, rules: readonly Rule[], lexicon: Lexicon = shippedLexicon): readonly Hit[] =>
  createScanner(compile(rules, lexicon)).scan(
    text,
    () => true,
    () => true,
  ).hits;

/** The words each hit matched. */
export const matched = (text: string, match: Rule['match'], changes: Partial<Rule> = {}): string[] =>
  scanAll(text, [rule(match, changes)]).map((h) => text.slice(h.matchStart, h.matchEnd));

export const stances = (text: string, match: Rule['match'], changes: Partial<Rule> = {}): string[] =>
  scanAll(text, [rule(match, changes)]).map((h) => h.stance);
