// The tokenizer of BERT uncased, which the encoder was trained with. Text is hostile: a literal `[CLS]` in it is ordinary
// characters here (the reference implementation would take it for the control token), an endless word is one unknown
// token and is not kept, and reading stops once the encoder's limit is reached.

export interface Vocabulary {
  readonly ids: ReadonlyMap<string, number>;
  readonly unknown: number;
  readonly first: number;
  readonly last: number;
  /** Code units of the longest entry: no longer prefix of a word is worth looking up. */
  readonly longest: number;
}

export interface Tokens {
  /** With the first and last control tokens; at most the limit. */
  readonly ids: readonly number[];
  /** Whether the limit was reached before the end of the text. */
  readonly cut: boolean;
}

/** More code points than this, and a word is one unknown token. */
const MAX_WORD = 100;

const CONTINUES = '##';

/** @param lines one entry a line; its number from 0 is its id. `undefined` where a control token lacks or an entry is double. */
export const readVocabulary = (lines: string): Vocabulary | undefined => {
  const entries = lines.split('\n').map((line) => line.replace(/\r$/, ''));
  if (entries.at(-1) === '') entries.pop();
  const ids = new Map(entries.map((entry, id) => [entry, id]));
  const [unknown, first, last] = ['[UNK]', '[CLS]', '[SEP]'].map((entry) => ids.get(entry));
  if (unknown === undefined || first === undefined || last === undefined || ids.size !== entries.length)
    return undefined;
  return { ids, unknown, first, last, longest: entries.reduce((most, { length }) => Math.max(most, length), 0) };
};

const isIdeograph = (point: number): boolean =>
  (point >= 0x4e00 && point <= 0x9fff) ||
  (point >= 0x3400 && point <= 0x4dbf) ||
  (point >= 0xf900 && point <= 0xfaff) ||
  (point >= 0x20000 && point <= 0x2a6df) ||
  (point >= 0x2a700 && point <= 0x2b81f) ||
  // Not from U+2B820: the reference tokenizer begins here, and the encoder knows no other.
  (point >= 0x2b920 && point <= 0x2ceaf) ||
  (point >= 0x2f800 && point <= 0x2fa1f);

const SPACE = /^[\p{Z}\t\n\r]$/u;
/** Controls, format marks, private code points, lone surrogates, and the replacement character. */
const DROPPED = /^[\p{Cc}\p{Cf}\p{Co}\p{Cs}\ufffd]$/u;
const MARK = /^\p{Mn}$/u;
const PUNCTUATION = /^[!-/:-@[-`{-~\p{P}]$/u;

const WORD = 1;
const ALONE = 2;
const MARKED = 3;
const DROP = 4;
const GAP = 5;

const judge = (character: string): number => {
  if (SPACE.test(character)) return GAP;
  if (DROPPED.test(character)) return DROP;
  if (MARK.test(character)) return MARKED;
  return PUNCTUATION.test(character) || isIdeograph(character.codePointAt(0)!) ? ALONE : WORD;
};

/** What has been judged so far, by code unit; 0 is not yet. Characters of two units are judged each time. */
const judged = new Uint8Array(0x10000);

const kindOf = (character: string): number => {
  if (character.length > 1) return judge(character);
  const unit = character.charCodeAt(0);
  const known = judged[unit]!;
  if (known !== 0) return known;
  const kind = judge(character);
  judged[unit] = kind;
  return kind;
};

/** Adds the pieces of a word, longest first; a word with a part that the vocabulary lacks is unknown as a whole. */
const addPieces = (word: string, { ids, unknown, longest }: Vocabulary, into: number[]): void => {
  const before = into.length;
  let prefix = '';
  for (let start = 0; start < word.length; ) {
    let end = Math.min(word.length, start + longest);
    let id: number | undefined;
    for (; end > start; end--) {
      id = ids.get(prefix + word.slice(start, end));
      if (id !== undefined) break;
    }
    if (id === undefined) {
      into.length = before;
      into.push(unknown);
      return;
    }
    into.push(id);
    start = end;
    prefix = CONTINUES;
  }
};

/** @param limit most tokens, the two control tokens included */
export const tokenize = (text: string, vocabulary: Vocabulary, limit: number): Tokens => {
  const room = limit - 2;
  const pieces: number[] = [];
  let word = '';
  let points = 0;

  const endWord = (): void => {
    if (points > MAX_WORD) pieces.push(vocabulary.unknown);
    else if (points > 0) addPieces(word, vocabulary, pieces);
    word = '';
    points = 0;
  };

  const read = (character: string): void => {
    const kind = kindOf(character);
    if (kind === WORD) {
      // One code point at a time: lower-casing a whole word would give a Greek sigma its final form.
      if (++points <= MAX_WORD) word += character.toLowerCase();
    } else if (kind === GAP) {
      endWord();
    } else if (kind === ALONE) {
      endWord();
      addPieces(character.toLowerCase(), vocabulary, pieces);
    }
  };

  for (const character of text) {
    if (pieces.length > room) break;
    if (character < '\u0080') read(character);
    // What is dropped goes before the rest is decomposed; a decomposed character may be several, each judged by itself.
    else if (kindOf(character) !== DROP) for (const part of character.normalize('NFD')) read(part);
  }
  if (pieces.length <= room) endWord();
  const cut = pieces.length > room;
  if (cut) pieces.length = room;
  return { ids: [vocabulary.first, ...pieces, vocabulary.last], cut };
};
