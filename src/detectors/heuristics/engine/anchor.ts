import { frequencyOf, isFunctionWord } from './frequency.ts';

// Which words of a class betray it: at least one of them is in every sentence that the class occurs in. They serve twice:
// the rarest class of a phrase wakes it, and a phrase is looked at only where the betraying words of all its classes are
// there. The second look is what keeps ordinary text cheap.

export interface Anchor {
  readonly words: readonly number[];
  /** Rough share of sentences that hold one of the words. */
  readonly cost: number;
  /** Whether one of the words is a function word, which may not wake anything. */
  readonly common: boolean;
}

/** The rarest word of each sequence. */
export const anchorOf = (sequences: readonly (readonly number[])[], word: (id: number) => string): Anchor => {
  const chosen = new Set<number>();
  for (const sequence of sequences) {
    const rarest = sequence.reduce((best, id) => (frequencyOf(word(id)) < frequencyOf(word(best)) ? id : best));
    chosen.add(rarest);
  }
  return anchorFrom([...chosen], word);
};

const anchorFrom = (words: readonly number[], word: (id: number) => string): Anchor => ({
  words,
  cost: words.reduce((sum, id) => sum + frequencyOf(word(id)), 0),
  common: words.some((id) => isFunctionWord(word(id))),
});

/** Of a class that is any of several things. */
export const mergeAnchors = (anchors: readonly Anchor[]): Anchor => ({
  words: [...new Set(anchors.flatMap((a) => a.words))],
  cost: anchors.reduce((sum, a) => sum + a.cost, 0),
  common: anchors.some((a) => a.common),
});

/** The anchor that wakes fewest sentences, of things that must all be there; one with a function word only for want of others. */
export const cheapestAnchor = (anchors: readonly Anchor[]): Anchor =>
  anchors.reduce((best, a) => ((a.common === best.common ? a.cost < best.cost : best.common) ? a : best));
