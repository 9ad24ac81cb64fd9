import { QUOTE_REACH } from '../engine/context.ts';
import { BREAK, CLOSERS, FOLD, STOP, UNSPACED } from '../engine/fold.ts';
import type { Hit } from '../engine/judge.ts';
import type { Scanner } from '../engine/scan.ts';

// Rules over a text that is still being written. Each sentence is scanned when it is complete, together with the few
// before it that a rule may reach back to, and once more with the next one, which may take back what it said; one with a
// straight quotation mark in it until the mark that may close it could have come. A sentence without an end is looked at
// whenever it has doubled. So each character is looked at a bounded number of times, and what is kept is the sentence in
// hand and the few before it.

/** Sentence ends kept before the sentence that is scanned: clauses reach over at most five sentences. */
const CONTEXT = 5;

/** Length at which an unfinished sentence is first looked at, in UTF-16 units. */
const FIRST_LOOK = 1_000;

/** Most hits kept of one text: a bound, far beyond what a verdict shows. */
const MAX_HITS = 256;

/** Marks before the first word of a sentence that may stand on the far side of the end before it, in UTF-16 units. */
const MARKS = 3;

/** Longest quotation, in UTF-16 units. */
const MAX_QUOTE = 400;

/** A hit, with its offsets in the whole text and the beginning of its sentence. */
export interface LiveHit extends Hit {
  readonly quote: string;
}

export interface LiveScan {
  /** Takes the next piece of the text, cut anywhere. True where the hits may have changed. */
  feed(text: string): boolean;
  /** The text has ended: looks at what is left. */
  finish(): void;
  /** What was found so far, in the order of the text. */
  hits(): readonly LiveHit[];
}

/**
 * At the end, the hits are those of one scan of the whole text.
 * @param scanner used by one text at a time, and never during `feed` of another
 */
export const createLiveScan = (scanner: Pick<Scanner, 'scan'>, applies: (rule: number) => boolean): LiveScan => {
  /** Text from `base` on; the pieces behind it have been searched for ends and not scanned. */
  let kept = '';
  let pieces: string[] = [];
  let base = 0;
  let length = 0;
  /** Ends of sentences that lie in what is kept, oldest first. */
  let ends: number[] = [];
  /** How many of them lie in text that was scanned. */
  let scannedEnds = 0;
  /** How many of the scanned sentences nothing that follows can change. */
  let settled = 0;
  /** Where a stop stands that ends a sentence if white space follows. */
  let stop = -1;
  let nextLook = FIRST_LOOK;
  let found: LiveHit[] = [];

  const search = (text: string): void => {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (stop >= 0) {
        if (CLOSERS.has(unit)) continue;
        if (unit <= 32 || FOLD[unit] === UNSPACED) ends.push(stop + 1);
        stop = -1;
      }
      const kind = FOLD[unit];
      if (kind === STOP) stop = length + i;
      else if (kind === BREAK) ends.push(length + i + 1);
    }
    length += text.length;
  };

  const scanTo = (end: number): void => {
    kept += pieces.join('');
    pieces = [];
    const lastOld = ends[settled - 1] ?? base;
    const { hits } = scanner.scan(kept.slice(0, end - base), applies, () => true);
    found = found.filter((hit) => hit.start < lastOld);
    for (const hit of hits) {
      if (hit.start + base < lastOld || found.length >= MAX_HITS) continue;
      found.push({
        rule: hit.rule,
        stance: hit.stance,
        start: hit.start + base,
        end: hit.end + base,
        matchStart: hit.matchStart + base,
        matchEnd: hit.matchEnd + base,
        quote: kept.slice(hit.start, Math.min(hit.end, hit.start + MAX_QUOTE)),
      });
    }
  };

  /** Whether the text of a sentence, with the marks before its first word, leaves a quotation open for all we know. */
  const mayBeQuoted = (sentence: number): boolean => {
    const from = Math.max(base, (ends[sentence - 1] ?? base) - MARKS);
    return (
      ends.at(-1)! - ends[sentence]! < QUOTE_REACH && kept.slice(from - base, ends[sentence]! - base).includes('"')
    );
  };

  const forgetOld = (): void => {
    scannedEnds = ends.length;
    while (settled < scannedEnds - 1 && !mayBeQuoted(settled)) settled++;
    const drop = settled - 1 - CONTEXT;
    if (drop < 0) return;
    const from = ends[drop]!;
    ends = ends.slice(drop + 1);
    scannedEnds -= drop + 1;
    settled -= drop + 1;
    kept = kept.slice(from - base);
    base = from;
  };

  return {
    feed: (text) => {
      pieces.push(text);
      search(text);
      const pending = length - (ends[scannedEnds - 1] ?? base);
      if (ends.length > scannedEnds) {
        scanTo(ends.at(-1)!);
        forgetOld();
        nextLook = FIRST_LOOK;
        return true;
      }
      if (pending < nextLook) return false;
      scanTo(length);
      nextLook = pending * 2;
      return true;
    },
    finish: () => scanTo(length),
    hits: () => found,
  };
};
