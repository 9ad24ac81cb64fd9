import { forgetCues } from './cues';
import { stands, turnTo } from './match';
import * as m from './memory';
import {
  APOSTROPHE,
  APOSTROPHE_UNIT,
  BREAK,
  FIRST_LETTER,
  foldOf,
  HASH_FACTOR,
  HASH_SEED,
  HIGH_SURROGATE,
  IGNORED,
  isCloser,
  STOP,
  UNSPACED,
  unitAt,
} from './units';
import { foundCount, wake } from './wake';

// One pass over the text: a hash per word, a look-up per word, and a second look at sentences that hold an anchor word. The
// host is called only for sentences in which a phrase is awake, or that it asked for.

export { firstCue, lastCue } from './cues';
export { configure, steps } from './memory';

// What `run` answers.
/** The piece was read to its end. */
const READ: i32 = 0;
/** A sentence is to be judged. */
const SENTENCE: i32 = 1;
/** The last sentence of the text is to be judged. */
const LAST_SENTENCE: i32 = 2;
/** The text is over. */
const OVER: i32 = 3;
/** Whether the stop at hand ends a sentence cannot be told from the piece. */
const UNDECIDED: i32 = 4;

const LAST_NUMBER: i32 = 1 << 29;

/** Folds a supplementary code point. */
@external('host', 'foldSupplementary')
declare function foldSupplementary(point: i32): i32;

/** Offset of the piece in the text, and the next unit to read in it. */
let base: i32 = 0;
export let position: i32 = 0;
/** The word that was begun. */
let hash: i32 = HASH_SEED;
let start: i32 = -1;
let end: i32 = 0;
/** The sentence being filled. */
let number: i32 = 0;
let place: i32 = 0;
let sentence: usize = 0;
let count: i32 = 0;
let anchorCount: i32 = 0;
/** What is to be done before reading goes on: nothing, a new sentence, or the next piece of a cut one. */
let due: i32 = 0;
const NEW_SENTENCE: i32 = 1;
const NEXT_PIECE: i32 = 2;
/** The host's answer to `UNDECIDED`: nothing, 1 for an end, 2 for none. */
let decision: i32 = 0;

/** Begins a text. */
export function begin(): void {
  if (number > LAST_NUMBER) {
    number = 0;
    memory.fill(m.known, 0, <usize>(m.span * m.phraseCount) << 2);
    memory.fill(m.occurrences, 0, <usize>(m.span * m.compositeCount) * (4 + (<usize>m.MAX_WORDS << 1)));
  }
  forgetCues();
  hash = HASH_SEED;
  start = -1;
  due = 0;
  decision = 0;
  base = 0;
  position = 0;
  next();
}

/** Tells where the piece that was written lies in the text. */
export function feed(offset: i32): void {
  base = offset;
  position = 0;
}

/** Answers `UNDECIDED`. */
export function decide(ends: i32): void {
  decision = ends !== 0 ? 1 : 2;
}

function next(): void {
  number++;
  place = number % m.span;
  sentence = m.sentences + <usize>place * m.SENTENCE;
  store<i32>(sentence, number, m.NUMBER);
  store<i32>(sentence, 0, m.COUNT);
  store<i32>(sentence, 0, m.JUDGED);
  store<i32>(sentence, 1, m.FRESH);
  store<i32>(sentence, 0, m.QUESTION);
  store<i32>(sentence, 0, m.SIGNED);
  count = 0;
  anchorCount = 0;
}

/** Makes the next sentence begin with the last words of this one, as the next piece of the same sentence. */
function carryOver(): void {
  const piece = sentence;
  const from = <usize>(count - m.OVERLAP) << 2;
  next();
  const bytes = <usize>m.OVERLAP << 2;
  memory.copy(sentence + m.STARTS, piece + m.STARTS + from, bytes);
  memory.copy(sentence + m.ENDS, piece + m.ENDS + from, bytes);
  memory.copy(sentence + m.IDS, piece + m.IDS + from, bytes);
  store<i32>(sentence, m.OVERLAP, m.JUDGED);
  store<i32>(sentence, 0, m.FRESH);
  count = m.OVERLAP;
  for (let word = 0; word < count; word++) note(word, load<i32>(sentence + (<usize>word << 2), m.IDS));
}

/** Notes the word where it wakes something. */
@inline
function note(word: i32, id: i32): void {
  const first = m.firstWaking + (<usize>id << 2);
  store<i32>(m.anchors + (<usize>anchorCount << 2), word);
  anchorCount += <i32>(load<u32>(first) !== load<u32>(first, 4));
}

function push(hash: i32, start: i32, end: i32): void {
  let slot = (hash ^ (hash >>> 15)) & m.wordMask;
  let at = m.words + (<usize>slot << 3);
  let id = load<i32>(at, 4);
  while (id !== 0 && load<i32>(at) !== hash) {
    slot = (slot + 1) & m.wordMask;
    at = m.words + (<usize>slot << 3);
    id = load<i32>(at, 4);
  }
  const word = sentence + (<usize>count << 2);
  store<i32>(word, start, m.STARTS);
  store<i32>(word, end, m.ENDS);
  store<i32>(word, id, m.IDS);
  note(count, id);
  count++;
}

