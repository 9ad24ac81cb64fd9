import { MAX_WORDS, SENTENCE_BYTES, type Tables } from './tables.ts';

// Sentences as the WebAssembly part fills them in: the one in hand and the few before it. The views are made once and read
// whatever stands in memory now.

export interface Sentence {
  /** Its place among all sentences that the scanner saw, from 1; another number where the buffer was reused. */
  readonly number: number;
  /** Words in it. */
  readonly count: number;
  /** Words already judged in an earlier piece of the same sentence. */
  readonly judged: number;
  /** Whether it begins where a sentence begins (not at a cut). */
  readonly fresh: boolean;
  readonly question: boolean;
  /** Half-open UTF-16 offsets of its words. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** The window of sentences: a sentence's place is its number modulo the window's length. */
export const createSentences = ({ memory, at }: Tables, span: number): readonly Sentence[] =>
  Array.from({ length: span }, (_, place) => {
    const base = at.sentences + place * SENTENCE_BYTES;
    const head = new Int32Array(memory.buffer, base, 5);
    return {
      get number() {
        return head[0]!;
      },
      get count() {
        return head[1]!;
      },
      get judged() {
        return head[2]!;
      },
      get fresh() {
        return head[3] === 1;
      },
      get question() {
        return head[4] === 1;
      },
      starts: new Int32Array(memory.buffer, base + 128, MAX_WORDS),
      ends: new Int32Array(memory.buffer, base + 128 + MAX_WORDS * 4, MAX_WORDS),
    };
  });
