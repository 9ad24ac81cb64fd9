// Cuts a text where evidence begins and ends. Offsets are UTF-16 code units, as in the API and in strings here, so that
// nothing is ever counted anew.

export interface Mark {
  readonly start: number;
  readonly end: number;
  /** What it belongs to, in the order of the list of findings. */
  readonly finding: number;
}

export interface Run {
  readonly start: number;
  readonly end: number;
  /** Findings that rest on it, in order; none where it is plain text. */
  readonly findings: readonly number[];
}

/** Runs in order, without gaps, from `from` to `to`. Marks that lie outside are cut or left out. */
export const runsOf = (marks: readonly Mark[], from: number, to: number): readonly Run[] => {
  const cuts = new Set([from, to]);
  for (const { start, end } of marks) for (const at of [start, end]) if (at > from && at < to) cuts.add(at);
  const places = [...cuts].sort((a, b) => a - b);
  return places.slice(0, -1).map((start, i) => {
    const end = places[i + 1] ?? to;
    const over = marks.filter((mark) => mark.start <= start && mark.end >= end && mark.end > mark.start);
    return { start, end, findings: [...new Set(over.map(({ finding }) => finding))].sort((a, b) => a - b) };
  });
};

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The same place, or the one before where it lies between the halves of a character. */
export const wholeAt = (text: string, at: number): number =>
  at > 0 && at < text.length && /[\udc00-\udfff]/.test(text[at] ?? '') && /[\ud800-\udbff]/.test(text[at - 1] ?? '')
    ? at - 1
    : at;

/**
 * What of a long text is shown at first: its beginning, its end, and the surroundings of all evidence. Plans hide in the
 * tail, so the end is never folded away.
 * @param around code units shown on either side
 */
export const shownAtFirst = (text: string, marks: readonly Mark[], around: number): readonly Span[] => {
  const wanted = [
    { start: 0, end: around * 2 },
    ...marks.map(({ start, end }) => ({ start: start - around, end: end + around })),
    { start: text.length - around * 2, end: text.length },
  ]
    .map(({ start, end }) => ({
      start: wholeAt(text, Math.max(0, start)),
      end: wholeAt(text, Math.min(text.length, end)),
    }))
    .sort((a, b) => a.start - b.start);
  const shown: Span[] = [];
  for (const span of wanted) {
    const last = shown.at(-1);
    if (last !== undefined && span.start <= last.end + around) {
      shown[shown.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
    } else {
      shown.push(span);
    }
  }
  return shown;
};
