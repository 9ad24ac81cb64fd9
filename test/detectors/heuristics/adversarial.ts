import { parsePattern } from '../../../src/detectors/heuristics/engine/pattern.ts';
import type { Lexicon, Rule } from '../../../src/detectors/heuristics/rule.ts';

// Texts that make a rule work as hard as they can: its own words, in an order that nearly matches, without end. A text is
// repeated to the length asked for, so that the cost of two lengths can be compared.

/** Words of one entry of the lexicon or one alternative, inflection signs dropped. */
const bare = (words: string): string => words.replaceAll('~', '');

const wordsOf = (pattern: string, lexicon: Lexicon): string[] =>
  parsePattern(pattern).flatMap((node) => {
    if (node.kind === 'words') return [bare(node.alternatives[0]!)];
    if (node.kind === 'class') return wordsOf(lexicon.get(node.name)![0]!, lexicon);
    // A gap as wide as it may be.
    return node.kind === 'gap' ? Array.from({ length: node.max }, () => 'so') : [];
  });

const patternsOf = ({ match }: Rule): string[] =>
  match.flatMap((clause) => (typeof clause === 'string' ? [clause] : clause.all.flat()));

export interface Adversary {
  readonly name: string;
  /** What is repeated. */
  readonly unit: string;
}

/** @param most patterns of the rule that are used, evenly spread */
export const adversariesOf = (rule: Rule, lexicon: Lexicon, most: number): Adversary[] => {
  const patterns = patternsOf(rule);
  const step = Math.max(1, Math.ceil(patterns.length / most));
  return patterns
    .filter((_, i) => i % step === 0)
    .flatMap((pattern) => {
      const words = wordsOf(pattern, lexicon);
      const name = `${rule.slug}: ${pattern}`;
      return [
        { name: `${name}, without end`, unit: `${words.join(' ')} ` },
        { name: `${name}, all but its last word`, unit: `${words.slice(0, -1).join(' ')} ` },
        { name: `${name}, backwards`, unit: `${words.toReversed().join(' ')} ` },
        { name: `${name}, its first word`, unit: `${words[0]} ` },
        { name: `${name}, in quotation marks that do not close`, unit: `"${words.join(' ')}. ` },
        { name: `${name}, sentence by sentence`, unit: `${words.join(' ')}? No. ` },
      ];
    });
};

/** Texts that are hard on the reading of words and sentences, whatever the rules are. */
export const PLAIN_ADVERSARIES: readonly Adversary[] = [
  { name: 'one word', unit: 'a' },
  { name: 'closing marks behind one stop', unit: ')' },
  { name: 'stops and closing marks', unit: '.)_"' },
  { name: 'stops', unit: '.' },
  { name: 'apostrophes', unit: "'" },
  { name: 'words of apostrophes', unit: "a'" },
  { name: 'invisible characters', unit: '\u200b' },
  { name: 'lone surrogates', unit: '\ud83d' },
  { name: 'mathematical letters', unit: '𝐚' },
  { name: 'characters without spaces', unit: '删' },
  { name: 'rare characters without spaces', unit: '𠀀' },
  { name: 'line ends', unit: '\n' },
];

export const repeated = ({ unit }: Adversary, length: number): string =>
  unit === '' ? '' : unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
