import type { Phrase, Ruleset } from './compile.ts';
import type { Element, WordClass } from './vocabulary.ts';

// What words say about classes, in rows of 512 bits: which classes a word may begin, and which ones it betrays (anchor.ts).
// A sentence betrays what its words do; a phrase of which the two rarest classes are not betrayed cannot stand in it, and
// nearly every vain waking ends there.

/** Bits in a word's row. The last one of a row of betrayals stands for no class and is set in every sentence. */
const BITS = 512;
const NO_CLASS = BITS - 1;

/** Class → bit. */
type Bits = ReadonlyMap<number, number>;

/** Deals bits out: a class gets the one that is least used so far, so that frequent classes own theirs and rare ones share. */
const dealBits = (classIds: Iterable<number>, bits: number, cost: (classId: number) => number): Bits => {
  const used = new Float64Array(bits);
  const dealt = new Map<number, number>();
  for (const classId of [...classIds].sort((a, b) => cost(b) - cost(a))) {
    let bit = 0;
    for (let other = 1; other < bits; other++) if (used[other]! < used[bit]!) bit = other;
    used[bit]! += cost(classId);
    dealt.set(classId, bit);
  }
  return dealt;
};

const tableOf = (bits: Bits, words: (classId: number) => readonly number[], wordCount: number): Int32Array => {
  const width = BITS / 32;
  const table = new Int32Array(wordCount * width);
  for (const [classId, bit] of bits) {
    for (const word of words(classId)) table[word * width + (bit >> 5)]! |= 1 << (bit & 31);
  }
  return table;
};

export interface Starters {
  readonly bits: Bits;
  /** Word → row: the classes that the word may begin. */
  readonly table: Int32Array;
}

export const createStarters = (classes: readonly WordClass[], wordCount: number): Starters => {
  const bits = dealBits(classes.keys(), BITS, (classId) => classes[classId]!.starters);
  return { bits, table: tableOf(bits, (classId) => classes[classId]!.firsts, wordCount) };
};

export interface Betrayals {
  /** Word → row: the classes that the word betrays. */
  readonly table: Int32Array;
  /** Two bits, 16 bits each, that are set wherever the elements match. */
  ofElements(elements: readonly Element[]): number;
  /** The same, known that the phrase's anchor stands. */
  besideAnchor(phrase: number): number;
}

/** The classes that every match holds. */
const neededOf = (elements: readonly Element[]): number[] => [
  ...new Set(elements.filter(({ optional }) => !optional).map(({ classId }) => classId)),
];

export const createBetrayals = ({ phrases, classes, wordIds }: Ruleset): Betrayals => {
  const cost = (classId: number): number => classes[classId]!.anchor.cost;
  const rarest = (classIds: readonly number[]): number[] => classIds.toSorted((a, b) => cost(a) - cost(b)).slice(0, 2);
  const beside = ({ elements, anchor }: Phrase): number[] => {
    const own = elements[anchor]!.classId;
    return rarest(neededOf(elements).filter((classId) => classId !== own));
  };
  const besides = phrases.map(beside);
  const sets = [...phrases.map(({ elements }) => elements), ...classes.flatMap(({ composites }) => composites)];
  const bits = dealBits(new Set([...besides, ...sets.map((each) => rarest(neededOf(each)))].flat()), NO_CLASS, cost);
  const pair = ([first, second]: readonly number[]): number =>
    (first === undefined ? NO_CLASS : bits.get(first)!) | ((second === undefined ? NO_CLASS : bits.get(second)!) << 16);
  return {
    table: tableOf(bits, (classId) => classes[classId]!.anchor.words, wordIds.size + 1),
    ofElements: (elements) => pair(rarest(neededOf(elements))),
    besideAnchor: (phrase) => pair(besides[phrase]!),
  };
};
