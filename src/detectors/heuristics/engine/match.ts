import type { Phrase } from './compile.ts';
import { MAX_WORDS, type Spans } from './sentence.ts';

// Matching one phrase against one sentence. Every (element, word) pair that failed once is remembered, so the cost is at
// most elements × words × gap: no text can make it more.

const MAX_ELEMENTS = 16;
const LAST_STAMP = 2 ** 30;

export interface PhraseMatch {
  /** Words, half-open. */
  readonly from: number;
  readonly to: number;
  /** Words that an element of the phrase stands on; the rest of from…to are gaps. */
  readonly covered: ReadonlySet<number>;
}

export interface Matcher {
  /** Whether every class that the phrase needs occurs in the sentence: a cheap no. */
  possible(phrase: Phrase): boolean;
  /** The first match that starts at a word in from…to, or undefined. */
  find(phrase: Phrase, from: number, to: number, count: number): PhraseMatch | undefined;
  /** Every word at which the phrase starts, with the word at which it ends there. */
  each(phrase: Phrase, count: number, found: (from: number, to: number) => void): void;
}

export const createMatcher = (spans: Spans): Matcher => {
  const failed = new Int32Array(MAX_ELEMENTS * (MAX_WORDS + 1));
  const starts = new Int32Array(MAX_ELEMENTS);
  const lengths = new Int32Array(MAX_ELEMENTS);
  let generation = 0;

  /** Matches elements[index…] from a word on; returns where the match ends, or -1. */
  const walk = (phrase: Phrase, index: number, word: number, count: number): number => {
    if (index === phrase.elements.length) return word;
    const slot = index * (MAX_WORDS + 1) + word;
    if (failed[slot] === generation) return -1;
    const element = phrase.elements[index]!;
    const last = Math.min(word + element.max, count - 1);
    for (let at = word + element.min; at <= last; at++) {
      for (let span = spans.head(at); span >= 0; span = spans.next(span)) {
        if (spans.classOf(span) !== element.classId) continue;
        starts[index] = at;
        lengths[index] = spans.length(span);
        const end = walk(phrase, index + 1, at + spans.length(span), count);
        if (end >= 0) return end;
      }
    }
    if (element.optional) {
      lengths[index] = 0;
      const end = walk(phrase, index + 1, word, count);
      if (end >= 0) return end;
    }
    failed[slot] = generation;
    return -1;
  };

  const begin = (): void => {
    if (generation === LAST_STAMP) {
      generation = 0;
      failed.fill(0);
    }
    generation++;
  };

  return {
    possible: (phrase) => {
      for (const element of phrase.elements) {
        if (!element.optional && !spans.has(element.classId)) return false;
      }
      return true;
    },
    find: (phrase, from, to, count) => {
      begin();
      const stop = phrase.atStart ? Math.min(to, 0) : to;
      for (let word = phrase.atStart ? 0 : from; word <= stop; word++) {
        const end = walk(phrase, 0, word, count);
        if (end < 0) continue;
        const covered = new Set<number>();
        phrase.elements.forEach((_, i) => {
          for (let k = 0; k < lengths[i]!; k++) covered.add(starts[i]! + k);
        });
        return { from: word, to: end, covered };
      }
      return undefined;
    },
    each: (phrase, count, found) => {
      begin();
      for (let word = 0; word < count; word++) {
        const end = walk(phrase, 0, word, count);
        if (end >= 0) found(word, end);
      }
    },
  };
};
