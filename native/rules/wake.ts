import { find, hand, mayBegin, present, REACH, sign, turnTo, wordAt } from './match';
import * as m from './memory';

// Which phrases a sentence wakes. Half of all sentences hold a word that might; nearly all of them are done with here, so
// that each waking must be refused by as few look-ups as possible.
//
// A waking: its phrase, the address of sequences of which one must lie about the word (0 where the word will do), the first
// check, and the address of the others (0 where there is none). A check is a class that must begin within a range of words
// about the word: bit of the class, low and high end of the range, each shifted by 128; the ends of the scale are open.

const WAKING: usize = 16;

/** How many phrases were found awake in the sentence. */
export let foundCount: i32 = 0;

@inline
function passes(check: i32, word: i32, count: i32): bool {
  const bit = check >>> 16;
  if (!present(bit)) return false;
  const low = (check >>> 8) & 255;
  const high = check & 255;
  const from = low === 0 ? 0 : max(0, word + low - 128);
  const to = high === 255 ? count - 1 : min(count - 1, word + high - 128);
  for (let at = from; at <= to; at++) if (mayBegin(bit, wordAt(at))) return true;
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

function passesAll(row: usize, word: i32, count: i32): bool {
  let at = row + 4;
  for (let left = load<i32>(row); left > 0; left--) {
    if (!passes(load<i32>(at), word, count)) return false;
    at += 4;
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
      const check = load<i32>(at, 8);
      if (check !== 0 && !passes(check, word, count)) continue;
      const around = <usize>load<u32>(at, 4);
      if (around !== 0 && !lies(around, word, count)) continue;
      const others = <usize>load<u32>(at, 12);
      if (others !== 0 && !passesAll(others, word, count)) continue;
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
