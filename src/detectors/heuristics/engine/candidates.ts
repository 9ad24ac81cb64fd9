import type { Ruleset, Waking } from './compile.ts';
import { packRows } from './rows.ts';
import type { Sentence } from './sentence.ts';
import { SIGNATURE_WIDTH } from './signature.ts';

// The cheap half of the second look: which phrases a sentence could hold, from look-ups alone. Most sentences end here.

export interface Candidates {
  /** Word id → 1 where the word wakes a phrase. */
  readonly wakes: Uint8Array;
  /** Notes in the sentence which classes it could hold. */
  sign(sentence: Sentence): void;
  /** Whether the signed sentence could hold the phrase. */
  fits(phrase: number, sentence: Sentence): boolean;
  /** Phrases that words of the signed sentence wake and that fit, each followed by the word: pairs in a row. */
  of(sentence: Sentence): readonly number[];
}

/** As rows of numbers: for each sequence the word's offset in it, its length, and its words. */
const flatten = (around: Waking['around']): number[] =>
  (around ?? []).flatMap(({ offset, words }) => [offset, words.length, ...words]);

export const createCandidates = ({ woken, wordIds, signatures }: Ruleset): Candidates => {
  const wordCount = wordIds.size + 1;
  const wakings = woken.flat();
  /** Word → its first waking; the next word's first ends its list. */
  const firsts = new Int32Array(wordCount + 1);
  for (let word = 0; word < wordCount; word++) firsts[word + 1] = firsts[word]! + (woken[word]?.length ?? 0);
  const phraseOf = Int32Array.from(wakings, ({ phrase }) => phrase);
  const arounds = packRows(
    wakings.map(({ around }) => flatten(around)),
    wakings.length,
  );
  const { words, phrases } = signatures;
  const found: number[] = [];

  const fits = (phrase: number, { signature }: Sentence): boolean => {
    const end = phrases.starts[phrase + 1]!;
    for (let i = phrases.starts[phrase]!; i < end; i += 2) {
      const bits = phrases.values[i + 1]!;
      if ((signature[phrases.values[i]!]! & bits) !== bits) return false;
    }
    return true;
  };

  /** Whether one of the waking's sequences lies about the word. */
  const lies = (waking: number, word: number, { ids, count }: Sentence): boolean => {
    const { starts, values } = arounds;
    const end = starts[waking + 1]!;
    let i = starts[waking]!;
    if (i === end) return true;
    while (i < end) {
      const from = word - values[i]!;
      const length = values[i + 1]!;
      i += 2;
      if (from >= 0 && from + length <= count) {
        let k = 0;
        while (k < length && ids[from + k] === values[i + k]) k++;
        if (k === length) return true;
      }
      i += length;
    }
    return false;
  };

  return {
    wakes: Uint8Array.from({ length: wordCount }, (_, id) => (firsts[id + 1]! > firsts[id]! ? 1 : 0)),
    sign: (sentence) => {
      if (sentence.signed) return;
      sentence.signed = true;
      const { signature, ids, count } = sentence;
      signature.fill(0);
      for (let word = 0; word < count; word++) {
        const from = ids[word]! * SIGNATURE_WIDTH;
        for (let k = 0; k < SIGNATURE_WIDTH; k++) signature[k]! |= words[from + k]!;
      }
    },
    fits,
    of: (sentence) => {
      const { ids, count } = sentence;
      found.length = 0;
      for (let word = 0; word < count; word++) {
        const end = firsts[ids[word]! + 1]!;
        for (let waking = firsts[ids[word]!]!; waking < end; waking++) {
          if (fits(phraseOf[waking]!, sentence) && lies(waking, word, sentence)) found.push(phraseOf[waking]!, word);
        }
      }
      return found;
    },
  };
};
