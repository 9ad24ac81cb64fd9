import * as m from './memory';

// Matching phrases against one sentence. Every (element, word) pair of a phrase that failed once is remembered, so a phrase
// costs at most elements × words × gap: no text can make it more.
//
// A phrase's record: whether it must begin the sentence, its reach before the word that wakes it, the number of its
// elements, two bits that must be set in the sentence (16 bits each), then its elements, ELEMENT bytes each.

export const AT_START: usize = 0;
export const REACH: usize = 4;
export const ELEMENT_COUNT: usize = 8;
const BETRAYED: usize = 12;
const ELEMENTS: usize = 16;

// An element: its class, the class's bit, the gap before it, whether it may be left out, its number among composites or -1.
const ELEMENT: usize = 24;
const CLASS: usize = 0;
const BIT: usize = 4;
const MIN: usize = 8;
const MAX: usize = 12;
const OPTIONAL: usize = 16;
const COMPOSITE: usize = 20;

export const MAX_ELEMENTS: i32 = 16;
const FAILURES: usize = <usize>(MAX_ELEMENTS * (m.MAX_WORDS + 1)) << 2;
const PLACES: usize = <usize>MAX_ELEMENTS << 3;
/** From, to, number of elements, then start and length of each. */
export const MATCH: usize = 12 + PLACES;
const OCCURRENCE: usize = 4 + (<usize>m.MAX_WORDS << 1);

/** Stamps are 32-bit; long before they run out, the failures are wiped and counting starts anew. */
const LAST_STAMP: i32 = 1 << 29;

let stamp: i32 = 0;
let level: usize = 0;
/** The sentence in hand. */
export let hand: usize = 0;
let place: i32 = 0;
let count: i32 = 0;

export function turnTo(nextPlace: i32): void {
  place = nextPlace;
  hand = m.sentences + <usize>place * m.SENTENCE;
  count = load<i32>(hand, m.COUNT);
}

@inline
function enter(): i32 {
  if (stamp === LAST_STAMP) {
    stamp = 0;
    memory.fill(m.failures, 0, FAILURES * <usize>m.levels);
  }
  return ++stamp;
}

@inline
export function wordAt(at: i32): i32 {
  return load<i32>(hand + (<usize>at << 2), m.IDS);
}

/** Whether a sequence of the class (or of another with the same bit) begins with the word. */
@inline
export function mayBegin(bit: i32, word: i32): bool {
  return ((load<u32>(m.starters + <usize>word * m.ROW + (<usize>(bit >>> 5) << 2)) >>> (bit & 31)) & 1) !== 0;
}

/** Notes which classes the sentence could hold: the bits that its words betray. */
export function sign(): void {
  if (load<i32>(hand, m.SIGNED) !== 0) return;
  store<i32>(hand, 1, m.SIGNED);
  let a = i64x2.splat(0);
  let b = a;
  let c = a;
  let d = i32x4(0, 0, 0, i32.MIN_VALUE);
  for (let i = 0; i < count; i++) {
    const row = m.betrayals + <usize>wordAt(i) * m.ROW;
    a = v128.or(a, v128.load(row));
    b = v128.or(b, v128.load(row, 16));
    c = v128.or(c, v128.load(row, 32));
    d = v128.or(d, v128.load(row, 48));
  }
  v128.store(hand, a, m.PRESENT);
  v128.store(hand, b, m.PRESENT + 16);
  v128.store(hand, c, m.PRESENT + 32);
  v128.store(hand, d, m.PRESENT + 48);
}

/** Whether two bits, 16 bits each, are set in the sentence. */
@inline
export function betrayed(bits: u32): bool {
  const first = load<u32>(hand + (<usize>((bits >>> 5) & 15) << 2), m.PRESENT) >>> (bits & 31);
  const second = load<u32>(hand + (<usize>(bits >>> 21) << 2), m.PRESENT) >>> ((bits >>> 16) & 31);
  return (first & second & 1) !== 0;
}

/** Whether classes that the phrase needs could stand in the sentence. */
@inline
function fits(record: usize): bool {
  return betrayed(load<u32>(record, BETRAYED));
}

/** The bit of the class that every match begins with, or -1 where that may be left out. */
@inline
function firstBit(record: usize): i32 {
  const element = record + ELEMENTS;
  return load<i32>(element, OPTIONAL) !== 0 ? -1 : load<i32>(element, BIT);
}

/** Address of the rests of the class's sequences that begin with the word, 0 where there is none. */
function restsOf(word: i32, classId: i32): usize {
  const key = (word << 16) ^ classId;
  let slot = ((key * <i32>0x9e3779b1) >>> 8) & m.pairMask;
  let at = m.pairs + (<usize>slot << 3);
  let rests = load<u32>(at, 4);
  while (rests !== 0 && load<i32>(at) !== key) {
    slot = (slot + 1) & m.pairMask;
    at = m.pairs + (<usize>slot << 3);
    rests = load<u32>(at, 4);
  }
  return rests;
}

@inline
function follows(words: usize, length: i32, from: i32): bool {
  if (from + length > count) return false;
  for (let i = 0; i < length; i++) if (wordAt(from + i) !== load<i32>(words + (<usize>i << 2))) return false;
  return true;
}

/** Whether one of the class's sequences begins at the word. */
function begins(classId: i32, word: i32): bool {
  const rests = restsOf(wordAt(word), classId);
  if (rests === 0) return false;
  let rest = rests + 4;
  for (let left = load<i32>(rests); left > 0; left--) {
    const length = load<i32>(rest);
    if (follows(rest + 4, length, word + 1)) return true;
    rest += 4 + (<usize>length << 2);
  }
  return false;
}

