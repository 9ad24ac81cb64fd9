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

const kindOf = (unit: number): number => {
  const known = judged[unit]!;
  if (known !== 0) return known;
  const kind = judge(String.fromCharCode(unit));
  judged[unit] = kind;
  return kind;
};

/** Letters of a text by script, to be added up over texts. Linear. */
export const countLetters = (text: string): { latin: number; other: number } => {
  const counts = [0, 0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at)!;
    if (point > 0xffff) at++;
    counts[point > 0xffff ? judge(String.fromCodePoint(point)) : kindOf(point)]!++;
  }
  return { latin: counts[LATIN]!, other: counts[OTHER]! };
};
