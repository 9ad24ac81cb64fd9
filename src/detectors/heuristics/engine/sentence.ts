// The sentence in hand: its words with their offsets. Buffers are allocated once and reused for every sentence of every
// trace.

/** Longest sentence looked at in one piece, in words. A longer one is cut, the pieces overlapping by OVERLAP words. */
export const MAX_WORDS = 256;
export const OVERLAP = 64;

export interface Sentence {
  /** Words so far. */
  count: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly ids: Int32Array;
  /** Words already judged in an earlier piece of the same sentence. */
  judged: number;
  /** Whether it begins where a sentence begins (not at a cut). */
  fresh: boolean;
  question: boolean;
}

export const createSentence = (): Sentence => ({
  count: 0,
  starts: new Int32Array(MAX_WORDS),
  ends: new Int32Array(MAX_WORDS),
  ids: new Int32Array(MAX_WORDS),
  judged: 0,
  fresh: true,
  question: false,
});
