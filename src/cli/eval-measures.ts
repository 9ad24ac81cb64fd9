import { clopperPearson } from '../report/statistics/binomial.ts';
import { bootstrap } from '../report/statistics/bootstrap.ts';
import {
  auroc,
  bestPoint,
  gMeanSquared,
  pointAtFpr,
  precisionAt,
  thresholdOf,
} from '../report/statistics/discrimination.ts';
import type { Estimate, Rate } from '../report/statistics/estimate.ts';
import type { Random } from '../report/statistics/random.ts';
import { type Counts, createSample, type Sample } from '../report/statistics/sample.ts';
import { isFlagged, type ScoredRow } from './eval-rows.ts';

// The figures of one score: how it separates, and what it catches at a bearable number of false alarms.

const FPRS = [0.05, 0.01, 0.001] as const;
/** Of all traffic: what a published system card saw, and two busier worlds. */
const PREVALENCES = [0.0017, 0.01, 0.05] as const;

export interface PrecisionAt extends Estimate {
  readonly prevalence: number;
}

export interface OperatingPoint {
  readonly maxFpr: number;
  /** Negatives that may be alarmed at this rate. 0: there are too few to speak of it. */
  readonly allowed: number;
  /** Null where no threshold catches anything. */
  readonly threshold: number | null;
  readonly fpr: number;
  readonly tpr: Estimate;
  readonly gMeanSquared: Estimate;
  /** At `maxFpr`, even where fewer alarms were seen: none seen is not none. */
  readonly precision: readonly PrecisionAt[];
}

export interface Measures {
  readonly positives: number;
  readonly negatives: number;
  readonly points: readonly OperatingPoint[];
  /** The threshold that these very rows like best. */
  readonly best: { readonly threshold: number | null; readonly gMeanSquared: Estimate };
}

/** Null where a class is empty. */
export const aurocOf = (positives: readonly number[], negatives: readonly number[], random: Random): Estimate | null =>
  positives.length === 0 || negatives.length === 0
    ? null
    : bootstrap(createSample(positives, negatives), (counts) => [auroc(counts)], random)[0]!;

const valuesOf = (counts: Counts): number[] => [
  gMeanSquared(bestPoint(counts)),
  ...FPRS.flatMap((maxFpr) => {
    const point = pointAtFpr(counts, maxFpr);
    const precision = PREVALENCES.map((p) => precisionAt(p, { tpr: point.tpr, fpr: maxFpr }));
    return [point.tpr, gMeanSquared(point), ...precision];
  }),
];

/** Values of one operating point in `valuesOf`. */
const STRIDE = 2 + PREVALENCES.length;

const pointOf = (sample: Sample, maxFpr: number, estimates: readonly Estimate[]): OperatingPoint => {
  const point = pointAtFpr(sample, maxFpr);
  return {
    maxFpr,
    allowed: Math.floor(maxFpr * sample.negativeTotal + 1e-9),
    threshold: thresholdOf(sample, point),
    fpr: point.fpr,
    tpr: estimates[0]!,
    gMeanSquared: estimates[1]!,
    precision: PREVALENCES.map((prevalence, i) => ({ prevalence, ...estimates[2 + i]! })),
  };
};

/** Null where a class is empty. */
export const measuresOf = (sample: Sample, random: Random): Measures | null => {
  if (sample.positiveTotal === 0 || sample.negativeTotal === 0) return null;
  const [best, ...rest] = bootstrap(sample, valuesOf, random);
  return {
    positives: sample.positiveTotal,
    negatives: sample.negativeTotal,
    points: FPRS.map((maxFpr, i) => pointOf(sample, maxFpr, rest.slice(i * STRIDE, (i + 1) * STRIDE))),
    best: { threshold: thresholdOf(sample, bestPoint(sample)), gMeanSquared: best! },
  };
};

/** What the policy in force does. Its thresholds were not fitted here, so that exact intervals hold. */
export interface PolicyPoint {
  readonly tpr: Rate;
  readonly fpr: Rate;
  readonly gMeanSquared: Estimate;
  readonly precision: readonly PrecisionAt[];
}

/** An estimate from the two rates, with its ends where both rates are at their worst and at their best. */
const corners = ({ tpr, fpr }: { tpr: Rate; fpr: Rate }, of: typeof gMeanSquared): Estimate => ({
  value: of({ tpr: tpr.value, fpr: fpr.value }),
  low: of({ tpr: tpr.low, fpr: fpr.high }),
  high: of({ tpr: tpr.high, fpr: fpr.low }),
});

/** Null where a class is empty. */
export const policyPointOf = (positives: readonly ScoredRow[], negatives: readonly ScoredRow[]): PolicyPoint | null => {
  if (positives.length === 0 || negatives.length === 0) return null;
  const rates = {
    tpr: clopperPearson(positives.filter(isFlagged).length, positives.length),
    fpr: clopperPearson(negatives.filter(isFlagged).length, negatives.length),
  };
  return {
    ...rates,
    gMeanSquared: corners(rates, gMeanSquared),
    precision: PREVALENCES.map((prevalence) => ({
      prevalence,
      ...corners(rates, (point) => precisionAt(prevalence, point)),
    })),
  };
};
