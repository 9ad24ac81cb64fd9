import type { Scale } from './prompts.ts';

/** From here on a score is more than a faint sign on the rubric's own words: what lies below is not kept as a finding. */
export const NOTED = 4;

/** The probability that a score, 1 to 10 and not only whole ones, is worth. docs/judge.md shows the table. */
export const probabilityOf = (score: number, { knots }: Scale): number => {
  const next = knots.findIndex(([at]) => at >= score);
  if (next === -1) return knots.at(-1)![1];
  const [high, above] = knots[next]!;
  if (next === 0) return above;
  const [low, below] = knots[next - 1]!;
  return below + ((score - low) / (high - low)) * (above - below);
};
