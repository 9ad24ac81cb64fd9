import { CodedError } from '../../../domain/errors.ts';

// The pattern language, closed on purpose: words, word classes, alternatives and bounded gaps inside one sentence. It has
// no unbounded repetition and no look-around, so a match costs at most pattern length × sentence length × gap, whatever a
// trace holds.
//
//   hide            the word, however it is cased or disguised
//   hide~           its regular and irregular forms: hides, hid, hidden, hiding
//   (hide~|cover~ up|keep~ quiet)   alternatives, each of one or more words
//   {conceal}       a word class of the lexicon
//   [2] [0-3]       a gap of up to two, of none to three words
//   word? {class}? (a|b)?           optional
//   ^               the sentence starts here

/** Widest gap, in words. */
export const MAX_GAP = 12;
const MAX_ELEMENTS = 16;

export interface GapNode {
  readonly kind: 'gap';
  readonly min: number;
  readonly max: number;
}

export interface WordsNode {
  readonly kind: 'words';
  /** Alternatives; each is words in order, a word perhaps ending in `~`. */
  readonly alternatives: readonly string[];
  readonly optional: boolean;
}

export interface ClassNode {
  readonly kind: 'class';
  readonly name: string;
  readonly optional: boolean;
}

export type PatternNode = GapNode | WordsNode | ClassNode | { readonly kind: 'start' };

const TOKEN = /\s*(?:\[(\d+)(?:-(\d+))?\]|\{([a-z][a-z0-9_.]*)\}(\?)?|\(([^()]*)\)(\?)?|(\^)|([^\s[\]{}()^?|]+)(\?)?)/y;

const invalid = (pattern: string, problem: string): CodedError =>
  new CodedError('invalid_rule', `The pattern "${pattern}" ${problem}`);

/** @throws CodedError `invalid_rule` saying what is wrong with the pattern. */
export const parsePattern = (pattern: string): PatternNode[] => {
  const nodes: PatternNode[] = [];
  const source = pattern.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(source);
    if (token === null) throw invalid(pattern, `cannot be read from character ${at}`);
    const [, low, high, name, classOptional, group, groupOptional, start, word, wordOptional] = token;
    if (low !== undefined) {
      const min = high === undefined ? 0 : Number(low);
      const max = Number(high ?? low);
      if (max > MAX_GAP || min > max) throw invalid(pattern, `has a gap outside 0 to ${MAX_GAP}`);
      nodes.push({ kind: 'gap', min, max });
    } else if (name !== undefined) {
      nodes.push({ kind: 'class', name, optional: classOptional !== undefined });
    } else if (group !== undefined) {
      const alternatives = group.split('|').map((a) => a.trim());
      if (alternatives.some((a) => a === '')) throw invalid(pattern, 'has an empty alternative');
      if (/[{}[\]?^]/.test(group)) throw invalid(pattern, 'has more than words among its alternatives');
      nodes.push({ kind: 'words', alternatives, optional: groupOptional !== undefined });
    } else if (start !== undefined) {
      if (nodes.length > 0) throw invalid(pattern, 'has ^ after its first element');
      nodes.push({ kind: 'start' });
    } else {
      nodes.push({ kind: 'words', alternatives: [word!], optional: wordOptional !== undefined });
    }
  }
  const elements = nodes.filter((n) => n.kind === 'words' || n.kind === 'class');
  if (elements.length === 0 || elements.every((e) => e.optional))
    throw invalid(pattern, 'matches nothing in particular');
  if (elements.length > MAX_ELEMENTS) throw invalid(pattern, `has more than ${MAX_ELEMENTS} elements`);
  if (nodes.at(-1)!.kind === 'gap' || nodes[0]!.kind === 'gap') throw invalid(pattern, 'starts or ends with a gap');
  return nodes;
};
