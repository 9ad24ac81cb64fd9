import type { Ruleset } from './compile.ts';
import {
  APOSTROPHE,
  BREAK,
  FIRST_LETTER,
  FOLD,
  foldSupplementary,
  HIGH_SURROGATE,
  IGNORED,
  STOP,
  UNSPACED,
} from './fold.ts';
import { createJudge, type Hit } from './judge.ts';
import { carryOver, MAX_WORDS, OVERLAP } from './sentence.ts';
import { APOSTROPHE_UNIT, HASH_FACTOR, HASH_SEED, hashUnspaced } from './words.ts';

// The scan: one pass over the text, a hash per word, a table look-up per word; only a sentence that holds an anchor word
// is looked at again. Time is linear in the text whatever it holds.

export interface ScanResult {
  readonly hits: readonly Hit[];
  /** False where `mayGoOn` said stop before the end of the text. */
  readonly complete: boolean;
}

export interface Scanner {
  /**
   * @param text scanned whole
   * @param applies whether a rule is of interest for this text
   * @param mayGoOn asked every 64 Ki units; false ends the scan early
   */
  scan(text: string, applies: (rule: number) => boolean, mayGoOn: () => boolean): ScanResult;
}

const CHECK_EVERY = 65_536;

/** Closing marks that may stand between a stop and the white space after it. */
const CLOSERS = new Set([...`"')]}*_\`”’»」』`].map((c) => c.charCodeAt(0)));

/** The hash table of the vocabulary: open addressing over powers of two, at most a quarter full. */
const createTable = (wordIds: ReadonlyMap<number, number>): { hashes: Int32Array; ids: Int32Array; mask: number } => {
  let size = 1024;
  while (size < wordIds.size * 4) size *= 2;
  const hashes = new Int32Array(size);
  const ids = new Int32Array(size);
  const mask = size - 1;
  for (const [hash, id] of wordIds) {
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (ids[slot] !== 0) slot = (slot + 1) & mask;
    hashes[slot] = hash;
    ids[slot] = id;
  }
  return { hashes, ids, mask };
};

/** One scanner per thread: it reuses its buffers, so scans must not overlap. */
export const createScanner = (ruleset: Ruleset): Scanner => {
  const { hashes, ids, mask } = createTable(ruleset.wordIds);
  const judge = createJudge(ruleset);
  const { wakes } = judge;

  return {
    scan: (text, applies, mayGoOn) => {
      let sentence = judge.begin(text, applies);
      let anchors = 0;

      const endSentence = (question: boolean): void => {
        sentence.question = question;
        sentence = judge.judge(anchors);
        anchors = 0;
      };

      const cut = (): void => {
        const piece = sentence;
        sentence = judge.judge(anchors);
        carryOver(piece, sentence);
        anchors = 0;
        for (let word = 0; word < OVERLAP; word++) anchors += wakes[sentence.ids[word]!]!;
      };

      const push = (hash: number, start: number, end: number): void => {
        let slot = (hash ^ (hash >>> 15)) & mask;
        let id = ids[slot]!;
        while (id !== 0 && hashes[slot] !== hash) {
          slot = (slot + 1) & mask;
          id = ids[slot]!;
        }
        if (sentence.count === MAX_WORDS) cut();
        sentence.starts[sentence.count] = start;
        sentence.ends[sentence.count] = end;
        sentence.ids[sentence.count++] = id;
        anchors += wakes[id]!;
      };

      const length = text.length;
      let complete = true;
      let check = CHECK_EVERY;
      let hash = HASH_SEED;
      let start = -1;
      let end = 0;
      for (let i = 0; i < length; ) {
        let folded = FOLD[text.charCodeAt(i)]!;
        if (folded >= FIRST_LETTER) {
          if (start < 0) start = i;
          do {
            hash = Math.imul(hash ^ folded, HASH_FACTOR);
            i++;
            if (i === length) break;
            folded = FOLD[text.charCodeAt(i)]!;
          } while (folded >= FIRST_LETTER);
          end = i;
          if (i === length) break;
        }
        let width = 1;
        let point = 0;
        if (folded === HIGH_SURROGATE) {
          point = text.codePointAt(i)!;
          width = point > 0xffff ? 2 : 1;
          folded = foldSupplementary(point);
          if (folded >= FIRST_LETTER) {
            if (start < 0) start = i;
            hash = Math.imul(hash ^ folded, HASH_FACTOR);
            i += width;
            end = i;
            continue;
          }
        }
        if (folded === IGNORED) {
          i += width;
          continue;
        }
        if (folded === APOSTROPHE && start >= 0 && i + 1 < length && FOLD[text.charCodeAt(i + 1)]! >= FIRST_LETTER) {
          hash = Math.imul(hash ^ APOSTROPHE_UNIT, HASH_FACTOR);
          i++;
          continue;
        }
        if (start >= 0) {
          push(hash, start, end);
          hash = HASH_SEED;
          start = -1;
        }
        if (folded === UNSPACED) {
          push(hashUnspaced(width === 2 ? point : text.charCodeAt(i)), i, i + width);
        } else if (folded === STOP) {
          let after = i + 1;
          while (after < length && CLOSERS.has(text.charCodeAt(after))) after++;
          const unit = after < length ? text.charCodeAt(after) : 32;
          if (unit <= 32 || FOLD[unit] === UNSPACED) endSentence(text.charCodeAt(i) === 63);
        } else if (folded === BREAK) {
          endSentence(text.charCodeAt(i) === 0xff1f);
        }
        i += width;
        if (i >= check) {
          check = i + CHECK_EVERY;
          if (!mayGoOn()) {
            complete = false;
            break;
          }
        }
      }
      if (complete && start >= 0) push(hash, start, end);
      endSentence(false);
      return { hits: judge.hits(), complete };
    },
  };
};
