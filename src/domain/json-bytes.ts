import { CodedError } from './errors.ts';
import { MAX_DEPTH } from './limits.ts';

// Bytes → parsed JSON, for REST and Kafka alike. Stricter than JSON.parse on a decoded string, which replaces invalid UTF-8
// without a word (offsets of evidence would then point at text that nobody sent), and gentler than parsers that refuse
// `__proto__`: text that merely mentions it is evidence, not an attack on this parser.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Index of the quote that closes the string whose text starts at `from`; -1 where there is none. Linear in total. */
const closingQuote = (json: string, from: number): number => {
  for (let at = json.indexOf('"', from); at !== -1; at = json.indexOf('"', at + 1)) {
    let before = at - 1;
    while (before >= from && json.charCodeAt(before) === BACKSLASH) before--;
    if ((at - 1 - before) % 2 === 0) return at;
  }
  return -1;
};

/**
 * Whether brackets nest deeper than `limit`. Runs before JSON.parse, which would turn 16 MiB of `[` into about a gigabyte
 * of nested arrays that every later walk would have to survive. Of malformed text it says nothing reliable: JSON.parse
 * refuses that at its first fault.
 */
export const nestsDeeperThan = (json: string, limit: number): boolean => {
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    switch (json.charCodeAt(i)) {
      case QUOTE:
        i = closingQuote(json, i + 1);
        if (i === -1) return false;
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > limit) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        if (--depth < 0) return false;
        break;
    }
  }
  return false;
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws CodedError `invalid_encoding` */
export const decodeUtf8 = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new CodedError('invalid_encoding', 'The body is not valid UTF-8.', { cause });
  }
};

/**
 * Keys such as `__proto__` stay what JSON.parse makes of them: own properties, plain data.
 * @throws CodedError `invalid_encoding`, `too_deep`, `malformed_json`; none says what the bytes were.
 */
export const parseJsonBytes = (bytes: Uint8Array): unknown => {
  if (bytes.length === 0) throw new CodedError('malformed_json', 'The body is empty.');
  const text = decodeUtf8(bytes);
  if (nestsDeeperThan(text, MAX_DEPTH)) {
    throw new CodedError('too_deep', `The body is nested more than ${MAX_DEPTH} levels deep.`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CodedError('malformed_json', 'The body is not valid JSON.', { cause });
  }
};
