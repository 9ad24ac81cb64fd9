import { coveredBy, hand, occurs, wordAt } from './match';
import * as m from './memory';

// Where the cues that turn a thought round stand in a sentence: looked for once, since every finding of the sentence asks
// for several of them.

/** Cues that there are. */
const CUES: i32 = 9;
/** Bits, one a word. */
const MASK: usize = <usize>m.MAX_WORDS >> 3;
/** Class, bit among starters, number among composites. */
const KEY: usize = 12;

/** The sentence whose cues are known. */
let known: i32 = 0;

export function forgetCues(): void {
  known = 0;
}

function look(): void {
  const number = load<i32>(hand, m.NUMBER);
  if (known === number) return;
  known = number;
  memory.fill(m.cuePlaces, 0, MASK * CUES);
  const count = load<i32>(hand, m.COUNT);
  m.countSteps(count);
  for (let word = 0; word < count; word++) {
    let left = <i32>load<u16>(m.cueWords + (<usize>wordAt(word) << 1));
    for (; left !== 0; left &= left - 1) {
      const cue = ctz(left);
      const key = m.cueKeys + <usize>cue * KEY;
      if (!occurs(load<i32>(key), load<i32>(key, 4), load<i32>(key, 8), word)) continue;
      const at = m.cuePlaces + <usize>cue * MASK + (<usize>(word >>> 5) << 2);
      store<i32>(at, load<i32>(at) | (1 << (word & 31)));
    }
  }
}

@inline
function standsAt(cue: i32, word: i32): bool {
  return ((load<i32>(m.cuePlaces + <usize>cue * MASK + (<usize>(word >>> 5) << 2)) >>> (word & 31)) & 1) !== 0;
}

/** First word in from…to at which the cue stands and no element of the phrase's match, or -1. No phrase: -1. */
export function firstCue(cue: i32, from: i32, to: i32, phrase: i32): i32 {
  look();
  const end = min(to, load<i32>(hand, m.COUNT));
  for (let word = max(0, from); word < end; word++) {
    if (standsAt(cue, word) && (phrase < 0 || !coveredBy(phrase, word))) return word;
  }
  return -1;
}

/** Last word in from…to at which the cue stands, or -1. */
export function lastCue(cue: i32, from: i32, to: i32): i32 {
  look();
  const start = max(0, from);
  for (let word = to - 1; word >= start; word--) if (standsAt(cue, word)) return word;
  return -1;
}
