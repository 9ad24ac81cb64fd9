import type { Ruleset } from './compile.ts';

// The sentence in hand: its words with their offsets, and which word classes stand where. Buffers are allocated once and
// reused for every sentence of every trace.

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

/** Occurrences of word classes in one sentence, linked per starting word. */
export interface Spans {
  /** Fills the table for the sentence: word sequences only. */
  build(sentence: Sentence): void;
  /** Adds an occurrence of a composite class. */
  add(word: number, classId: number, length: number): void;
  /** First occurrence that starts at a word, -1 for none. */
  head(word: number): number;
  next(occurrence: number): number;
  classOf(occurrence: number): number;
  length(occurrence: number): number;
  /** Whether the class occurs in the sentence at all. */
  has(classId: number): boolean;
}

const LAST_STAMP = 2 ** 30;
const MAX_SPANS = MAX_WORDS * 32;

export const createSpans = ({ trie, classCount }: Pick<Ruleset, 'trie' | 'classCount'>): Spans => {
  const heads = new Int32Array(MAX_WORDS);
  const nexts = new Int32Array(MAX_SPANS);
  const classes = new Int32Array(MAX_SPANS);
  const lengths = new Int32Array(MAX_SPANS);
  const seen = new Int32Array(classCount);
  let generation = 0;
  let used = 0;

  const add = (word: number, classId: number, length: number): void => {
    seen[classId] = generation;
    if (used === MAX_SPANS) return;
    nexts[used] = heads[word]!;
    classes[used] = classId;
    lengths[used] = length;
    heads[word] = used++;
  };

  return {
    build: ({ count, ids }) => {
      if (generation === LAST_STAMP) {
        generation = 0;
        seen.fill(0);
      }
      generation++;
      used = 0;
      for (let word = 0; word < count; word++) {
        heads[word] = -1;
        let node = 0;
        for (let at = word; at < count; at++) {
          const id = ids[at]!;
          if (id === 0) break;
          const child = trie[node]!.next.get(id);
          if (child === undefined) break;
          node = child;
          for (const classId of trie[node]!.classes) add(word, classId, at - word + 1);
        }
      }
    },
    add,
    head: (word) => heads[word]!,
    next: (occurrence) => nexts[occurrence]!,
    classOf: (occurrence) => classes[occurrence]!,
    length: (occurrence) => lengths[occurrence]!,
    has: (classId) => seen[classId] === generation,
  };
};
