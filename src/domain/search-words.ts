// The words that flags are found by. Writer and reader must cut text alike, or nothing would be found again.

/** Longest text that is cut into words, in UTF-16 code units. */
const MAX_TEXT = 8_192;
const MAX_WORD = 64;
const MAX_WORDS = 256;

/** Scripts that are written without blanks: each character is a word. */
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}\p{M}_]+/gu;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu;

/** Distinct words in their first order, folded: case and compatibility forms do not matter. At most 256. */
export const searchWords = (text: string): readonly string[] => {
  const folded = text.slice(0, MAX_TEXT).toWellFormed().normalize('NFKC').toLowerCase();
  const words = new Set<string>();
  for (const [word] of folded.replace(UNSPACED, ' $& ').matchAll(WORD)) {
    if (words.size === MAX_WORDS) break;
    words.add([...word].slice(0, MAX_WORD).join(''));
  }
  return [...words];
};

export interface SearchTerm {
  readonly word: string;
  /** Written with `*` at its end: any word that begins so. */
  readonly prefix: boolean;
}

/** What a query asks for; all of it must be there. Empty where it holds no letter or digit. */
export const searchTerms = (query: string): readonly SearchTerm[] =>
  query.split(/\s+/).flatMap((part) => {
    const words = searchWords(part);
    return words.map((word, i) => ({ word, prefix: i === words.length - 1 && part.endsWith('*') }));
  });
