// Which word of a pattern wakes it. A pattern is looked at only in sentences that hold one of its anchor words, so the
// choice decides the speed on ordinary text: the rarer the better.

/** Words too common to wake anything: function words and what reasoning traces are full of. */
const COMMON = new Set(
  `a about after again all also am an and any are as at be because been before being both but by can can't cannot could
  did didn't do does doesn't doing don't done down each even every few first for from get give go going good had has have
  having he he's her here him his how i i'd i'll i'm i've if in into is isn't it it'd it's its itself just let let's like
  many may me more most much must my need new next not now of off ok okay on only or other our out over own part put
  really right s same say she should shouldn't since so some still such sure t take than that that's the their them then
  there there's these they they're thing things this those through time to too two under until up us use used using user
  very want was wasn't way we we'll we're well were what what's when where which while who why will with without won't
  work would wouldn't yes yet you you're your`
    .split(/\s+/)
    .filter((w) => w !== ''),
);

/** Words that are no function words, yet stand in every other sentence of some traces. */
const FREQUENT = new Set(
  `add answer anything ask asked back based call case change check code correct data different email error file find
  first function information know look made make maybe might no one people rather see think input instead issue keep last list log long message model number order output point problem
  provide question read report request response result return run running set show side something start step string
  system task tell test tests text true type value version wait word write`
    .split(/\s+/)
    .filter((w) => w !== ''),
);

/** Rough share of sentences that hold the word; only the order matters. */
const frequency = (word: string): number => {
  if (COMMON.has(word)) return 1;
  if (FREQUENT.has(word)) return 0.05;
  if (word.length === 1) return 0.02;
  return word.length <= 3 ? 0.02 : word.length <= 5 ? 0.005 : 0.002;
};

export interface Anchor {
  /** One word of each sequence: at least one of them is in every sentence that the sequences match. */
  readonly words: readonly number[];
  readonly cost: number;
}

/** The rarest word of each sequence, or undefined where one of them has only common words. */
export const anchorOf = (
  sequences: readonly (readonly number[])[],
  word: (id: number) => string,
): Anchor | undefined => {
  const chosen = new Set<number>();
  let cost = 0;
  for (const sequence of sequences) {
    let best = -1;
    let bestFrequency = 1;
    for (const id of sequence) {
      const f = frequency(word(id));
      if (f < bestFrequency) {
        best = id;
        bestFrequency = f;
      }
    }
    if (best < 0) return undefined;
    if (!chosen.has(best)) cost += bestFrequency;
    chosen.add(best);
  }
  return { words: [...chosen], cost };
};
