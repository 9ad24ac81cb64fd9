import type { Phrase, Ruleset } from './compile.ts';
import { MAX_WORDS, type Sentence } from './sentence.ts';
import { createStarters } from './starters.ts';

// Matching phrases and word classes against one sentence. Classes are looked up only where a phrase asks for them. Every
// (element, word) pair of a phrase that failed once is remembered, so a phrase costs at most elements × words × gap: no
// text can make it more.

const MAX_ELEMENTS = 16;

const NONE: readonly (readonly number[])[] = [];

/** Stamps are 32-bit; long before they run out, the table is wiped and counting starts anew. */
const LAST_STAMP = 2 ** 29;

export interface PhraseMatch {
  /** Words, half-open. */
  readonly from: number;
  readonly to: number;
  /** Words that an element of the phrase stands on; the rest of from…to are gaps. */
  readonly covered: ReadonlySet<number>;
}

export interface Matcher {
  /** The sentence that all questions are about from now on. What was found out about the last few is kept. */
  turnTo(sentence: Sentence): void;
  /** Forgets all sentences: their numbers start anew. */
  forget(): void;
  /** Whether every class that the phrase needs occurs somewhere: told once per class and sentence. */
  possible(phrase: Phrase): boolean;
  /** Whether the phrase's neighbours of its anchor may stand around the word. */
  surrounded(phrase: Phrase, word: number): boolean;
  /** The first match that starts at a word in from…to, or undefined. */
  find(phrase: Phrase, from: number, to: number): PhraseMatch | undefined;
  /** Whether the class occurs at a word. */
  occurs(classId: number, word: number): boolean;
}

/** Lengths of a composite class's occurrences by word, found the first time the sentence is asked for the class. */
interface Occurrences {
  sentence: number;
  readonly lengths: Int32Array;
}

type Tables = Pick<Ruleset, 'entries' | 'starters' | 'composites' | 'classCount' | 'wordIds' | 'span'>;

/** What was found out about one sentence. */
interface Findings {
  /** Class → twice the number of the sentence it was looked for in, plus whether it is there. */
  readonly presence: Int32Array;
  /** Composite class → its occurrences. */
  readonly occurrences: Map<number, Occurrences>;
}

