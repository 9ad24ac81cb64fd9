// Folding: what a character counts as. One table look-up per UTF-16 code unit gives the folded letter, or what else the
// unit is to the tokeniser. Case, accents, full-width forms, look-alike letters and invisible characters are evened out
// here, so that h​ide, HIDE, ｈｉｄｅ and hіde (Cyrillic і) are one word, while offsets stay those of the text as received.

/** Units that end a word. */
export const SEPARATOR = 0;
/** Invisible or combining: passed over inside a word (zero-width characters are a known way round word lists). */
export const IGNORED = 1;
/** Ends a sentence where white space, a closing mark or the end of the text follows. */
export const STOP = 2;
/** Ends a sentence wherever it stands: newline and the full-width stops. */
export const BREAK = 3;
/** A script written without spaces: each unit is a word of its own. */
export const UNSPACED = 4;
/** First half of a surrogate pair: folded by code point. */
export const HIGH_SURROGATE = 5;
/** Straight or curly apostrophe: part of a word when letters surround it. */
export const APOSTROPHE = 6;
/** Folded letters and digits start here. */
export const FIRST_LETTER = 32;

/** Closing marks that may stand between a stop and the white space after it, as native/rules/units.ts knows them. */
export const CLOSERS: ReadonlySet<number> = new Set([...`"')]}*_\`”’»」』`].map((c) => c.charCodeAt(0)));

/** Letters of other scripts that pass for Latin ones. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  а: 'a',
  в: 'b',
  с: 'c',
  ԁ: 'd',
  е: 'e',
  ё: 'e',
  һ: 'h',
  і: 'i',
  ї: 'i',
  ј: 'j',
  к: 'k',
  ӏ: 'l',
  м: 'm',
  о: 'o',
  р: 'p',
  ԛ: 'q',
  ѕ: 's',
  т: 't',
  у: 'y',
  х: 'x',
  ԝ: 'w',
  α: 'a',
  ε: 'e',
  ι: 'i',
  κ: 'k',
  ν: 'v',
  ο: 'o',
  ρ: 'p',
  τ: 't',
  υ: 'u',
  χ: 'x',
  ß: 's',
  ı: 'i',
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ɡ: 'g',
  ɑ: 'a',
  ᴀ: 'a',
  ʜ: 'h',
  ɪ: 'i',
  ᴏ: 'o',
};

const UNSPACED_SCRIPT = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]$/u;
const INVISIBLE = /^(?:\p{M}|\p{Cf}|\u115f|\u1160|\u3164|\uffa0)$/u;
const LETTER = /^[\p{L}\p{N}_]$/u;

/** The folded form of one code point, or '' where it is no letter. */
const foldCodePoint = (char: string): string => {
  const bare = char
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  const first = String.fromCodePoint(bare.codePointAt(0) ?? 0);
  if (!LETTER.test(first)) return '';
  return LOOKALIKES[first] ?? first;
};

const classify = (unit: number): number => {
  if (unit >= 0xd800 && unit <= 0xdbff) return HIGH_SURROGATE;
  if (unit >= 0xdc00 && unit <= 0xdfff) return SEPARATOR;
  const char = String.fromCharCode(unit);
  if (char === '.' || char === '!' || char === '?') return STOP;
  if (char === '\n' || char === '\r' || char === '\u2028' || char === '\u2029' || '。！？｡'.includes(char))
    return BREAK;
  if (char === "'" || char === '\u2019' || char === '\u02bc' || char === '\uff07') return APOSTROPHE;
  if (UNSPACED_SCRIPT.test(char)) return UNSPACED;
  if (INVISIBLE.test(char)) return IGNORED;
  const folded = foldCodePoint(char);
  return folded === '' ? SEPARATOR : folded.charCodeAt(0);
};

/** Code unit → folded letter (≥ FIRST_LETTER) or one of the kinds above. */
export const FOLD: Uint16Array = Uint16Array.from({ length: 65_536 }, (_, unit) => classify(unit));

/** Folds a supplementary code point (mathematical and enclosed letters): a folded letter, IGNORED or SEPARATOR. */
export const foldSupplementary = (codePoint: number): number => {
  const char = String.fromCodePoint(codePoint);
  if (INVISIBLE.test(char)) return IGNORED;
  if (UNSPACED_SCRIPT.test(char)) return UNSPACED;
  const folded = foldCodePoint(char);
  return folded === '' ? SEPARATOR : folded.charCodeAt(0);
};
