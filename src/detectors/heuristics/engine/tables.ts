import { CodedError } from '../../../domain/errors.ts';
import { checksOf } from './checks.ts';
import { CUES, type Phrase, type Ruleset } from './compile.ts';
import { FOLD } from './fold.ts';
import type { Element, WordClass } from './vocabulary.ts';

// The compiled rules as tables in the linear memory of the scanner's WebAssembly part. native/rules/memory.ts says what each
// is for and reads their addresses in the order in which `layOut` names them.

/** Units of text that are read at once; one more lies behind them. */
export const PIECE = 16_384;

/** Words that a sentence can have, bytes that it takes, and elements that a phrase can have. */
export const MAX_WORDS = 256;
export const SENTENCE_BYTES: number = 128 + 3 * MAX_WORDS * 4;
const MAX_ELEMENTS = 16;

/** Bytes of a phrase's match: from, to, number of elements, then start and length of each. */
export const MATCH_BYTES: number = 12 + MAX_ELEMENTS * 8;

/** Bits in a word's rows. The last one of a row of betrayals stands for no class. */
const BITS = 512;
const NO_CLASS = BITS - 1;

/** Words and classes share 32 bits in a table's key. */
const MOST = 65_535;

/** The first addresses hold what the compiler puts there, and the list of addresses. */
const HEADER = 1_024;
const FIRST = 4_096;
const PAGE = 65_536;

/** A class as the scanner wants it named: id, bit among starters, number among composites or -1. */
type ClassKey = readonly [classId: number, bit: number, composite: number];

export interface Tables {
  readonly memory: WebAssembly.Memory;
  readonly header: number;
  /** Addresses, in bytes, of what the host reads or writes. */
  readonly at: {
    readonly sentences: number;
    readonly matches: number;
    readonly found: number;
    readonly text: number;
  };
}

interface Room {
  /** Puts numbers there; their address. */
  put(numbers: Int32Array | Uint16Array | readonly number[]): number;
  /** Keeps room for zeros; its address. */
  keep(bytes: number): number;
  memory(header: readonly number[]): WebAssembly.Memory;
}

const createRoom = (): Room => {
  let next = FIRST;
  const pieces: { at: number; numbers: Int32Array | Uint16Array }[] = [];
  const keep = (bytes: number): number => {
    const at = next;
    next = (next + bytes + 63) & ~63;
    return at;
  };
  return {
    keep,
    put: (numbers) => {
      const typed = Array.isArray(numbers) ? Int32Array.from(numbers) : (numbers as Int32Array | Uint16Array);
      // Rows are many and short: only the large tables begin at a cache line.
      const at = typed.byteLength < 64 ? next : (next + 63) & ~63;
      next = (at + typed.byteLength + 3) & ~3;
      pieces.push({ at, numbers: typed });
      return at;
    },
    memory: (header) => {
      const memory = new WebAssembly.Memory({ initial: Math.ceil(next / PAGE) });
      const bytes = new Uint8Array(memory.buffer);
      for (const { at, numbers } of [...pieces, { at: HEADER, numbers: Int32Array.from(header) }]) {
        bytes.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), at);
      }
      return memory;
    },
  };
};

/** A power of two that leaves a hash table at most three quarters full. */
const slotsFor = (entries: number): number => 2 ** Math.max(6, Math.ceil(Math.log2((entries * 4) / 3 + 1)));

