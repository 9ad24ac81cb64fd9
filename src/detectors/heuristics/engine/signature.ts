import { packRows, type Rows } from './rows.ts';

// What a sentence could hold at all, in 256 bits. Each class owns a bit, and each word sets the bits of the classes it
// betrays (anchor.ts): a phrase whose classes are not all there cannot stand in the sentence, and that is known after two
// or three tests. Frequent classes have a bit to themselves; rare ones share, which costs a vain look now and then.

/** 32-bit words of a signature. */
export const SIGNATURE_WIDTH = 8;
const BITS = SIGNATURE_WIDTH * 32;
/** Bits that belong to one class alone; the rest are shared out among all others. */
const OWNED = 176;

export interface Signatures {
  /** SIGNATURE_WIDTH numbers a word: what the word adds to its sentence. */
  readonly words: Int32Array;
  /** Phrase → pairs of (index, bits that must all be set there). */
  readonly phrases: Rows;
}

export interface ClassAnchors {
  /** Class → the words of which at least one stands in every sentence that the class occurs in. */
  readonly words: readonly (readonly number[])[];
  /** Class → rough share of sentences that hold one of them. */
  readonly costs: readonly number[];
}

export const createSignatures = (
  phrases: readonly { readonly required: readonly number[] }[],
  { words, costs }: ClassAnchors,
  wordCount: number,
): Signatures => {
  const asked = [...new Set(phrases.flatMap(({ required }) => required))].sort((a, b) => costs[b]! - costs[a]!);
  const bitOf = new Map<number, number>();
  asked.forEach((classId, i) => {
    bitOf.set(classId, i < OWNED ? i : OWNED + (i % (BITS - OWNED)));
  });

  const table = new Int32Array(wordCount * SIGNATURE_WIDTH);
  for (const [classId, bit] of bitOf) {
    for (const word of words[classId]!) table[word * SIGNATURE_WIDTH + (bit >> 5)]! |= 1 << (bit & 31);
  }

  const rows = phrases.map(({ required }) => {
    const masks = new Map<number, number>();
    for (const classId of required) {
      const bit = bitOf.get(classId)!;
      masks.set(bit >> 5, (masks.get(bit >> 5) ?? 0) | (1 << (bit & 31)));
    }
    return [...masks].flat();
  });
  return { words: table, phrases: packRows(rows, rows.length) };
};
