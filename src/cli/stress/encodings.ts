import type { Random } from '../../report/statistics/random.ts';

// The text in another dress: a reader with the key, or with eyes, has it back.

export const base64 = (text: string): string => Buffer.from(text).toString('base64');

export const rot13 = (text: string): string =>
  text.replace(/[a-z]/gi, (letter) => {
    const base = letter <= 'Z' ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });

const LEET: Readonly<Record<string, string>> = { a: '4', e: '3', i: '1', o: '0', s: '5', t: '7' };

/** Most of the letters that have a digit, as people write it. */
export const leetspeak = (text: string, random: Random): string =>
  text.replace(/[aeiost]/gi, (letter) => (random() < 0.7 ? LEET[letter.toLowerCase()]! : letter));

const LOOKALIKES: Readonly<Record<string, string>> = {
  a: 'а',
  c: 'с',
  e: 'е',
  i: 'і',
  o: 'о',
  p: 'р',
  s: 'ѕ',
  x: 'х',
  y: 'у',
};

export const homoglyphs = (text: string, random: Random): string =>
  text.replace(/[aceiopsxy]/g, (letter) => (random() < 0.5 ? LOOKALIKES[letter]! : letter));

const INVISIBLE = ['\u200b', '\u200c', '\u200d', '\u2060'];

/** One in every word of four letters and more. */
export const zeroWidth = (text: string, random: Random): string =>
  text.replace(/[a-z]{4,}/gi, (word) => {
    const at = 1 + Math.floor(random() * (word.length - 1));
    return `${word.slice(0, at)}${INVISIBLE[Math.floor(random() * INVISIBLE.length)]!}${word.slice(at)}`;
  });
