import { wilson } from './binomial.ts';
import type { Rate } from './estimate.ts';
import type { Sample } from './sample.ts';

export interface ReliabilityBin {
  readonly from: number;
  /** Exclusive, but for the last bin. */
  readonly to: number;
  readonly meanScore: number;
  /** Share of positives. */
  readonly observed: Rate;
}

export interface Reliability {
  /** Only bins that hold something. */
  readonly bins: readonly ReliabilityBin[];
  /** Expected calibration error: the mean distance of score and share of positives over bins, by their size. */
  readonly ece: number;
}

export const BINS = 10;

/** Scores from 0 to 1 in bins of equal width, each with the share of positives found in it. Needs at least one row. */
export const reliability = ({ scores, positives, negatives }: Sample, bins: number = BINS): Reliability => {
  const cells = Array.from({ length: bins }, () => ({ positives: 0, total: 0, scores: 0 }));
  for (const [i, score] of scores.entries()) {
    const cell = cells[Math.min(bins - 1, Math.floor(score * bins))]!;
    const members = positives[i]! + negatives[i]!;
    cell.positives += positives[i]!;
    cell.total += members;
    cell.scores += score * members;
  }
  const rows = cells.reduce((sum, { total }) => sum + total, 0);
  const filled = cells.flatMap(({ positives: count, total, scores: sum }, i) =>
    total === 0 ? [] : [{ from: i / bins, to: (i + 1) / bins, meanScore: sum / total, observed: wilson(count, total) }],
  );
  const ece = filled.reduce(
    (sum, { meanScore, observed }) => sum + (observed.total / rows) * Math.abs(meanScore - observed.value),
    0,
  );
  return { bins: filled, ece };
};
