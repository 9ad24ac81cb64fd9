import { SIGNATURE_WIDTH } from './signature.ts';

// The sentence in hand and the few before it: words with their offsets. Buffers are allocated once and reused for every
// sentence of every trace.

/** Longest sentence looked at in one piece, in words. A longer one is cut, the pieces overlapping by OVERLAP words. */
export const MAX_WORDS = 256;
export const OVERLAP = 64;

export interface Sentence {
  /** Its place among all sentences that the scanner saw, from 1; another number where the buffer was reused. */
  number: number;
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
  /** Which classes it could hold; see signature.ts. */
  readonly signature: Int32Array;
  /** Whether the signature was made: only when a phrase is looked for. */
  signed: boolean;
}

export const createSentence = (): Sentence => ({
  number: 0,
  count: 0,
  starts: new Int32Array(MAX_WORDS),
  ends: new Int32Array(MAX_WORDS),
  ids: new Int32Array(MAX_WORDS),
  judged: 0,
  fresh: true,
  question: false,
  signature: new Int32Array(SIGNATURE_WIDTH),
  signed: false,
});

/** Makes `next` begin with the last words of `piece`, as the next piece of the same sentence. */
export const carryOver = (piece: Sentence, next: Sentence): void => {
  const from = piece.count - OVERLAP;
  next.starts.set(piece.starts.subarray(from, piece.count));
  next.ends.set(piece.ends.subarray(from, piece.count));
  next.ids.set(piece.ids.subarray(from, piece.count));
  next.count = OVERLAP;
  next.judged = OVERLAP;
  next.fresh = false;
};