export const createMatcher = (tables: Tables): Matcher => {
  const { entries, composites } = tables;
  const starters = createStarters(tables);
  const isComposite = Uint8Array.from({ length: tables.classCount }, (_, classId) => (composites.has(classId) ? 1 : 0));
  const depth = composites.size + 1;
  /** By place in the window of sentences. */
  const findings = Array.from(
    { length: tables.span },
    (): Findings => ({ presence: new Int32Array(tables.classCount), occurrences: new Map() }),
  );
  let words = 0;
  let ids: Int32Array = new Int32Array(0);
  let { presence, occurrences } = findings[0]!;
  let number = 0;

  /** One table of failures per level: a phrase may ask for a composite class, which is made of phrases itself. */
  const levels = Array.from({ length: Math.min(depth, 8) }, () => ({
    failed: new Int32Array(MAX_ELEMENTS * (MAX_WORDS + 1)),
    starts: new Int32Array(MAX_ELEMENTS),
    lengths: new Int32Array(MAX_ELEMENTS),
    stamp: 0,
  }));
  let level = 0;

  const enter = (): void => {
    const table = levels[level]!;
    if (table.stamp === LAST_STAMP) {
      table.stamp = 0;
      table.failed.fill(0);
    }
    table.stamp++;
  };

  const forget = (): void => {
    for (const { presence, occurrences } of findings) {
      presence.fill(0);
      occurrences.clear();
    }
  };

  const compositeLengths = (classId: number): Int32Array | undefined => {
    if (isComposite[classId] === 0) return undefined;
    const phrases = composites.get(classId)!;
    let known = occurrences.get(classId);
    if (known === undefined) {
      known = { sentence: 0, lengths: new Int32Array(MAX_WORDS) };
      occurrences.set(classId, known);
    }
    if (known.sentence !== number) {
      known.sentence = number;
      known.lengths.fill(0, 0, words);
      level++;
      for (const phrase of phrases) {
        if (!possible(phrase)) continue;
        enter();
        for (let word = 0; word < words; word++) {
          const end = walk(phrase, 0, word);
          if (end - word > known.lengths[word]!) known.lengths[word] = end - word;
        }
      }
      level--;
    }
    return known.lengths;
  };

  /** Matches elements[index…] from a word on; returns where the match ends, or -1. */
  const walk = (phrase: Phrase, index: number, word: number): number => {
    if (index === phrase.elements.length) return word;
    const { failed, starts, lengths, stamp } = levels[level]!;
    const slot = index * (MAX_WORDS + 1) + word;
    if (failed[slot] === stamp) return -1;
    const { classId, min, max, optional } = phrase.elements[index]!;
    const composite = compositeLengths(classId);
    const last = Math.min(word + max, words - 1);
    for (let at = word + min; at <= last; at++) {
      const id = ids[at]!;
      if (starters.mayBegin(classId, id)) {
        for (const rest of restsOf(id, classId)) {
          if (!follows(rest, at + 1)) continue;
          starts[index] = at;
          lengths[index] = rest.length + 1;
          const end = walk(phrase, index + 1, at + rest.length + 1);
          if (end >= 0) return end;
        }
      }
      if (composite !== undefined && composite[at]! > 0) {
        starts[index] = at;
        lengths[index] = composite[at]!;
        const end = walk(phrase, index + 1, at + composite[at]!);
        if (end >= 0) return end;
      }
    }
    if (optional) {
      lengths[index] = 0;
      const end = walk(phrase, index + 1, word);
      if (end >= 0) return end;
    }
    failed[slot] = stamp;
    return -1;
  };

  const mayBeginWithin = (classId: number, from: number, to: number): boolean => {
    const last = Math.min(to, words - 1);
    for (let word = Math.max(0, from); word <= last; word++) {
      if (starters.mayBegin(classId, ids[word]!)) return true;
    }
    return false;
  };

  const surrounded = ({ before, after }: Phrase, word: number): boolean =>
    (before === null || mayBeginWithin(before.classId, word - before.reach, word - 1)) &&
    (after === null || mayBeginWithin(after.classId, word + 1, word + after.reach));

  const possible = ({ required }: Phrase): boolean => {
    for (const classId of required) if (!present(classId)) return false;
    return true;
  };

  const present = (classId: number): boolean => {
    const known = presence[classId]!;
    if (known >> 1 === number) return (known & 1) === 1;
    let is = false;
    if (isComposite[classId] === 1) {
      for (let word = 0; word < words && !is; word++) is = occurs(classId, word);
    } else {
      for (let word = 0; word < words && !is; word++)
        is = starters.mayBegin(classId, ids[word]!) && begins(classId, word);
    }
    presence[classId] = (number << 1) | (is ? 1 : 0);
    return is;
  };

  /** Whether one of the class's sequences begins at the word. */
  const begins = (classId: number, word: number): boolean => {
    for (const rest of restsOf(ids[word]!, classId)) if (follows(rest, word + 1)) return true;
    return false;
  };

  const restsOf = (id: number, classId: number): readonly (readonly number[])[] =>
    entries.get(id)?.get(classId) ?? NONE;

  const occurs = (classId: number, word: number): boolean => {
    if (starters.mayBegin(classId, ids[word]!) && begins(classId, word)) return true;
    const composite = compositeLengths(classId);
    return composite !== undefined && composite[word]! > 0;
  };

  const follows = (rest: readonly number[], from: number): boolean => {
    if (from + rest.length > words) return false;
    for (let i = 0; i < rest.length; i++) if (ids[from + i] !== rest[i]) return false;
    return true;
  };

  return {
    forget,
    turnTo: (sentence) => {
      number = sentence.number;
      ({ presence, occurrences } = findings[number % tables.span]!);
      words = sentence.count;
      ids = sentence.ids;
      level = 0;
    },
    find: (phrase, from, to) => {
      enter();
      const { starts, lengths } = levels[0]!;
      const stop = phrase.atStart ? Math.min(to, 0) : to;
      for (let word = phrase.atStart ? 0 : from; word <= stop; word++) {
        const end = walk(phrase, 0, word);
        if (end < 0) continue;
        const covered = new Set<number>();
        phrase.elements.forEach((_, i) => {
          for (let k = 0; k < lengths[i]!; k++) covered.add(starts[i]! + k);
        });
        return { from: word, to: end, covered };
      }
      return undefined;
    },
    possible,
    surrounded,
    occurs,
  };
};