const vocabularyTable = (wordIds: ReadonlyMap<number, number>): Int32Array => {
  const mask = slotsFor(wordIds.size * 3) - 1;
  const table = new Int32Array(2 * (mask + 1));
  for (const [hash, id] of wordIds) {
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (table[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
    table[2 * slot] = hash;
    table[2 * slot + 1] = id;
  }
  return table;
};

/** Deals the bits out: a class gets the bit that is least used so far, so that frequent classes own theirs and rare ones share. */
const dealBits = (classIds: Iterable<number>, bits: number, cost: (classId: number) => number): Map<number, number> => {
  const used = new Float64Array(bits);
  const dealt = new Map<number, number>();
  for (const classId of [...classIds].sort((a, b) => cost(b) - cost(a))) {
    const bit = used.indexOf(Math.min(...used));
    used[bit]! += cost(classId);
    dealt.set(classId, bit);
  }
  return dealt;
};

/** Word → row of the bits of classes. */
const bitTable = (
  bits: ReadonlyMap<number, number>,
  words: (classId: number) => readonly number[],
  wordCount: number,
): Int32Array => {
  const width = BITS / 32;
  const table = new Int32Array(wordCount * width);
  for (const [classId, bit] of bits) {
    for (const word of words(classId)) table[word * width + (bit >> 5)]! |= 1 << (bit & 31);
  }
  return table;
};

/** A range of words about a word and the bit of a class, as native/rules/wake.ts reads them: open where it is wide. */
const rangeOf = (bit: number, from: number, to: number): number =>
  (bit << 16) | (from < -127 ? 0 : Math.min(from + 128, 255) << 8) | (to > 126 ? 255 : Math.max(to + 128, 0));

/** How deep composite classes lie within composite classes. */
const depthOf = (classes: readonly WordClass[]): number => {
  const depths = classes.map(() => 0);
  // Those that a composite refers to come before its own.
  classes.forEach(({ composites }, classId) => {
    for (const { classId: inner } of composites.flat())
      depths[classId] = Math.max(depths[classId]!, depths[inner]! + 1);
  });
  return depths.reduce((most, depth) => Math.max(most, depth), 0);
};

/** The classes that every match holds. */
const neededOf = (elements: readonly Element[]): number[] => [
  ...new Set(elements.filter(({ optional }) => !optional).map(({ classId }) => classId)),
];

export const layOut = ({ phrases, woken, wordIds, classes, cues, span }: Ruleset): Tables => {
  if (wordIds.size > MOST || classes.length > MOST) {
    throw new CodedError('invalid_rule', `The rules hold more than ${MOST} different words or classes`);
  }
  const room = createRoom();
  const wordCount = wordIds.size + 1;
  const starters = dealBits(classes.keys(), BITS, (classId) => classes[classId]!.starters);
  const compositeIds = [...classes.keys()].filter((classId) => classes[classId]!.composites.length > 0);
  const compositeOf = new Map(compositeIds.map((classId, i) => [classId, i]));
  const keyOf = (classId: number): ClassKey => [classId, starters.get(classId)!, compositeOf.get(classId) ?? -1];

  const rarity = (classId: number): number => classes[classId]!.anchor.cost;
  const rarest = (classIds: readonly number[]): number[] =>
    classIds.toSorted((a, b) => rarity(a) - rarity(b)).slice(0, 2);
  /** Classes that must stand beside the one that wakes the phrase. */
  const besideAnchor = ({ elements, anchor }: Phrase): number[] => {
    const own = elements[anchor]!.classId;
    return neededOf(elements).filter((classId) => classId !== own);
  };
  const asked = new Set([
    ...woken.flat().flatMap(({ phrase }) => rarest(besideAnchor(phrases[phrase]!))),
    ...[...phrases.map(({ elements }) => elements), ...classes.flatMap(({ composites }) => composites)].flatMap(
      (elements) => rarest(neededOf(elements)),
    ),
  ]);
  const betrayals = dealBits(asked, NO_CLASS, rarity);
  /** The bits of the rarest two of the classes. */
  const betrayedBy = (classIds: readonly number[]): number => {
    const [first, second] = rarest(classIds).map((classId) => betrayals.get(classId)!);
    return (first ?? NO_CLASS) | ((second ?? NO_CLASS) << 16);
  };

  const recordOf = (elements: readonly Element[], atStart: boolean, reach: number): number => {
    const rows = elements.flatMap(({ classId, min, max, optional }) => {
      const [id, bit, composite] = keyOf(classId);
      return [id, bit, min, max, Number(optional), composite];
    });
    return room.put([Number(atStart), reach, elements.length, betrayedBy(neededOf(elements)), ...rows]);
  };

  // Phrases of the rules, then those that composite classes are made of.
  const records = phrases.map(({ elements, atStart, reach }) => recordOf(elements, atStart, reach));
  const compositeLists = compositeIds.map((classId) => {
    const own = classes[classId]!.composites.map((elements) => records.push(recordOf(elements, false, 0)) - 1);
    return room.put([own.length, ...own]);
  });

  const pairCount = classes.reduce((sum, { sequences }) => sum + new Set(sequences.map(([first]) => first)).size, 0);
  const pairMask = slotsFor(pairCount) - 1;
  const pairs = new Int32Array(2 * (pairMask + 1));
  for (const [classId, { sequences }] of classes.entries()) {
    for (const [first, own] of Map.groupBy(sequences, ([word]) => word!)) {
      const key = (first << 16) ^ classId;
      let slot = (Math.imul(key, 0x9e3779b1) >>> 8) & pairMask;
      while (pairs[2 * slot + 1] !== 0) slot = (slot + 1) & pairMask;
      pairs[2 * slot] = key;
      pairs[2 * slot + 1] = room.put([own.length, ...own.flatMap((words) => [words.length - 1, ...words.slice(1)])]);
    }
  }

  const rows = new Map<string, number>();
  /** The address of a row of numbers; equal rows are kept once. */
  const rowOf = (numbers: readonly number[]): number => {
    const name = numbers.join();
    const at = rows.get(name) ?? room.put(numbers);
    rows.set(name, at);
    return at;
  };
  const firstWaking = new Int32Array(wordCount + 1);
  const wakings: number[] = [];
  for (let word = 0; word < wordCount; word++) {
    firstWaking[word] = wakings.length / 4;
    for (const { phrase, around, offsets } of woken[word] ?? []) {
      const { elements, anchor } = phrases[phrase]!;
      const checks = checksOf(elements, anchor, offsets, classes).map(({ classId, from, to }) => {
        const [id, bit, composite] = keyOf(classId);
        return [rangeOf(bit, from, to), id, composite];
      });
      const sequences = around?.flatMap(({ offset, words }) => [offset, words.length, ...words]);
      wakings.push(
        phrase,
        sequences === undefined ? 0 : rowOf([around!.length, ...sequences]),
        checks.length === 0 ? 0 : rowOf([checks.length, ...checks.flat()]),
        betrayedBy(besideAnchor(phrases[phrase]!)),
      );
    }
  }
  firstWaking[wordCount] = wakings.length / 4;

  const cueWords = new Uint16Array(wordCount);
  CUES.forEach((name, cue) => {
    for (const word of classes[cues[name]]!.firsts) cueWords[word]! |= 1 << cue;
  });

  const levels = depthOf(classes) + 1;
  const vocabulary = vocabularyTable(wordIds);
  const at = {
    sentences: room.keep(span * SENTENCE_BYTES),
    matches: room.keep(phrases.length * MATCH_BYTES),
    found: room.keep(phrases.length * 4),
    text: room.keep((PIECE + 1) * 2),
  };
  const header = [
    room.put(FOLD),
    room.put(vocabulary),
    vocabulary.length / 2 - 1,
    room.put(firstWaking),
    room.put(wakings),
    room.put(bitTable(betrayals, (classId) => classes[classId]!.anchor.words, wordCount)),
    room.put(bitTable(starters, (classId) => classes[classId]!.firsts, wordCount)),
    room.put(records),
    phrases.length,
    room.put(pairs),
    pairMask,
    room.put(compositeLists),
    at.sentences,
    span,
    room.keep(span * phrases.length * 4),
    room.keep(span * compositeIds.length * (4 + MAX_WORDS * 2)),
    compositeIds.length,
    room.keep(levels * MAX_ELEMENTS * (MAX_WORDS + 1) * 4),
    room.keep(levels * MAX_ELEMENTS * 8),
    at.matches,
    room.keep(MAX_WORDS * 4 + 4),
    at.found,
    at.text,
    levels,
    room.put(cueWords),
    room.put(CUES.flatMap((name) => keyOf(cues[name]))),
    room.keep(CUES.length * (MAX_WORDS / 8)),
  ];
  return {
    memory: room.memory(header),
    header: HEADER,
    at,
  };
};
