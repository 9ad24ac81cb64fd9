import { wordsOf } from './words.ts';

// Rows that say the same in nearly the same words. A twin mirrors its own twin, so that those are compared less strictly.

const RUN = 3;
/** Runs that stand in more rows than this are phrases of the language and find nobody. */
const COMMON = 60;

export interface Document {
  readonly id: string;
  /** Rows of one group are twins of one another. */
  readonly group: string;
  readonly label: 0 | 1;
  readonly text: string;
}

export interface Likeness {
  readonly first: Document;
  readonly second: Document;
  /** Shared runs of three words, as a share of all runs of the two. */
  readonly share: number;
}

const runsOf = (text: string): Set<string> => {
  const words = wordsOf(text);
  return new Set(words.slice(RUN - 1).map((_, i) => words.slice(i, i + RUN).join(' ')));
};

/** Pairs that share at least `least` of their runs, the most alike first. */
export const alike = (documents: readonly Document[], least: number): Likeness[] => {
  const runs = documents.map(({ text }) => runsOf(text));
  const places = new Map<string, number[]>();
  for (const [at, own] of runs.entries()) {
    for (const run of own) {
      const list = places.get(run);
      if (list === undefined) places.set(run, [at]);
      else list.push(at);
    }
  }
  const shared = new Map<number, number>();
  for (const list of places.values()) {
    if (list.length < 2 || list.length > COMMON) continue;
    for (const [i, a] of list.entries()) {
      for (const b of list.slice(i + 1)) {
        const key = a * documents.length + b;
        shared.set(key, (shared.get(key) ?? 0) + 1);
      }
    }
  }
  const found: Likeness[] = [];
  for (const [key, count] of shared) {
    const [a, b] = [Math.floor(key / documents.length), key % documents.length];
    const share = count / (runs[a]!.size + runs[b]!.size - count);
    if (share >= least) found.push({ first: documents[a]!, second: documents[b]!, share });
  }
  return found.sort((x, y) => y.share - x.share);
};
