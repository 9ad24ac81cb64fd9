import type { Ruleset } from './compile.ts';
import { CLOSERS, FOLD, UNSPACED } from './fold.ts';
import { createJudge, type Hit } from './judge.ts';
import { instantiate, LAST_SENTENCE, OVER, READ, SENTENCE, UNDECIDED } from './native.ts';
import { layOut, PIECE } from './tables.ts';

// The scan: the text goes to the WebAssembly part piece by piece, which comes back with each sentence in which something
// stands. Time is linear in the text whatever it holds.

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
  /** Engine steps taken so far: words read, wakings and places looked at. */
  steps(): number;
}

/** Pieces read before `mayGoOn` is asked. */
const CHECK_EVERY = 65_536 / PIECE;

/** Whether the stop ends a sentence. */
const stopEnds = (text: string, stop: number): boolean => {
  let after = stop + 1;
  while (after < text.length && CLOSERS.has(text.charCodeAt(after))) after++;
  const unit = after < text.length ? text.charCodeAt(after) : 32;
  return unit <= 32 || FOLD[unit] === UNSPACED;
};

/** One scanner per thread: it reuses its buffers, so scans must not overlap. */
export const createScanner = (ruleset: Ruleset): Scanner => {
  const tables = layOut(ruleset);
  const native = instantiate(tables);
  const judge = createJudge(ruleset, tables, native);
  const piece = Buffer.from(tables.memory.buffer, tables.at.text, (PIECE + 1) * 2);

  /** Writes the piece of the text that begins at an offset, and one unit more to look ahead at; how long it is. */
  const write = (text: string, offset: number): number => {
    const whole = text.length <= PIECE;
    piece.write(whole ? text : text.slice(offset, offset + PIECE + 1), 0, 'utf16le');
    native.feed(offset);
    return Math.min(PIECE, text.length - offset);
  };

  return {
    scan: (text, applies, mayGoOn) => {
      judge.begin(text, applies);
      const { position } = native;
      let offset = 0;
      let limit = write(text, 0);
      for (let pieces = 1; ; ) {
        const final = offset + limit === text.length;
        const told = native.run(limit, Number(final), Number(judge.asks()));
        if (told === SENTENCE || told === LAST_SENTENCE) judge.judge();
        if (told === OVER || told === LAST_SENTENCE) return { hits: judge.hits(), complete: true };
        if (told === UNDECIDED) native.decide(Number(stopEnds(text, offset + position.value)));
        if (told !== READ) continue;
        if (pieces++ % CHECK_EVERY === 0 && !mayGoOn()) break;
        offset += position.value;
        limit = write(text, offset);
      }
      if (native.stop(Number(judge.asks())) === LAST_SENTENCE) judge.judge();
      return { hits: judge.hits(), complete: false };
    },
    steps: () => Number(native.steps.value),
  };
};
