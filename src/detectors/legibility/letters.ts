import { ENGLISH, isCommonWord } from './languages.ts';

// Sentences whose letters were exchanged: shifted (ROT13 and every other Caesar shift), mirrored (Atbash), written
// backwards, or with digits for letters. What gives them away is that the commonest words are there, only not as such.
// A word's differences between neighbouring letters do not change under a shift, so one look-up per word votes for one.

export interface LetterRun {
  readonly kind: 'shifted-letters' | 'mirrored-letters' | 'reversed' | 'digits-for-letters';
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const MIN_WORDS = 6;
const MIN_VOTES = 4;
const MIN_DISTINCT = 3;
const MIN_SHARE = 0.18;
/** Longest piece looked at at once, in words. */
const MAX_WORDS = 200;

/** Two letters are too few to tell: "no" is "on" backwards. */
const TELLING = [...ENGLISH].filter((w) => w.length >= 3);

const A = 97;
const shifted = (word: string, by: number): string =>
  [...word].map((c) => String.fromCharCode(((c.charCodeAt(0) - A + by + 26) % 26) + A)).join('');
const mirrored = (word: string): string =>
  [...word].map((c) => String.fromCharCode(A + 25 - (c.charCodeAt(0) - A))).join('');
const backwards = (word: string): string => [...word].reverse().join('');

const differences = (word: string): string => shifted(word, A - word.charCodeAt(0));

const BY_DIFFERENCE = new Map<string, string[]>();
for (const word of TELLING) {
  const key = differences(word);
  BY_DIFFERENCE.set(key, [...(BY_DIFFERENCE.get(key) ?? []), word]);
}
const notCommon = (word: string): boolean => !isCommonWord(word);
const MIRRORED = new Set(TELLING.map(mirrored).filter(notCommon));
const REVERSED = new Set(TELLING.map(backwards).filter(notCommon));

const DIGITS: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
};
const LEET_WORD = /(?<![\w@$])[a-zA-Z0134579@$]{2,20}(?![\w@$])/g;
const LETTER_WORD = /[a-z]+/g;

/** Longest word that is looked up: the commonest words are short. */
const MAX_LOOKED_UP = 8;

interface Piece {
  readonly start: number;
  readonly end: number;
}

/** Pieces between stops and line ends. */
function* piecesOf(text: string): Generator<Piece> {
  let start = 0;
  let spaces = 0;
  for (let i = 0; i <= text.length; i++) {
    const unit = i === text.length ? 10 : text.charCodeAt(i);
    if (unit === 32 && ++spaces < MAX_WORDS) continue;
    const ends =
      unit === 10 || unit === 33 || unit === 63 || (unit === 46 && text.charCodeAt(i + 1) <= 32) || unit === 32;
    if (!ends) continue;
    if (i - start >= MIN_WORDS * 2) yield { start, end: i };
    start = i + 1;
    spaces = 0;
  }
}

interface Reading {
  readonly kind: LetterRun['kind'];
  readonly text: string;
}

const enough = (votes: ReadonlyMap<string, number>, total: number): boolean => {
  let sum = 0;
  for (const count of votes.values()) sum += count;
  return sum >= MIN_VOTES && votes.size >= MIN_DISTINCT && sum >= MIN_SHARE * total;
};

const vote = (votes: Map<string, number>, word: string): void => {
  votes.set(word, (votes.get(word) ?? 0) + 1);
};

const readLetters = (piece: string): Reading | undefined => {
  const lower = piece.toLowerCase();
  let total = 0;
  let plain = 0;
  const shifts: Map<string, number>[] = [];
  const mirror = new Map<string, number>();
  const back = new Map<string, number>();
  for (const [word] of lower.matchAll(LETTER_WORD)) {
    total++;
    // Short words read both ways: "si" is "is" backwards.
    if (word.length < 3 || word.length > MAX_LOOKED_UP) continue;
    if (isCommonWord(word)) plain++;
    for (const original of BY_DIFFERENCE.get(differences(word)) ?? []) {
      const by = (original.charCodeAt(0) - word.charCodeAt(0) + 26) % 26;
      shifts[by] ??= new Map();
      vote(shifts[by], original);
    }
    if (MIRRORED.has(word)) vote(mirror, word);
    if (REVERSED.has(word)) vote(back, word);
  }
  if (total < MIN_WORDS || plain > 0.12 * total) return undefined;
  for (let by = 1; by < 26; by++) {
    if (shifts[by] !== undefined && enough(shifts[by]!, total))
      return { kind: 'shifted-letters', text: exchange(piece, (word) => shifted(word, by)) };
  }
  if (enough(mirror, total)) return { kind: 'mirrored-letters', text: exchange(piece, mirrored) };
  if (enough(back, total)) return { kind: 'reversed', text: `${backwards(piece)}\n${exchange(piece, backwards)}` };
  return undefined;
};

const exchange = (piece: string, word: (word: string) => string): string =>
  piece.toLowerCase().replace(LETTER_WORD, (w) => word(w));

const readDigits = (piece: string): Reading | undefined => {
  const votes = new Map<string, number>();
  let total = 0;
  const text = piece.replace(LEET_WORD, (word) => {
    total++;
    if (!/[a-zA-Z]/.test(word) || !/[0134579@$]/.test(word)) return word;
    const plain = word.toLowerCase().replace(/[013457@$]/g, (c) => DIGITS[c]!);
    if (ENGLISH.has(plain)) vote(votes, plain);
    return plain;
  });
  let sum = 0;
  for (const count of votes.values()) sum += count;
  const found = votes.size >= MIN_DISTINCT && sum >= 0.15 * total;
  return found ? { kind: 'digits-for-letters', text } : undefined;
};

const DIGIT = /[0-9@$]/;

/** Neighbouring sentences of one kind make one run. Linear in the text. */
export const findLetterRuns = (text: string): LetterRun[] => {
  const runs: LetterRun[] = [];
  for (const { start, end } of piecesOf(text)) {
    const piece = text.slice(start, end);
    const reading = readLetters(piece) ?? (DIGIT.test(piece) ? readDigits(piece) : undefined);
    if (reading === undefined) continue;
    const previous = runs.at(-1);
    if (previous?.kind === reading.kind && start - previous.end <= 3) {
      runs[runs.length - 1] = { ...previous, end, text: `${previous.text}\n${reading.text}` };
    } else {
      const lead = piece.length - piece.trimStart().length;
      runs.push({ kind: reading.kind, start: start + lead, end, text: reading.text });
    }
  }
  return runs;
};
