import { FOLD } from '../heuristics/engine/fold.ts';
import { scriptOf } from './languages.ts';

// Words of Latin letters in which some letters are Cyrillic or Greek ones that look alike: the eye reads a word, a word
// list does not. Mathematics mixes alphabets too, but not inside words of this length.

export interface MixedWord {
  readonly start: number;
  readonly end: number;
  readonly word: string;
}

const MIN_LATIN = 2;
const MIN_LENGTH = 4;
const LAST_ASCII = 127;

const isLatin = (unit: number): boolean => scriptOf(unit) === 'latin';

/** Greek letters at an end of a word name things in science; in the middle they do not. */
const isAlike = (script: string, unit: number, inside: boolean): boolean =>
  (script === 'cyrillic' || (script === 'greek' && inside)) && FOLD[unit]! >= 97 && FOLD[unit]! <= LAST_ASCII;

/** Foreign letters that pass for a Latin one, inside words that are otherwise Latin. */
export const findMixedWords = (text: string): MixedWord[] => {
  const found: MixedWord[] = [];
  let start = -1;
  let latin = 0;
  let alike = 0;
  let foreign = 0;
  for (let i = 0; i <= text.length; i++) {
    const unit = i < text.length ? text.charCodeAt(i) : 32;
    const script = scriptOf(unit);
    if (script !== '') {
      if (start < 0) start = i;
      if (script === 'latin') latin++;
      else if (isAlike(script, unit, i > start && isLatin(text.charCodeAt(i + 1)))) alike++;
      else foreign++;
      continue;
    }
    if (start < 0) continue;
    if (alike > 0 && foreign === 0 && latin >= MIN_LATIN && i - start >= MIN_LENGTH)
      found.push({ start, end: i, word: text.slice(start, i) });
    start = -1;
    latin = 0;
    alike = 0;
    foreign = 0;
  }
  return found;
};
