import type { Evidence } from './finding.ts';
import type { Place } from './outcome.ts';
import type { Trace } from './trace.ts';

/** Longest quotation, in UTF-16 units: a longer run is shown by its beginning. */
const MAX_QUOTE = 1_000;

const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/** The place as evidence; what is too long to quote is cut between characters. */
export const evidenceAt = (trace: Trace, { segment, start, end }: Place): Evidence => {
  const { text, sourcePath, hash } = trace.segments.find((s) => s.index === segment)!;
  let last = Math.min(end, start + MAX_QUOTE);
  if (last < end && isLow(text.charCodeAt(last)) && isHigh(text.charCodeAt(last - 1))) last--;
  return { segment, start, end: last, quote: text.slice(start, last), sourcePath, hash };
};
