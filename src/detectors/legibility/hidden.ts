import { scriptOf } from './languages.ts';
import { isPrintableText } from './prose.ts';

// Text in characters that nobody sees: tag characters, variation selectors, and zero-width characters used as bits.

export interface HiddenRun {
  readonly kind: 'invisible-payload' | 'tag-characters' | 'variation-selectors';
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface SplitWords {
  readonly start: number;
  readonly end: number;
}

const ZERO_WIDTH = new Set([0x200b, 0x200c, 0x200d, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0x180e, 0xfeff]);
const MIN_BITS = 32;
const MIN_TAGS = 6;
const MIN_SELECTORS = 6;
/** Words with an invisible character inside, from which on it is no accident of copying. */
const MIN_SPLIT = 3;

const utf8 = new TextDecoder('utf-8');

const isAsciiLetter = (unit: number): boolean => (unit | 32) >= 97 && (unit | 32) <= 122;

/** Bits as text: either symbol may be the one, and letters may take seven bits or eight. */
const bitsAsText = (units: readonly number[]): string | undefined => {
  const kinds = [...new Set(units)];
  if (kinds.length < 2 || kinds.length > 3) return undefined;
  // A third kind is the mark between letters.
  const counts = new Map(kinds.map((k) => [k, units.filter((u) => u === k).length]));
  const [a, b] = [...kinds].sort((x, y) => counts.get(y)! - counts.get(x)!);
  const bits = units.filter((u) => u === a || u === b);
  for (const one of [a, b]) {
    for (const width of [8, 7]) {
      const bytes = new Uint8Array(Math.floor(bits.length / width));
      for (let i = 0; i < bytes.length; i++) {
        let byte = 0;
        for (let k = 0; k < width; k++) byte = (byte << 1) | (bits[i * width + k] === one ? 1 : 0);
        bytes[i] = byte;
      }
      const text = utf8.decode(bytes);
      if (text.length >= 4 && isPrintableText(text.padEnd(6, 'a'))) return text;
    }
  }
  return undefined;
};

const selectorByte = (point: number): number | undefined => {
  if (point >= 0xfe00 && point <= 0xfe0f) return point - 0xfe00;
  return point >= 0xe0100 && point <= 0xe01ef ? point - 0xe0100 + 16 : undefined;
};

const isTag = (point: number): boolean => point >= 0xe0020 && point <= 0xe007e;

/** The black flag: tags after it spell the name of a region, which is what they are for. */
const FLAG = 0x1f3f4;

export const findHidden = (text: string): { runs: HiddenRun[]; split: SplitWords[] } => {
  const runs: HiddenRun[] = [];
  const split: SplitWords[] = [];
  // Zero-width characters count as one message per text: they may be strewn over it.
  const units: number[] = [];
  let first = -1;
  let last = 0;
  let before = 0;
  for (let i = 0; i < text.length; ) {
    const point = text.codePointAt(i)!;
    const width = point > 0xffff ? 2 : 1;
    if (isTag(point)) {
      const { end, plain } = collect(text, i, (p) => (isTag(p) ? p - 0xe0000 : undefined));
      if (before !== FLAG && plain.length >= MIN_TAGS) {
        runs.push({ kind: 'tag-characters', start: i, end, text: String.fromCharCode(...plain.slice(0, 60_000)) });
      }
      i = end;
      continue;
    }
    if (selectorByte(point) !== undefined) {
      const { end, plain } = collect(text, i, selectorByte);
      if (plain.length >= MIN_SELECTORS) {
        const decoded = utf8.decode(Uint8Array.from(plain));
        runs.push({ kind: 'variation-selectors', start: i, end, text: decoded });
      }
      i = end;
      continue;
    }
    if (ZERO_WIDTH.has(point)) {
      const next = text.charCodeAt(i + 1);
      if (isAsciiLetter(before) && isAsciiLetter(next)) split.push(wordAround(text, i));
      // Joiners are part of writing in many scripts and of emoji.
      if (scriptOf(before) === 'latin' || before < 128 || ZERO_WIDTH.has(before)) {
        if (first < 0) first = i;
        last = i + 1;
        units.push(point);
      }
    }
    before = point;
    i += width;
  }
  if (units.length >= MIN_BITS) {
    const payload = bitsAsText(units);
    if (payload !== undefined) runs.push({ kind: 'invisible-payload', start: first, end: last, text: payload });
  }
  return { runs, split: split.length >= MIN_SPLIT ? split : [] };
};

const collect = (
  text: string,
  from: number,
  value: (point: number) => number | undefined,
): { end: number; plain: number[] } => {
  const plain: number[] = [];
  let end = from;
  while (end < text.length) {
    const point = text.codePointAt(end)!;
    const byte = value(point);
    if (byte === undefined) break;
    plain.push(byte);
    end += point > 0xffff ? 2 : 1;
  }
  return { end, plain };
};

const MAX_WORD = 40;

const wordAround = (text: string, at: number): SplitWords => {
  const inWord = (i: number): boolean => isAsciiLetter(text.charCodeAt(i)) || ZERO_WIDTH.has(text.charCodeAt(i));
  let start = at;
  let end = at;
  while (start > 0 && at - start < MAX_WORD && inWord(start - 1)) start--;
  while (end < text.length && end - at < MAX_WORD && inWord(end)) end++;
  return { start, end };
};
