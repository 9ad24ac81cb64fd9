import { type Counts, type Sample, total } from './sample.ts';

// How well scores tell the classes apart. A threshold always means "this score or more", no point between two real
// thresholds is interpolated, and both classes need at least one member.

/** Chance that a positive scores above a negative; a tie counts half. */
export const auroc = ({ positives, negatives }: Counts): number => {
  let below = 0;
  let wins = 0;
  for (let i = 0; i < positives.length; i++) {
    wins += positives[i]! * (below + negatives[i]! / 2);
    below += negatives[i]!;
  }
  return wins / (total(positives) * below);
};

export interface Point {
  /** Index of the lowest score that counts; the number of scores where none does. */
  readonly from: number;
  readonly tpr: number;
  readonly fpr: number;
}

/** Every threshold there is, from the one that nothing reaches to the lowest score: the ROC curve. */
export const rocPoints = ({ positives, negatives }: Counts): Point[] => {
  const [p, n] = [total(positives), total(negatives)];
  const points: Point[] = [{ from: positives.length, tpr: 0, fpr: 0 }];
  let [hits, alarms] = [0, 0];
  for (let from = positives.length - 1; from >= 0; from--) {
    hits += positives[from]!;
    alarms += negatives[from]!;
    points.push({ from, tpr: hits / p, fpr: alarms / n });
  }
  return points;
};

/** The lowest threshold with no more false alarms than `maxFpr` allows; the one nothing reaches always qualifies. */
export const pointAtFpr = ({ positives, negatives }: Counts, maxFpr: number): Point => {
  const [p, n] = [total(positives), total(negatives)];
  // Counting, not dividing: 0.07 × 100 must allow 7 alarms whatever its last bit says.
  const allowed = Math.floor(maxFpr * n + 1e-9);
  let [hits, alarms] = [0, 0];
  let from = positives.length;
  while (from > 0 && alarms + negatives[from - 1]! <= allowed) {
    from--;
    hits += positives[from]!;
    alarms += negatives[from]!;
  }
  return { from, tpr: hits / p, fpr: alarms / n };
};

/** The square of the geometric mean of the true positive rate and the true negative rate. */
export const gMeanSquared = ({ tpr, fpr }: Pick<Point, 'tpr' | 'fpr'>): number => tpr * (1 - fpr);

/** The threshold at which g-mean² is highest; the highest such threshold where several tie. */
export const bestPoint = (counts: Counts): Point =>
  rocPoints(counts).reduce((best, point) => (gMeanSquared(point) > gMeanSquared(best) ? point : best));

/** The score a point starts at, null for the point that nothing reaches. */
export const thresholdOf = ({ scores }: Sample, { from }: Point): number | null => scores[from] ?? null;

/** Share of alarms that are right where `prevalence` of all traces are positive. Nothing alarmed: 0. */
export const precisionAt = (prevalence: number, { tpr, fpr }: Pick<Point, 'tpr' | 'fpr'>): number => {
  const right = prevalence * tpr;
  const alarms = right + (1 - prevalence) * fpr;
  return alarms === 0 ? 0 : right / alarms;
};
