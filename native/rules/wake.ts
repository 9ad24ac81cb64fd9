import { betrayed, find, hand, occurs, REACH, sign, turnTo, wordAt } from './match';
import * as m from './memory';

// Which phrases a sentence wakes. Half of all sentences hold a word that might; nearly all of them are done with here, so
// that each waking must be refused by as few look-ups as possible.
//
// A waking: its phrase, the address of sequences of which one must lie about the word (0 where the word will do), the address
// of its checks (0 where there is none), and two bits that must be set in the sentence, 16 bits each. A check is a class that
// must occur within a range of words about the word: the range (bit of the class among starters, low and high end, each shifted
// by 128; the ends of the scale are open), then the class and its number among composites or -1.

const WAKING: usize = 16;

/** How many phrases were found awake in the sentence. */
export let foundCount: i32 = 0;

const CHECK: usize = 12;

@inline
function firstOf(range: i32, word: i32): i32 {
  const low = (range >>> 8) & 255;
  return low === 0 ? 0 : max(0, word + low - 128);
}

@inline
function lastOf(range: i32, word: i32, count: i32): i32 {
  const high = range & 255;
  return high === 255 ? count - 1 : min(count - 1, word + high - 128);
}

/** Whether the class occurs within the range. */
function passes(check: usize, word: i32, count: i32): bool {
  const range = load<i32>(check);
  const bit = range >>> 16;
  const to = lastOf(range, word, count);
  for (let at = firstOf(range, word); at <= to; at++) {
    if (occurs(load<i32>(check, 4), bit, load<i32>(check, 8), at)) return true;
  }
  return false;
}

/** Whether one of the sequences lies about the word. */
function lies(row: usize, word: i32, count: i32): bool {
  let at = row + 4;
  for (let left = load<i32>(row); left > 0; left--) {
    const from = word - load<i32>(at);
    const length = load<i32>(at, 4);
    at += 8;
    if (from >= 0 && from + length <= count) {
      let k = 0;
      while (k < length && wordAt(from + k) === load<i32>(at + (<usize>k << 2))) k++;
      if (k === length) return true;
    }
    at += <usize>length << 2;
  }
  return false;
}

function passesAll(checks: usize, word: i32, count: i32): bool {
  let check = checks + 4;
  for (let left = load<i32>(checks); left > 0; left--) {
    if (!passes(check, word, count)) return false;
    check += CHECK;
  }
  return true;
}

/** Notes the phrases that the sentence's anchor words wake and that stand about them. */
export function wake(place: i32, anchorCount: i32): void {
  turnTo(place);
  sign();
  foundCount = 0;
  const number = load<i32>(hand, m.NUMBER);
  const count = load<i32>(hand, m.COUNT);
  const known = m.known + (<usize>(place * m.phraseCount) << 2);
  for (let i = 0; i < anchorCount; i++) {
    const word = load<i32>(m.anchors + (<usize>i << 2));
    const first = m.firstWaking + (<usize>wordAt(word) << 2);
    const end = m.wakings + <usize>load<u32>(first, 4) * WAKING;
    let at = m.wakings + <usize>load<u32>(first) * WAKING;
    m.countSteps(<i32>((end - at) / WAKING));
    for (; at < end; at += WAKING) {
      if (!betrayed(load<u32>(at, 12))) continue;
      const around = <usize>load<u32>(at, 4);
      if (around !== 0 && !lies(around, word, count)) continue;
      const checks = <usize>load<u32>(at, 8);
      if (checks !== 0 && !passesAll(checks, word, count)) continue;
      const phrase = load<i32>(at);
      const seen = known + (<usize>phrase << 2);
      if (load<i32>(seen) >> 1 === number) continue;
      const reach = load<i32>(<usize>load<u32>(m.phrases + (<usize>phrase << 2)), REACH);
      if (!find(phrase, max(0, word - reach), word, true)) continue;
      store<i32>(seen, (number << 1) | 1);
      store<i32>(m.found + (<usize>(foundCount++) << 2), phrase);
    }
  }
}
