import { isCommonWord, type Reading, readLanguage, sameLanguage, scriptOf } from './languages.ts';

// Passages whose language leaves the conversation's, and passages that are in none.

export interface Passage {
  readonly start: number;
  readonly end: number;
}

export interface ForeignPassage extends Passage {
  readonly language: string;
}

/** Letters a line needs before its language counts. */
const MIN_LETTERS = 80;
/** Letters of a line that make its language one that the conversation uses. */
const MIN_KNOWN = 20;
/** Fewer suffice where each stands for a word or a syllable. */
const MIN_UNSPACED = 12;
/** A longer line is read in pieces. */
const MAX_LINE = 4_000;

function* linesOf(text: string): Generator<Passage> {
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const stop = newline < 0 ? text.length : newline;
    for (let at = start; at < stop; at += MAX_LINE) yield { start: at, end: Math.min(stop, at + MAX_LINE) };
    start = stop + 1;
  }
}

/** The language, where the piece is long enough to tell. */
const sureLanguage = ({ language, letters }: Reading, least: number): string | undefined => {
  if (language === undefined) return undefined;
  return letters >= (language.startsWith('script:') ? Math.min(least, MIN_UNSPACED) : least) ? language : undefined;
};

/** Languages in use in a text: a short line is enough, since a mistake here only makes for silence. */
export const languagesOf = (text: string): ReadonlySet<string> => {
  const found = new Set<string>();
  for (const { start, end } of linesOf(text)) {
    const language = sureLanguage(readLanguage(text.slice(start, end)), MIN_KNOWN);
    if (language !== undefined) found.add(language);
  }
  return found;
};

/** Lines in a language that is none of the known ones. */
export const foreignPassages = (text: string, known: readonly string[]): ForeignPassage[] => {
  const found: ForeignPassage[] = [];
  for (const { start, end } of linesOf(text)) {
    const language = sureLanguage(readLanguage(text.slice(start, end)), MIN_LETTERS);
    if (language === undefined) continue;
    if (known.some((k) => sameLanguage(k, language))) continue;
    const previous = found.at(-1);
    if (previous?.language === language && start - previous.end <= 2) found[found.length - 1] = { ...previous, end };
    else found.push({ start, end, language });
  }
  return found;
};

const WORD = /[a-z]+/g;
const CODE = /[{}()[\];=<>_\\/|$#`^*&]/g;
const MIN_WORDS = 25;
/** Words that nobody could pronounce: no vowel, or five consonants in a row. */
const UNSPEAKABLE = /^[^aeiouy]{4,}$|[bcdfghjklmnpqrstvwxz]{5}/;

/** Lines of Latin letters that hold no common word and few that can be pronounced. */
export const unreadablePassages = (text: string): Passage[] => {
  const found: Passage[] = [];
  for (const { start, end } of linesOf(text)) {
    if (end - start < MIN_WORDS * 3) continue;
    const line = text.slice(start, end);
    if ((line.match(CODE)?.length ?? 0) > 0.03 * line.length) continue;
    let words = 0;
    let common = 0;
    let unspeakable = 0;
    for (const [word] of line.toLowerCase().matchAll(WORD)) {
      words++;
      if (isCommonWord(word)) common++;
      else if (UNSPEAKABLE.test(word)) unspeakable++;
    }
    const otherScript = [...line.slice(0, 200)].some((c) => !['', 'latin'].includes(scriptOf(c.charCodeAt(0))));
    if (words >= MIN_WORDS && common <= 0.05 * words && unspeakable >= 0.3 * words && !otherScript)
      found.push({ start, end });
  }
  return found;
};
