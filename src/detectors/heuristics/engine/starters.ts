import type { Ruleset } from './compile.ts';

// Which classes a word may begin, in one cache line a word. The classes that most words begin own a bit each; the rest
// share, and are asked for again in the full table. Nearly every question of the matcher ends here.

const WIDTH = 16;
const BITS = WIDTH * 32;
/** Bits that belong to one class alone. */
const OWNED = 384;

export interface Starters {
  /** False where no sequence of the class begins with the word; true may be wrong. */
  mayBegin(classId: number, word: number): boolean;
}

export const createStarters = ({
  entries,
  starters,
  classCount,
  wordIds,
}: Pick<Ruleset, 'entries' | 'starters' | 'classCount' | 'wordIds'>): Starters => {
  const bitOf = new Int32Array(classCount);
  [...starters.keys()]
    .sort((a, b) => starters[b]! - starters[a]!)
    .forEach((classId, i) => {
      bitOf[classId] = i < OWNED ? i : OWNED + (i % (BITS - OWNED));
    });
  const table = new Int32Array((wordIds.size + 1) * WIDTH);
  for (const [word, byClass] of entries) {
    for (const classId of byClass.keys()) table[word * WIDTH + (bitOf[classId]! >> 5)]! |= 1 << (bitOf[classId]! & 31);
  }
  return {
    mayBegin: (classId, word) => {
      const bit = bitOf[classId]!;
      return ((table[word * WIDTH + (bit >> 5)]! >>> (bit & 31)) & 1) === 1;
    },
  };
};
