import type { Element, WordClass } from './vocabulary.ts';

// What must stand about the word that wakes a phrase: for each other element, a class that must begin within a range of
// words about it. Each check alone is a cheap no; nearly every vain waking ends at the first or second.

export interface Check {
  readonly classId: number;
  /** Words after the waking word, negative before it; both ends included. */
  readonly from: number;
  readonly to: number;
}

/** Sentences are about this long: a wider range finds no more. */
const USUAL_WORDS = 16;

/**
 * @param anchor index of the element that the word belongs to
 * @param offsets where in the occurrence of that element the word can stand
 * @returns the checks, those first that fail most often
 */
export const checksOf = (
  elements: readonly Element[],
  anchor: number,
  offsets: readonly [number, number],
  classes: readonly WordClass[],
): Check[] => {
  const checks: Check[] = [];
  const own = elements[anchor]!;
  const ownClass = classes[own.classId]!;

  let from = ownClass.shortest - offsets[1];
  let to = ownClass.longest - offsets[0];
  for (const { classId, min, max, optional } of elements.slice(anchor + 1)) {
    const { shortest, longest } = classes[classId]!;
    if (optional) {
      to += max + longest;
      continue;
    }
    checks.push({ classId, from: from + min, to: to + max });
    from += min + shortest;
    to += max + longest;
  }

  from = -offsets[1] - own.max;
  to = -offsets[0] - own.min;
  for (const { classId, min, max, optional } of elements.slice(0, anchor).reverse()) {
    const { shortest, longest } = classes[classId]!;
    if (optional) {
      from -= max + longest;
      continue;
    }
    checks.push({ classId, from: from - longest, to: to - shortest });
    from -= longest + max;
    to -= shortest + min;
  }

  const chance = ({ classId, from: first, to: last }: Check): number =>
    classes[classId]!.starters * Math.min(last - first + 1, USUAL_WORDS);
  return checks.sort((a, b) => chance(a) - chance(b));
};
