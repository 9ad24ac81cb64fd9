import { isCommonWord, readLanguage } from './languages.ts';

// Whether bytes that came out of a decoder are text that somebody wrote, or noise that happens to decode.

/** Most of a decoded text that is looked at: enough to tell, whatever its length. */
const SAMPLE = 2_000;

const isPrintable = (unit: number): boolean =>
  (unit >= 32 && unit < 127) || unit === 9 || unit === 10 || unit === 13 || (unit >= 160 && unit !== 0xfffd);

/** Nearly every unit can be shown, and there are letters among them. */
export const isPrintableText = (text: string): boolean => {
  const sample = text.slice(0, SAMPLE);
  let printable = 0;
  let letters = 0;
  for (let i = 0; i < sample.length; i++) {
    const unit = sample.charCodeAt(i);
    if (isPrintable(unit)) printable++;
    if (unit > 160 || ((unit | 32) >= 97 && (unit | 32) <= 122)) letters++;
  }
  return sample.length >= 6 && printable >= 0.97 * sample.length && letters >= 0.5 * sample.length;
};

const LATIN_WORD = /[a-z\u00c0-\u024f']+/g;

/** Words in sentences rather than data: common words of a known language, or letters of a script that is not Latin. */
export const isProse = (text: string): boolean => {
  const sample = text.slice(0, SAMPLE);
  if (!isPrintableText(sample)) return false;
  const { language, letters } = readLanguage(sample);
  if (language?.startsWith('script:')) return letters >= 6 && letters >= 0.6 * sample.replace(/\s/g, '').length;
  let total = 0;
  let common = 0;
  for (const [word] of sample.toLowerCase().matchAll(LATIN_WORD)) {
    total++;
    if (isCommonWord(word)) common++;
  }
  return total >= 4 && common >= 2 && common >= 0.15 * total && !/[{}<>]|":/.test(sample.slice(0, 200));
};
