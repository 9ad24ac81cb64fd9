import { FIRST_LETTER, FOLD, foldSupplementary, HIGH_SURROGATE, IGNORED, UNSPACED } from '../heuristics/engine/fold.ts';

// What a sentence is about: its content words, lightly stemmed, and its numbers. Two sentences that share enough of both
// are taken to speak of the same thing.

export interface Content {
  readonly words: ReadonlySet<string>;
  /** As digits: `1,680` and `1680` are one number. */
  readonly numbers: ReadonlySet<string>;
}

const IGNORABLE: ReadonlySet<string> = new Set(
  `the and for are was were been being have has had not but you your with that this these those they them their there
  then than from into onto over under about after before because will would shall should could can cannot may might must
  just only also very more most some any all each every both other another such same own its it's i'm i'll i'd don't
  didn't doesn't isn't wasn't can't couldn't won't wouldn't what when where which who whom whose why how here now still
  yet too out off down again once one two let make made say said tell told get got give given take taken put use used
  using need want know think like well good okay see look way thing things something anything nothing everything user
  answer question report write written result results number does did done doing between against without within during
  while until since though although however therefore thus hence maybe perhaps actually really quite rather`.split(
    /\s+/,
  ),
);

const STEMS = /(?:ations?|ments?|ings?|ies|ied|edly|ed|es|ly|s)$/;
const MIN_STEM = 4;

const stem = (word: string): string => {
  if (word.length <= MIN_STEM) return word;
  const cut = word.replace(STEMS, '');
  return cut.length >= 3 ? cut.replace(/e$/, '') : word;
};

const NUMBER = /^\d+$/;
const DIGIT_GROUP = /(\d)[,\u202f\u00a0'](?=\d{3}(?!\d))/g;

/** Folded words of a bounded text, in order. */
export const foldedWords = (text: string): string[] => {
  const found: string[] = [];
  let word = '';
  const flush = (): void => {
    if (word !== '') found.push(word);
    word = '';
  };
  for (let i = 0; i < text.length; i++) {
    let folded = FOLD[text.charCodeAt(i)]!;
    let width = 1;
    if (folded === HIGH_SURROGATE) {
      const point = text.codePointAt(i)!;
      folded = foldSupplementary(point);
      width = point > 0xffff ? 2 : 1;
    }
    if (folded >= FIRST_LETTER) word += String.fromCharCode(folded);
    else if (folded === UNSPACED) {
      flush();
      found.push(text.slice(i, i + width));
    } else if (folded !== IGNORED) flush();
    i += width - 1;
  }
  flush();
  return found;
};

/** @param text a sentence or a few, bounded */
export const contentOf = (text: string): Content => {
  const words = new Set<string>();
  const numbers = new Set<string>();
  const decimals = text.replace(DIGIT_GROUP, '$1');
  for (const [number] of decimals.matchAll(/\d{1,20}(?:\.\d{1,20})?/g)) numbers.add(number);
  for (const word of foldedWords(decimals)) {
    if (NUMBER.test(word) || word.length < 3 || IGNORABLE.has(word)) continue;
    words.add(stem(word));
  }
  return { words, numbers };
};

/** Numbers that tell one thing from another: two digits or a fraction. */
export const tellingNumbers = ({ numbers }: Content): string[] => [...numbers].filter((n) => n.length >= 2);

export const shared = (a: ReadonlySet<string>, b: ReadonlySet<string>): number => {
  let count = 0;
  for (const word of a) if (b.has(word)) count++;
  return count;
};
