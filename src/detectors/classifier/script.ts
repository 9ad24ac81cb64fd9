// Which texts the encoder can read. Its vocabulary is English; of other scripts it knows single characters, so a vector
// for them says little, and a score made from it would pass for a judgement.

const LATIN = 1;
const OTHER = 2;
const NONE = 3;

const judge = (character: string): number => {
  if (!/^\p{L}$/u.test(character)) return NONE;
  return /^\p{Script=Latin}$/u.test(character) ? LATIN : OTHER;
};

/** By code unit; 0 is not yet judged. */
const judged = new Uint8Array(0x10000);

/** Letters of a text by script, counted so that texts can be added up. Linear; characters of two units count as one. */
export const countLetters = (text: string): { latin: number; other: number } => {
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const character = String.fromCodePoint(text.codePointAt(i)!);
      counts[judge(character)]!++;
      i += character.length - 1;
    } else {
      counts[(judged[unit] ||= judge(String.fromCharCode(unit)))]!++;
    }
  }
  return { latin: counts[LATIN]!, other: counts[OTHER]! };
};
