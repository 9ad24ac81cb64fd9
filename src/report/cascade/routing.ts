import { isotonic } from '../statistics/isotonic.ts';
import { createSample } from '../statistics/sample.ts';

// Ways to spend a judge: each orders traces, and a budget cuts the order off. Pure, so that recorded answers replay.

export interface CascadeRow {
  readonly positive: boolean;
  /** What the cheap tiers say, 0–1. */
  readonly risk: number;
  /** Rows of one fold help to route those of the other, never their own. */
  readonly fold: 0 | 1;
  /** The recorded judge's score, 0–1; null where it could not judge or nothing was recorded. */
  readonly judged: number | null;
}

export const ROUTINGS = ['band', 'uncertainty', 'likelihood_ratio', 'random'] as const;
export type Routing = (typeof ROUTINGS)[number];

/** Judge scores from here on count as "found something". */
const FOUND = 0.5;

/** Larger is judged earlier; minus infinity is never judged. */
export type Order = (row: CascadeRow) => number;

const logit = (p: number): number => Math.log(Math.max(p, 1e-6) / Math.max(1 - p, 1e-6));

export interface RoutingOptions {
  /** Upper end of the band: above it the cheap tiers are believed. */
  readonly high: number;
  /** The rate of false alarms that the cascade is run at. */
  readonly maxFpr: number;
  readonly random: () => number;
}

export const orderOf = (routing: Routing, rows: readonly CascadeRow[], options: RoutingOptions): Order => {
  switch (routing) {
    case 'band':
      return ({ risk }) => (risk > options.high ? Number.NEGATIVE_INFINITY : risk);
    case 'uncertainty':
      return ({ risk }) => -Math.abs(logit(risk));
    case 'random':
      return () => options.random();
    case 'likelihood_ratio': {
      const gains = [0, 1].map((fold) =>
        gainOf(
          rows.filter((row) => row.fold !== fold),
          options.maxFpr,
        ),
      );
      return (row) => gains[row.fold]!(row.risk);
    }
  }
};

/** How a yes or no of the judge shifts the ratio of likelihoods, from its answers; one is added so that none is certain. */
const judgeRates = (rows: readonly CascadeRow[]): { readonly hit: number; readonly alarm: number } => {
  const rate = (positive: boolean): number => {
    const own = rows.filter((row) => row.positive === positive && row.judged !== null);
    return (own.filter((row) => row.judged! >= FOUND).length + 1) / (own.length + 2);
  };
  return { hit: rate(true), alarm: rate(false) };
};

/**
 * What asking the judge is worth, at the price of alarms that the wanted rate sets. A trace whose ratio of likelihoods is
 * `l` is worth max(l − price, 0) to a cascade that alarms where l exceeds the price; with an answer in hand, l is what the
 * answer makes of it. The difference, over both answers, is the gain.
 */
const gainOf = (rows: readonly CascadeRow[], maxFpr: number): ((risk: number) => number) => {
  const positives = rows.filter((row) => row.positive).map((row) => row.risk);
  const negatives = rows.filter((row) => !row.positive).map((row) => row.risk);
  if (positives.length === 0 || negatives.length === 0) return (risk) => risk;
  const sample = createSample(positives, negatives);
  const shares = isotonic(sample);
  const prior = positives.length / negatives.length;
  const ratioAt = (risk: number): number => {
    let at = sample.scores.findIndex((score) => score >= risk);
    if (at === -1) at = sample.scores.length - 1;
    const share = Math.min(1 - 1e-4, Math.max(1e-4, shares[at]!));
    return share / (1 - share) / prior;
  };
  const sorted = [...negatives].sort((a, b) => b - a);
  const price = ratioAt(sorted[Math.min(sorted.length - 1, Math.floor(maxFpr * sorted.length))]!);
  const { hit, alarm } = judgeRates(rows);
  const worth = (ratio: number): number => Math.max(ratio - price, 0);
  return (risk) => {
    const ratio = ratioAt(risk);
    return alarm * worth((ratio * hit) / alarm) + (1 - alarm) * worth((ratio * (1 - hit)) / (1 - alarm)) - worth(ratio);
  };
};