/** Where the composite class occurs: 16 bits a word, the length of what stands there. */
function lengthsOf(composite: i32): usize {
  const known = m.occurrences + <usize>(place * m.compositeCount + composite) * OCCURRENCE;
  const lengths = known + 4;
  const number = load<i32>(hand, m.NUMBER);
  if (load<i32>(known) === number) return lengths;
  store<i32>(known, number);
  memory.fill(lengths, 0, <usize>count << 1);
  const list = <usize>load<u32>(m.composites + (<usize>composite << 2));
  const end = list + 4 + (<usize>load<u32>(list) << 2);
  level++;
  for (let at = list + 4; at < end; at += 4) {
    const record = <usize>load<u32>(m.phrases + (<usize>load<u32>(at) << 2));
    if (!fits(record)) continue;
    const mark = enter();
    const first = firstBit(record);
    for (let word = 0; word < count; word++) {
      if (first >= 0 && !mayBegin(first, wordAt(word))) continue;
      const length = walk(record, mark, 0, word) - word;
      const slot = lengths + (<usize>word << 1);
      if (length > <i32>load<u16>(slot)) store<u16>(slot, <u16>length);
    }
  }
  level--;
  return lengths;
}

/** Matches the elements from `index` on from a word on; where the match ends, or -1. */
function walk(record: usize, mark: i32, index: i32, word: i32): i32 {
  if (index === load<i32>(record, ELEMENT_COUNT)) return word;
  m.countSteps(1);
  const failure = m.failures + level * FAILURES + (<usize>(index * (m.MAX_WORDS + 1) + word) << 2);
  if (load<i32>(failure) === mark) return -1;
  const element = record + ELEMENTS + <usize>index * ELEMENT;
  const slot = m.places + level * PLACES + (<usize>index << 3);
  const composite = load<i32>(element, COMPOSITE);
  const lengths: usize = composite >= 0 ? lengthsOf(composite) : 0;
  const bit = load<i32>(element, BIT);
  const last = min(word + load<i32>(element, MAX), count - 1);
  for (let at = word + load<i32>(element, MIN); at <= last; at++) {
    if (!mayBegin(bit, wordAt(at))) continue;
    m.countSteps(1);
    const rests = restsOf(wordAt(at), load<i32>(element, CLASS));
    if (rests !== 0) {
      let rest = rests + 4;
      for (let left = load<i32>(rests); left > 0; left--) {
        const length = load<i32>(rest);
        rest += 4;
        if (follows(rest, length, at + 1)) {
          store<i32>(slot, at);
          store<i32>(slot, length + 1, 4);
          const end = walk(record, mark, index + 1, at + length + 1);
          if (end >= 0) return end;
        }
        rest += <usize>length << 2;
      }
    }
    if (lengths !== 0) {
      const length = <i32>load<u16>(lengths + (<usize>at << 1));
      if (length > 0) {
        store<i32>(slot, at);
        store<i32>(slot, length, 4);
        const end = walk(record, mark, index + 1, at + length);
        if (end >= 0) return end;
      }
    }
  }
  if (load<i32>(element, OPTIONAL) !== 0) {
    store<i32>(slot, 0, 4);
    const end = walk(record, mark, index + 1, word);
    if (end >= 0) return end;
  }
  store<i32>(failure, mark);
  return -1;
}

/** Whether a match starts at a word in from…to. Where it is `noted`, the first one can be read from its place afterwards. */
export function find(phrase: i32, from: i32, to: i32, noted: bool): bool {
  const record = <usize>load<u32>(m.phrases + (<usize>phrase << 2));
  const mark = enter();
  const fromStart = load<i32>(record, AT_START) !== 0;
  const stop = fromStart ? min(to, 0) : to;
  const first = firstBit(record);
  for (let word = fromStart ? 0 : from; word <= stop; word++) {
    if (first >= 0 && !mayBegin(first, wordAt(word))) continue;
    const end = walk(record, mark, 0, word);
    if (end < 0) continue;
    if (!noted) return true;
    const match = m.matches + <usize>phrase * MATCH;
    const elements = load<i32>(record, ELEMENT_COUNT);
    store<i32>(match, word);
    store<i32>(match, end, 4);
    store<i32>(match, elements, 8);
    memory.copy(match + 12, m.places + level * PLACES, <usize>elements << 3);
    return true;
  }
  return false;
}

/** Whether the phrase stands in the sentence in hand. `noted` as above. */
export function stands(phrase: i32, noted: bool): bool {
  m.countSteps(1);
  const seen = m.known + (<usize>(place * m.phraseCount + phrase) << 2);
  const number = load<i32>(hand, m.NUMBER);
  const told = load<i32>(seen);
  if (told >> 1 === number) return (told & 1) !== 0;
  sign();
  const is = fits(<usize>load<u32>(m.phrases + (<usize>phrase << 2))) && find(phrase, 0, count - 1, noted);
  store<i32>(seen, (number << 1) | <i32>is);
  return is;
}

/** Whether the class occurs at the word; `bit` and `composite` as in an element. */
export function occurs(classId: i32, bit: i32, composite: i32, word: i32): bool {
  if (!mayBegin(bit, wordAt(word))) return false;
  m.countSteps(1);
  if (begins(classId, word)) return true;
  return composite >= 0 && load<u16>(lengthsOf(composite) + (<usize>word << 1)) > 0;
}

/** Whether an element of the phrase's match stands on the word; the rest of the match are gaps. */
export function coveredBy(phrase: i32, word: i32): bool {
  const match = m.matches + <usize>phrase * MATCH;
  let at = match + 12;
  for (let left = load<i32>(match, 8); left > 0; left--) {
    const start = load<i32>(at);
    if (word >= start && word < start + load<i32>(at, 4)) return true;
    at += 8;
  }
  return false;
}
