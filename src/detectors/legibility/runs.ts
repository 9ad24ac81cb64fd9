import { isPrintableText } from './prose.ts';

// Runs of symbols that stand for bytes: base64, base32, hexadecimal, binary, decimal codes, URL encoding. One pass finds
// the runs; each is decoded only if its first bytes come out as text, so hashes, keys and images cost a glance.

export type Encoding = 'base64' | 'base32' | 'hex' | 'binary' | 'decimal' | 'percent';

export interface DecodedRun {
  readonly encoding: Encoding;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface OpaqueRun {
  readonly start: number;
  readonly end: number;
}

export interface Runs {
  readonly decoded: readonly DecodedRun[];
  readonly opaque: readonly OpaqueRun[];
  /** False where the budget ended before the text did. */
  readonly complete: boolean;
}

/** Units of encoded text that one trace may have decoded, all runs and depths together. */
export interface DecodeBudget {
  left: number;
}

const MIN_RUN = 24;
/** Symbols decoded to see whether it is worth going on. */
const GLANCE = 96;
/** Shortest line that a run may be wrapped at. */
const MIN_WRAP = 40;
const MIN_OPAQUE = 400;
const MIN_BYTES = 10;

const SYMBOL = new Uint8Array(128);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_') SYMBOL[char.charCodeAt(0)] = 1;
const isSymbol = (unit: number): boolean => unit < 128 && SYMBOL[unit] === 1;

const utf8 = new TextDecoder('utf-8');

/** Bytes as text; where half of them are NUL, as PowerShell's UTF-16 is, without those. */
const asText = (bytes: Uint8Array): string => {
  const text = utf8.decode(bytes);
  return text.length > 8 && text.charCodeAt(1) === 0 && text.charCodeAt(3) === 0 ? text.replaceAll('\u0000', '') : text;
};

const BASE32 = /^[A-Z2-7]+$/;
const HEX = /^[0-9a-fA-F]+$/;

const base32Bytes = (symbols: string): Uint8Array => {
  const out = new Uint8Array(Math.floor((symbols.length * 5) / 8));
  let bits = 0;
  let value = 0;
  let at = 0;
  for (let i = 0; i < symbols.length; i++) {
    const unit = symbols.charCodeAt(i);
    value = ((value << 5) | (unit >= 65 ? unit - 65 : unit - 24)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out[at++] = (value >>> bits) & 0xff;
  }
  return out;
};

/** Symbols, which are of one alphabet, as text where they hold any. Base64 may begin up to three symbols late. */
const decodeSymbols = (symbols: string): { encoding: Encoding; text: string; skipped: number } | undefined => {
  const attempt = (encoding: Encoding, skipped: number, decode: (part: string) => Uint8Array) => {
    const glance = asText(decode(symbols.slice(skipped, skipped + GLANCE)));
    // A character may be cut at the glance's end.
    if (!isPrintableText(glance.slice(0, Math.max(6, glance.length - 2)))) return undefined;
    const text = asText(decode(symbols.slice(skipped)));
    return isPrintableText(text) ? { encoding, text, skipped } : undefined;
  };
  if (HEX.test(symbols)) {
    const hex = attempt('hex', 0, (s) => Buffer.from(s, 'hex'));
    if (hex !== undefined) return hex;
  }
  if (BASE32.test(symbols)) {
    const base32 = attempt('base32', 0, base32Bytes);
    if (base32 !== undefined) return base32;
  }
  for (let skipped = 0; skipped < 4; skipped++) {
    const base64 = attempt('base64', skipped, (s) => Buffer.from(s, 'base64'));
    if (base64 !== undefined) return base64;
  }
  return undefined;
};

/** Lists of numbers that stand for bytes: `68 69`, `0x68,0x69`, `\x68\x69`, `01101000 01101001`, `104 105`. */
const LISTS: readonly { encoding: Encoding; pattern: RegExp; radix: number }[] = [
  { encoding: 'hex', pattern: /(?:(?:0x|\\x)[0-9a-fA-F]{2}[ ,:;]{0,2}){10,}/g, radix: 16 },
  { encoding: 'hex', pattern: /\b[0-9a-fA-F]{2}(?:[ :,-][0-9a-fA-F]{2}){9,}\b/g, radix: 16 },
  { encoding: 'binary', pattern: /\b[01]{7,8}(?:[ ,\n-]{1,2}[01]{7,8}){7,}\b/g, radix: 2 },
  { encoding: 'decimal', pattern: /\b\d{2,3}(?:(?:, ?| |-)\d{2,3}){11,}\b/g, radix: 10 },
];
const NUMBER = /(?:0x|\\x)?([0-9a-fA-F]+)/g;
const SOLID_BINARY = /\b[01]{64,}\b/g;
const PERCENT = /[^\s%]{0,40}(?:%[0-9a-fA-F]{2}[^\s%]{0,40}){8,}/g;

const numbersOf = (run: string, radix: number): string => {
  const bytes: number[] = [];
  for (const [, digits] of run.matchAll(NUMBER)) {
    const value = Number.parseInt(digits!, radix);
    if (Number.isNaN(value) || value > 255) return '';
    bytes.push(value);
  }
  return asText(Uint8Array.from(bytes));
};

const octets = (run: string): string => {
  const bytes = new Uint8Array(run.length >> 3);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(run.slice(i * 8, i * 8 + 8), 2);
  return asText(bytes);
};

/** At least this share of what a percent-encoded run stands for must be hidden: spaces in a link are ordinary. */
const MIN_HIDDEN = 0.6;

const unpercent = (run: string): string => {
  const encoded = run.match(/%[0-9a-fA-F]{2}/g)?.length ?? 0;
  if (encoded < MIN_HIDDEN * (run.length - 2 * encoded)) return '';
  try {
    return decodeURIComponent(run);
  } catch {
    // No valid UTF-8 behind it: not text.
    return '';
  }
};

/** Finds what stands for bytes, and decodes what of it is text. Linear in the text. */
export const findRuns = (text: string, budget: DecodeBudget): Runs => {
  const decoded: DecodedRun[] = [];
  const opaque: OpaqueRun[] = [];
  const affords = (length: number): boolean => {
    budget.left -= length;
    return budget.left >= 0;
  };
  const add = (encoding: Encoding, start: number, end: number, plain: string): void => {
    if (plain.length >= MIN_BYTES && isPrintableText(plain)) decoded.push({ encoding, start, end, text: plain });
  };
  for (const { encoding, pattern, radix } of LISTS) {
    for (const match of text.matchAll(pattern)) {
      if (!affords(match[0].length)) return { decoded, opaque, complete: false };
      add(encoding, match.index, match.index + match[0].trimEnd().length, numbersOf(match[0], radix));
    }
  }
  for (const match of text.matchAll(SOLID_BINARY))
    add('binary', match.index, match.index + match[0].length, octets(match[0]));
  if (text.includes('%')) {
    for (const match of text.matchAll(PERCENT)) {
      add('percent', match.index, match.index + match[0].length, unpercent(match[0]));
    }
  }
  for (let i = 0; i < text.length; i++) {
    if (!isSymbol(text.charCodeAt(i))) continue;
    const { end, symbols } = symbolRun(text, i);
    if (symbols.length >= MIN_RUN) {
      if (!affords(symbols.length)) return { decoded, opaque, complete: false };
      const result = decodeSymbols(symbols);
      if (result !== undefined) add(result.encoding, i + result.skipped, end, result.text);
      else if (symbols.length >= MIN_OPAQUE && isDense(symbols)) opaque.push({ start: i, end });
    }
    i = end;
  }
  return { decoded, opaque, complete: true };
};

/** Whether a line holds symbols and nothing else: a word that opens the next sentence is no part of the run. */
const fillsLine = (text: string, from: number): boolean => {
  let at = from;
  while (at < text.length && isSymbol(text.charCodeAt(at))) at++;
  if (at === from) return false;
  while (text.charCodeAt(at) === 61) at++;
  return at >= text.length || text.charCodeAt(at) === 10 || text.charCodeAt(at) === 13;
};

/** From a symbol on: the run's end and its symbols, line breaks taken out where lines are full. */
const symbolRun = (text: string, from: number): { end: number; symbols: string } => {
  const lines: string[] = [];
  let lineStart = from;
  let i = from;
  while (i < text.length) {
    while (i < text.length && isSymbol(text.charCodeAt(i))) i++;
    lines.push(text.slice(lineStart, i));
    if (i - lineStart < MIN_WRAP || text.charCodeAt(i) !== 10 || !fillsLine(text, i + 1)) break;
    lineStart = ++i;
  }
  while (i < text.length && text.charCodeAt(i) === 61) i++;
  return { end: i, symbols: lines.length === 1 ? lines[0]! : lines.join('') };
};

/** Many different symbols, evenly used, capitals and digits among them: random bytes rather than a name or a ruler. */
const isDense = (symbols: string): boolean => {
  const counts = new Uint32Array(128);
  for (let i = 0; i < symbols.length; i++) counts[symbols.charCodeAt(i)]!++;
  let entropy = 0;
  for (const count of counts) if (count > 0) entropy -= (count / symbols.length) * Math.log2(count / symbols.length);
  return entropy >= 5;
};
