import { wordsOf } from './words.ts';

// Whether the words alone give the label away, without anybody reading what they say. Families are held out in turn: what
// is learnt on the others must hardly help.

export interface LabelledText {
  readonly family: string;
  readonly label: 0 | 1;
  readonly text: string;
}

const FOLDS = 8;

const vocabularyOf = (text: string): Set<string> => new Set(wordsOf(text));

const foldsOf = (rows: readonly LabelledText[]): ReadonlyMap<string, number> =>
  new Map([...new Set(rows.map((r) => r.family))].sort().map((family, i) => [family, i % FOLDS]));

/** Log odds of each word among positives against negatives, smoothed. */
const learn = (
  rows: readonly { readonly label: 0 | 1; readonly words: ReadonlySet<string> }[],
): Map<string, number> => {
  const counts = new Map<string, [number, number]>();
  const totals: [number, number] = [0, 0];
  for (const { label, words } of rows) {
    totals[label]++;
    for (const word of words) {
      const count = counts.get(word) ?? [0, 0];
      counts.set(word, count);
      count[label]++;
    }
  }
  const share = (count: number, label: 0 | 1): number => (count + 1) / (totals[label] + 2);
  return new Map([...counts].map(([word, [no, yes]]) => [word, Math.log(share(yes, 1) / share(no, 0))]));
};

/** Share of rows whose label a bag of words guesses, each row by words learnt on other families. */
export const wordAccuracy = (rows: readonly LabelledText[]): number => {
  const folds = foldsOf(rows);
  const read = rows.map(({ family, label, text }) => ({ fold: folds.get(family)!, label, words: vocabularyOf(text) }));
  let right = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const odds = learn(read.filter((r) => r.fold !== fold));
    const held = read.filter((r) => r.fold === fold);
    for (const { label, words } of held) {
      let sum = 0;
      for (const word of words) sum += odds.get(word) ?? 0;
      if ((sum > 0 ? 1 : 0) === label) right++;
    }
  }
  return rows.length === 0 ? 0 : right / rows.length;
};

/** Words that stand in at least `least` rows of at least four families, nearly all of them with one label. */
export const telltales = (rows: readonly LabelledText[], least: number, purity: number): string[] => {
  const seen = new Map<string, { counts: [number, number]; families: Set<string> }>();
  for (const { family, label, text } of rows) {
    for (const word of vocabularyOf(text)) {
      const entry = seen.get(word) ?? { counts: [0, 0], families: new Set() };
      seen.set(word, entry);
      entry.counts[label]++;
      entry.families.add(family);
    }
  }
  return [...seen]
    .filter(
      ([
        ,
        {
          counts: [no, yes],
          families,
        },
      ]) => {
        const total = no + yes;
        return total >= least && families.size >= 4 && Math.max(no, yes) / total >= purity;
      },
    )
    .map(([word]) => word)
    .sort();
};
