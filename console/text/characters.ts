// Characters that nobody sees: they can turn the order of a line around, hide words in it, or make two words look alike.
// They are shown by name, and never put into the page themselves.

const NAMES: ReadonlyMap<number, string> = new Map([
  [0x00, 'NUL'],
  [0x07, 'BEL'],
  [0x08, 'BS'],
  [0x0b, 'VT'],
  [0x0c, 'FF'],
  [0x0d, 'CR'],
  [0x1b, 'ESC'],
  [0x7f, 'DEL'],
  [0xad, 'soft hyphen'],
  [0x061c, 'ALM'],
  [0x180e, 'vowel separator'],
  [0x200b, 'zero-width space'],
  [0x200c, 'ZWNJ'],
  [0x200d, 'ZWJ'],
  [0x200e, 'LRM'],
  [0x200f, 'RLM'],
  [0x2028, 'line separator'],
  [0x2029, 'paragraph separator'],
  [0x202a, 'LRE'],
  [0x202b, 'RLE'],
  [0x202c, 'PDF'],
  [0x202d, 'LRO'],
  [0x202e, 'RLO'],
  [0x2060, 'word joiner'],
  [0x2066, 'LRI'],
  [0x2067, 'RLI'],
  [0x2068, 'FSI'],
  [0x2069, 'PDI'],
  [0x3164, 'Hangul filler'],
  [0xfeff, 'BOM'],
]);

// Controls but tab and line feed, format characters, blanks that are not seen, tags, lone surrogates, private use.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u115f\u1160\u2028\u2029\u3164\uffa0]|[\u{e0100}-\u{e01ef}]/gu;

const SEEN = new Set(['\t', '\n']);

export interface Piece {
  readonly text: string;
  /** Set where `text` is one character that cannot be seen. */
  readonly name?: string;
}

const nameOf = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const name = NAMES.get(code);
  return name === undefined ? hex : name;
};

/** The text in pieces, which joined are the text. A carriage return before a line feed is part of the line's end. */
export const piecesOf = (text: string): readonly Piece[] => {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(UNSEEN)) {
    const [character] = match;
    if (SEEN.has(character) || (character === '\r' && text[match.index + 1] === '\n')) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ text: character, name: nameOf(character) });
    from = match.index + character.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
};
