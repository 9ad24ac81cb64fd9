import type { Segment } from '../../domain/trace.ts';

// Long traces are read in windows that overlap, so that no passage is cut in two everywhere, and what a later step sees of
// a long text is its beginning and, for the most part, its end: plans hide in the tail.

/** Half-open UTF-16 offsets in the text of a segment. */
export interface Piece {
  readonly segment: number;
  readonly start: number;
  readonly end: number;
}

/** What the two marks around a piece cost, in tokens; codes are dense. */
export const MARKS = 64;

/** Bytes a token stands for, at the least that ordinary text comes to. */
const BYTES_PER_TOKEN = 3;

/** An upper estimate for ordinary text, whatever the tokeniser; dense symbols (base64, hexadecimal) can come to more. */
export const estimateTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

/** Characters that a window repeats of the one before. */
const OVERLAP = 400;

const bytesAt = (text: string, at: number): number => {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) return 1;
  return unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
};

const splitsPair = (text: string, at: number): boolean =>
  at > 0 && at < text.length && /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1));

/** The furthest end of a slice from `start` within so many tokens; at least two units on, so that reading goes on. */
const endWithin = (text: string, start: number, tokens: number): number => {
  let left = tokens * BYTES_PER_TOKEN;
  let end = start;
  while (end < text.length) {
    left -= bytesAt(text, end);
    if (left < 0) break;
    end++;
  }
  end = Math.max(end, Math.min(text.length, start + 2));
  return splitsPair(text, end) ? end - 1 : end;
};

/** The furthest beginning of a slice up to the end of the text within so many tokens. */
const startWithin = (text: string, end: number, tokens: number): number => {
  let left = tokens * BYTES_PER_TOKEN;
  let start = end;
  while (start > 0) {
    left -= bytesAt(text, start - 1);
    if (left < 0) break;
    start--;
  }
  return splitsPair(text, start) ? start + 1 : start;
};

/**
 * Every character of every segment, in order, in windows of at most `budget` tokens by estimate. A segment that does not
 * fit is cut, and the next window begins a little before the cut.
 */
export const windowsOf = (segments: readonly Segment[], budget: number): Piece[][] => {
  const windows: Piece[][] = [];
  let window: Piece[] = [];
  let left = budget;
  const turn = (): void => {
    if (window.length > 0) windows.push(window);
    window = [];
    left = budget;
  };
  for (const { index, text } of segments) {
    let start = 0;
    while (start < text.length) {
      const needed = estimateTokens(text.slice(start, start + left * BYTES_PER_TOKEN)) + MARKS;
      if (needed > left && left < budget / 2) turn();
      const end = endWithin(text, start, Math.max(1, left - MARKS));
      window.push({ segment: index, start, end });
      left -= estimateTokens(text.slice(start, end)) + MARKS;
      if (end === text.length) break;
      turn();
      const back = Math.max(start + 1, end - Math.min(OVERLAP, Math.floor((end - start) / 4)));
      start = splitsPair(text, back) ? back + 1 : back;
    }
  }
  turn();
  return windows;
};

/** At most `most` of them, in order: the last, the first, and the rest evenly between. */
export const chooseWindows = <T>(windows: readonly T[], most: number): T[] => {
  if (windows.length <= most) return [...windows];
  if (most === 1) return windows.slice(-1);
  const step = (windows.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => windows[Math.round(i * step)]!);
};

export interface Reduced {
  readonly head: readonly Piece[];
  readonly tail: readonly Piece[];
  /** Characters between the two that are not shown. */
  readonly left: number;
}

export const costOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { text }) => sum + estimateTokens(text) + MARKS, 0);

/** The whole of the segments where it fits, else a third of the budget from the beginning and the rest from the end. */
export const reduce = (segments: readonly Segment[], budget: number): Reduced => {
  const whole = segments.map(({ index, text }) => ({ segment: index, start: 0, end: text.length }));
  if (costOf(segments) <= budget) return { head: whole, tail: [], left: 0 };
  const head: Piece[] = [];
  const tail: Piece[] = [];
  const shown = new Map<number, number>();
  let left = Math.floor(budget / 3);
  for (const { index, text } of segments) {
    if (left <= MARKS) break;
    const end = endWithin(text, 0, left - MARKS);
    head.push({ segment: index, start: 0, end });
    shown.set(index, end);
    left -= estimateTokens(text.slice(0, end)) + MARKS;
    if (end < text.length) break;
  }
  left += budget - Math.floor(budget / 3);
  for (const { index, text } of segments.toReversed()) {
    if (left <= MARKS) break;
    const floor = shown.get(index) ?? 0;
    const start = Math.max(floor, startWithin(text, text.length, left - MARKS));
    if (start < text.length) tail.unshift({ segment: index, start, end: text.length });
    left -= estimateTokens(text.slice(start)) + MARKS;
    if (start > 0) break;
  }
  const total = segments.reduce((sum, { text }) => sum + text.length, 0);
  const seen = [...head, ...tail].reduce((sum, { start, end }) => sum + end - start, 0);
  return { head, tail, left: total - seen };
};

/** A budget shared out so that who needs less than an equal share leaves the rest to the others. */
export const shareOut = (needs: readonly number[], budget: number): number[] => {
  const order = needs.map((need, at) => ({ need, at })).sort((a, b) => a.need - b.need);
  const shares = needs.map(() => 0);
  let left = budget;
  order.forEach(({ need, at }, i) => {
    const share = Math.min(need, Math.floor(left / (order.length - i)));
    shares[at] = share;
    left -= share;
  });
  return shares;
};
