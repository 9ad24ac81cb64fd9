import type { Counts } from './sample.ts';

/** Neighbouring scores that share one share of positives. */
interface Block {
  positives: number;
  total: number;
  scores: number;
}

const share = ({ positives, total }: Block): number => positives / total;

/**
 * The share of positives at each score, forced to rise with the score by pooling neighbours that fall: what the scores
 * would have to read to be calibrated on these rows. Scores without members take the share of those before them.
 * @returns one share for each score of the sample, never falling
 */
export const isotonic = ({ positives, negatives }: Counts): number[] => {
  const blocks: Block[] = [];
  for (let i = 0; i < positives.length; i++) {
    const block = { positives: positives[i]!, total: positives[i]! + negatives[i]!, scores: 1 };
    const last = blocks.at(-1);
    if (block.total === 0 && last !== undefined) {
      last.scores++;
      continue;
    }
    for (let before = blocks.at(-1); before !== undefined; before = blocks.at(-1)) {
      if (before.total > 0 && share(before) < share(block)) break;
      block.positives += before.positives;
      block.total += before.total;
      block.scores += before.scores;
      blocks.pop();
    }
    blocks.push(block);
  }
  return blocks.flatMap((block) => Array<number>(block.scores).fill(block.total === 0 ? 0 : share(block)));
};
