import { APOSTROPHE, FIRST_LETTER, FOLD, foldSupplementary, HIGH_SURROGATE, IGNORED, UNSPACED } from './fold.ts';

// Words and their hashes. Rules, word classes and traces are cut by the same code, so that a pattern means the same words
// as the text it is held against.

/** Start value and factor of FNV-1a, 32 bits. */
export const HASH_SEED = 0x811c9dc5 | 0;
export const HASH_FACTOR = 0x01000193;

export const APOSTROPHE_UNIT = 39;

export interface Word {
  readonly hash: number;
  readonly start: number;
  readonly end: number;
}

/** Cuts a short text (a pattern, a class entry) into words. The scanner's loop does the same over traces. */
export const cutWords = (text: string): Word[] => {
  const words: Word[] = [];
  let hash = HASH_SEED;
  let start = -1;
  let end = 0;
  const flush = (): void => {
    if (start >= 0) words.push({ hash, start, end });
    hash = HASH_SEED;
    start = -1;
  };
  for (let i = 0; i < text.length; i++) {
    let folded = FOLD[text.charCodeAt(i)]!;
    let width = 1;
    const point = folded === HIGH_SURROGATE ? text.codePointAt(i)! : text.charCodeAt(i);
    if (folded === HIGH_SURROGATE) {
      folded = foldSupplementary(point);
      width = point > 0xffff ? 2 : 1;
    }
    if (folded >= FIRST_LETTER) {
      if (start < 0) start = i;
      hash = Math.imul(hash ^ folded, HASH_FACTOR);
      end = i + width;
    } else if (folded === APOSTROPHE && start >= 0 && FOLD[text.charCodeAt(i + 1)]! >= FIRST_LETTER) {
      hash = Math.imul(hash ^ APOSTROPHE_UNIT, HASH_FACTOR);
    } else if (folded === UNSPACED) {
      flush();
      words.push({ hash: hashUnspaced(point), start: i, end: i + width });
    } else if (folded !== IGNORED) {
      flush();
    }
    i += width - 1;
  }
  flush();
  return words;
};

/** Hash of a code point of an unspaced script, which stands for itself. */
export const hashUnspaced = (codePoint: number): number => Math.imul(HASH_SEED ^ codePoint, HASH_FACTOR);

const IRREGULAR: Readonly<Record<string, readonly string[]>> = {
  be: ['am', 'is', 'are', 'was', 'were', 'been', 'being'],
  begin: ['begins', 'began', 'begun', 'beginning'],
  build: ['builds', 'built', 'building'],
  choose: ['chooses', 'chose', 'chosen', 'choosing'],
  cut: ['cuts', 'cutting'],
  do: ['does', 'did', 'done', 'doing'],
  find: ['finds', 'found', 'finding'],
  get: ['gets', 'got', 'gotten', 'getting'],
  give: ['gives', 'gave', 'given', 'giving'],
  go: ['goes', 'went', 'gone', 'going'],
  have: ['has', 'had', 'having'],
  hide: ['hides', 'hid', 'hidden', 'hiding'],
  hold: ['holds', 'held', 'holding'],
  keep: ['keeps', 'kept', 'keeping'],
  know: ['knows', 'knew', 'known', 'knowing'],
  leave: ['leaves', 'left', 'leaving'],
  let: ['lets', 'letting'],
  lie: ['lies', 'lied', 'lying'],
  make: ['makes', 'made', 'making'],
  mislead: ['misleads', 'misled', 'misleading'],
  overwrite: ['overwrites', 'overwrote', 'overwritten', 'overwriting'],
  put: ['puts', 'putting'],
  read: ['reads', 'reading'],
  rewrite: ['rewrites', 'rewrote', 'rewritten', 'rewriting'],
  run: ['runs', 'ran', 'running'],
  say: ['says', 'said', 'saying'],
  see: ['sees', 'saw', 'seen', 'seeing'],
  send: ['sends', 'sent', 'sending'],
  set: ['sets', 'setting'],
  shut: ['shuts', 'shutting'],
  slip: ['slips', 'slipped', 'slipping'],
  steal: ['steals', 'stole', 'stolen', 'stealing'],
  swear: ['swears', 'swore', 'sworn', 'swearing'],
  take: ['takes', 'took', 'taken', 'taking'],
  tell: ['tells', 'told', 'telling'],
  think: ['thinks', 'thought', 'thinking'],
  throw: ['throws', 'threw', 'thrown', 'throwing'],
  understand: ['understands', 'understood', 'understanding'],
  withdraw: ['withdraws', 'withdrew', 'withdrawn', 'withdrawing'],
  withhold: ['withholds', 'withheld', 'withholding'],
  write: ['writes', 'wrote', 'written', 'writing'],
};

/** The forms that `word~` stands for: the word itself, -s, -ed, -ing with the usual spelling, or the irregular ones. */
export const inflect = (word: string): readonly string[] => {
  const irregular = IRREGULAR[word];
  if (irregular !== undefined) return [word, ...irregular];
  if (/[^aeiou]y$/.test(word)) {
    const stem = word.slice(0, -1);
    return [word, `${stem}ies`, `${stem}ied`, `${word}ing`];
  }
  if (word.endsWith('ie')) return [word, `${word}s`, `${word}d`, `${word.slice(0, -2)}ying`];
  if (word.endsWith('ee') || word.endsWith('oe')) return [word, `${word}s`, `${word}d`, `${word}ing`];
  if (word.endsWith('e')) return [word, `${word}s`, `${word}d`, `${word.slice(0, -1)}ing`];
  const plural = /(s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
  const forms = [word, plural, `${word}ed`, `${word}ing`];
  // "stop" doubles its consonant and "open" does not; spelling does not say which, and the wrong form is no word.
  if (/[^aeiou][aeiou][bcdfglmnprt]$/.test(word)) {
    const doubled = word + word.at(-1)!;
    forms.push(`${doubled}ed`, `${doubled}ing`);
  }
  return forms;
};