/** Whether the host must look at the sentence that is complete; where not, the next one is begun. */
function complete(question: bool, asked: bool, then: i32): bool {
  store<i32>(sentence, count, m.COUNT);
  store<i32>(sentence, <i32>question, m.QUESTION);
  m.countSteps(count + 1);
  due = then;
  if (anchorCount > 0) wake(place, anchorCount);
  if (asked || (anchorCount > 0 && foundCount > 0)) {
    if (anchorCount === 0) wake(place, 0);
    return true;
  }
  goOn();
  return false;
}

function goOn(): void {
  if (due === NEW_SENTENCE) next();
  else if (due === NEXT_PIECE) carryOver();
  due = 0;
}

/** 1 where the stop ends a sentence, 2 where it does not, 0 where the piece is too short to tell. */
function stopEnds(at: i32, readable: i32, final: bool): i32 {
  if (decision !== 0) {
    const told = decision;
    decision = 0;
    return told;
  }
  let after = at + 1;
  while (after < readable && isCloser(unitAt(after))) after++;
  if (after >= readable) return final ? 1 : 0;
  const unit = unitAt(after);
  return unit <= 32 || foldOf(unit) === UNSPACED ? 1 : 2;
}

/**
 * Reads on until a sentence is to be judged or the piece ends.
 * @param limit units of the piece; where it is not the last, one more lies behind it to look ahead at
 * @param asked whether the next sentence is to be judged whatever it holds
 */
export function run(limit: i32, final: bool, asked: bool): i32 {
  goOn();
  const readable = final ? limit : limit + 1;
  let i = position;
  while (i < limit) {
    let unit = unitAt(i);
    let folded = foldOf(unit);
    if (folded >= FIRST_LETTER) {
      if (start < 0) start = base + i;
      let h = hash;
      do {
        h = (h ^ folded) * HASH_FACTOR;
        if (++i >= limit) break;
        unit = unitAt(i);
        folded = foldOf(unit);
      } while (folded >= FIRST_LETTER);
      hash = h;
      end = base + i;
      if (i >= limit) break;
    }
    let width = 1;
    let point = unit;
    if (folded === HIGH_SURROGATE) {
      const low = i + 1 < readable ? unitAt(i + 1) : 0;
      if ((low & 0xfc00) === 0xdc00) {
        point = (((unit & 0x3ff) << 10) | (low & 0x3ff)) + 0x10000;
        width = 2;
      }
      folded = foldSupplementary(point);
      if (folded >= FIRST_LETTER) {
        if (start < 0) start = base + i;
        hash = (hash ^ folded) * HASH_FACTOR;
        i += width;
        end = base + i;
        continue;
      }
    }
    if (folded === IGNORED) {
      i += width;
      continue;
    }
    if (folded === APOSTROPHE && start >= 0 && i + 1 < readable && foldOf(unitAt(i + 1)) >= FIRST_LETTER) {
      hash = (hash ^ APOSTROPHE_UNIT) * HASH_FACTOR;
      i++;
      continue;
    }
    if (start >= 0) {
      if (count === m.MAX_WORDS && complete(false, asked, NEXT_PIECE)) return answer(i, SENTENCE);
      push(hash, start, end);
      hash = HASH_SEED;
      start = -1;
    }
    if (folded === UNSPACED) {
      if (count === m.MAX_WORDS && complete(false, asked, NEXT_PIECE)) return answer(i, SENTENCE);
      push((HASH_SEED ^ point) * HASH_FACTOR, base + i, base + i + width);
    } else if (folded === STOP) {
      const ends = stopEnds(i, readable, final);
      if (ends === 0) return answer(i, UNDECIDED);
      if (ends === 1 && complete(unit === 63, asked, NEW_SENTENCE)) return answer(i + 1, SENTENCE);
    } else if (folded === BREAK) {
      if (complete(unit === 0xff1f, asked, NEW_SENTENCE)) return answer(i + 1, SENTENCE);
    }
    i += width;
  }
  position = i;
  return final ? finish(asked) : READ;
}

@inline
function answer(at: i32, what: i32): i32 {
  position = at;
  return what;
}

/** The text has ended: its last word, and its last sentence. */
function finish(asked: bool): i32 {
  if (start >= 0) {
    if (count === m.MAX_WORDS && complete(false, asked, NEXT_PIECE)) return SENTENCE;
    push(hash, start, end);
    start = -1;
  }
  return complete(false, asked, NEW_SENTENCE) ? LAST_SENTENCE : OVER;
}

/** The text is broken off: the words begun are dropped, and what is complete of the sentence is the last. */
export function stop(asked: bool): i32 {
  goOn();
  start = -1;
  return complete(false, asked, NEW_SENTENCE) ? LAST_SENTENCE : OVER;
}

/** Place in the window of the sentence to be judged, its number, and how many phrases are awake in it. */
export function sentencePlace(): i32 {
  return place;
}

export function wokenCount(): i32 {
  return foundCount;
}

/** Whether the phrase stands in the sentence to be judged; if so, its match can be read. */
export function standing(phrase: i32): bool {
  return stands(phrase, true);
}

/** Whether the phrase stands in the sentence at another place of the window. */
export function stood(phrase: i32, at: i32): bool {
  turnTo(at);
  const is = stands(phrase, false);
  turnTo(place);
  return is;
}
