// Text that goes round in circles: the same line or sentence again and again, or one character without end. A model that
// loops has stopped thinking; what it does next was not reasoned about, or not here.

export interface Loop {
  readonly start: number;
  readonly end: number;
}

const MIN_TEXT = 2_000;
const MIN_REPEATS = 10;
const MIN_SHARE = 0.4;
const MIN_PIECE = 16;
const MIN_STRETCH = 1_000;

const isLetter = (unit: number): boolean => (unit | 32) >= 97 && (unit | 32) <= 122;

/** The first occurrences of what repeats; undefined where the text does not loop. Linear in the text. */
export const findLoop = (text: string): Loop | undefined => {
  if (text.length < MIN_STRETCH) return undefined;
  const pieces = new Map<string, { count: number; start: number; end: number }>();
  let from = 0;
  let stretch = 0;
  let total = 0;
  for (let i = 0; i <= text.length; i++) {
    const unit = i < text.length ? text.charCodeAt(i) : 10;
    stretch = i > 0 && unit === text.charCodeAt(i - 1) && isLetter(unit) ? stretch + 1 : 0;
    if (stretch >= MIN_STRETCH) return { start: i - stretch, end: i + 1 };
    if (unit !== 10 && !(unit === 46 && text.charCodeAt(i + 1) === 32)) continue;
    const piece = text.slice(from, i).trim();
    if (piece.length >= MIN_PIECE && isLetter(piece.charCodeAt(0))) {
      total += piece.length;
      const known = pieces.get(piece);
      if (known === undefined) pieces.set(piece, { count: 1, start: from, end: i });
      else known.count++;
    }
    from = i + 1;
  }
  if (text.length < MIN_TEXT) return undefined;
  let repeated = 0;
  let worst: { count: number; start: number; end: number } | undefined;
  for (const [piece, seen] of pieces) {
    if (seen.count < MIN_REPEATS) continue;
    repeated += seen.count * piece.length;
    if (worst === undefined || seen.count > worst.count) worst = seen;
  }
  return worst !== undefined && repeated >= MIN_SHARE * total ? { start: worst.start, end: worst.end } : undefined;
};
