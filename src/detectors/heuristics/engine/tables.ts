import { CodedError } from '../../../domain/errors.ts';
import { createBetrayals, createStarters } from './bits.ts';
import { checksOf } from './checks.ts';
import { CUES, type Ruleset } from './compile.ts';
import { FOLD } from './fold.ts';
import { createRoom, type Room } from './room.ts';
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

/** Words and classes share 32 bits in a table's key. */
const MOST = 65_535;

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

/** A class as the scanner wants it named: id, bit among starters, number among composites or -1. */
type KeyOf = (classId: number) => readonly [classId: number, bit: number, composite: number];

/** Slots of a hash table: a power of two that leaves it at most three quarters full. */
const slotsFor = (entries: number): number => 2 ** Math.max(6, Math.ceil(Math.log2((entries * 4) / 3 + 1)));

/** Hash → word id, at most a quarter full: nearly every look-up ends at the first slot. */
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

/** (word, class) → the rests of the class's sequences that begin with the word. */
const pairTable = (classes: readonly WordClass[], room: Room): Int32Array => {
  const byFirst = classes.map(({ sequences }) => Map.groupBy(sequences, ([word]) => word!));
  const mask = slotsFor(byFirst.reduce((sum, { size }) => sum + size, 0)) - 1;
  const table = new Int32Array(2 * (mask + 1));
  for (const [classId, firsts] of byFirst.entries()) {
    for (const [first, own] of firsts) {
      const key = (first << 16) ^ classId;
      let slot = (Math.imul(key, 0x9e3779b1) >>> 8) & mask;
      while (table[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
      table[2 * slot] = key;
      table[2 * slot + 1] = room.put([own.length, ...own.flatMap(([, ...rest]) => [rest.length, ...rest])]);
    }
  }
  return table;
};

/** A range of words about a word and the bit of a class, as native/rules/wake.ts reads them: open where it is wide. */
const rangeOf = (bit: number, from: number, to: number): number =>
  (bit << 16) | (from < -127 ? 0 : Math.min(from + 128, 255) << 8) | (to > 126 ? 255 : Math.max(to + 128, 0));

/** The wakings of each word, and where each word's begin. */
const wakingTables = (
  { woken, phrases, classes, wordIds }: Ruleset,
  room: Room,
  keyOf: KeyOf,
  besideAnchor: (phrase: number) => number,
): { readonly first: Int32Array; readonly wakings: Int32Array } => {
  const checkRows = new Map<string, number>();
  const checksFor = (phrase: number, offsets: readonly [number, number]): number => {
    const name = `${phrase} ${offsets.join()}`;
    const known = checkRows.get(name);
    if (known !== undefined) return known;
    const { elements, anchor } = phrases[phrase]!;
    const checks = checksOf(elements, anchor, offsets, classes).map(({ classId, from, to }) => {
      const [id, bit, composite] = keyOf(classId);
      return [rangeOf(bit, from, to), id, composite];
    });
    const at = checks.length === 0 ? 0 : room.put([checks.length, ...checks.flat()]);
    checkRows.set(name, at);
    return at;
  };

  type Around = NonNullable<Ruleset['woken'][number][number]['around']>;
  const aroundRows = new Map<Around, number>();
  const aroundFor = (around: Around): number => {
    const rows = around.flatMap(({ offset, words }) => [offset, words.length, ...words]);
    const at = aroundRows.get(around) ?? room.put([around.length, ...rows]);
    aroundRows.set(around, at);
    return at;
  };

  const first = new Int32Array(wordIds.size + 2);
  const wakings: number[] = [];
  for (let word = 0; word <= wordIds.size; word++) {
    for (const { phrase, around, offsets } of woken[word] ?? []) {
      wakings.push(phrase, around === null ? 0 : aroundFor(around), checksFor(phrase, offsets), besideAnchor(phrase));
    }
    first[word + 1] = wakings.length / 4;
  }
  return { first, wakings: Int32Array.from(wakings) };
};

/** How deep composite classes lie within composite classes. */
const depthOf = (classes: readonly WordClass[]): number => {
  const depths = classes.map(() => 0);
  // Those that a composite refers to come before its own.
  classes.forEach(({ composites }, classId) => {
    for (const { classId: inner } of composites.flat()) {
      depths[classId] = Math.max(depths[classId]!, depths[inner]! + 1);
    }
  });
  return depths.reduce((most, depth) => Math.max(most, depth), 0);
};

/** Word → which cues it may begin, a bit each. */
const cueTable = ({ cues, classes, wordIds }: Ruleset): Uint16Array => {
  const table = new Uint16Array(wordIds.size + 1);
  CUES.forEach((name, cue) => {
    for (const word of classes[cues[name]]!.firsts) table[word]! |= 1 << cue;
  });
  return table;
};

export const layOut = (ruleset: Ruleset): Tables => {
  const { phrases, wordIds, classes, cues, span } = ruleset;
  if (wordIds.size > MOST || classes.length > MOST) {
    throw new CodedError('invalid_rule', `The rules hold more than ${MOST} different words or classes`);
  }
  const room = createRoom();
  const starters = createStarters(classes, wordIds.size + 1);
  const betrayals = createBetrayals(ruleset);
  const compositeIds = [...classes.keys()].filter((classId) => classes[classId]!.composites.length > 0);
  const compositeOf = new Map(compositeIds.map((classId, i) => [classId, i]));
  const keyOf: KeyOf = (classId) => [classId, starters.bits.get(classId)!, compositeOf.get(classId) ?? -1];

  const recordOf = (elements: readonly Element[], atStart: boolean, reach: number): number => {
    const rows = elements.flatMap(({ classId, min, max, optional }) => {
      const [id, bit, composite] = keyOf(classId);
      return [id, bit, min, max, Number(optional), composite];
    });
    return room.put([Number(atStart), reach, elements.length, betrayals.ofElements(elements), ...rows]);
  };
  // Phrases of the rules, then those that composite classes are made of.
  const records = phrases.map(({ elements, atStart, reach }) => recordOf(elements, atStart, reach));
  const compositeLists = compositeIds.map((classId) => {
    const own = classes[classId]!.composites.map((elements) => records.push(recordOf(elements, false, 0)) - 1);
    return room.put([own.length, ...own]);
  });

  const { first, wakings } = wakingTables(ruleset, room, keyOf, betrayals.besideAnchor);
  const pairs = pairTable(classes, room);
  const vocabulary = vocabularyTable(wordIds);
  const levels = depthOf(classes) + 1;
  const at = {
    sentences: room.keep(span * SENTENCE_BYTES),
    matches: room.keep(phrases.length * MATCH_BYTES),
    found: room.keep(phrases.length * 4),
    text: room.keep((PIECE + 1) * 2),
  };
  const header = [
    room.putTable(FOLD),
    room.putTable(vocabulary),
    vocabulary.length / 2 - 1,
    room.putTable(first),
    room.putTable(wakings),
    room.putTable(betrayals.table),
    room.putTable(starters.table),
    room.put(records),
    phrases.length,
    room.putTable(pairs),
    pairs.length / 2 - 1,
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
    room.putTable(cueTable(ruleset)),
    room.put(CUES.flatMap((name) => keyOf(cues[name]))),
    room.keep(CUES.length * (MAX_WORDS / 8)),
  ];
  return { ...room.finish(header), at };
};
