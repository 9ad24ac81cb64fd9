import { REVIEW_OUTCOMES, type ReviewOutcome } from '../domain/review.ts';
import { type Agreement, cohenKappa } from './statistics/kappa.ts';

// How far reviewers agree on what they both judged.

export interface JudgedByTwo {
  readonly reviewers: readonly [string, string];
  readonly outcomes: readonly [ReviewOutcome, ReviewOutcome];
  readonly count: number;
}

export interface PairAgreement extends Agreement {
  readonly reviewers: readonly [string, string];
}

const tableOf = (pairs: readonly JudgedByTwo[]): number[][] => {
  const table = REVIEW_OUTCOMES.map(() => REVIEW_OUTCOMES.map(() => 0));
  for (const { outcomes, count } of pairs) {
    table[REVIEW_OUTCOMES.indexOf(outcomes[0])]![REVIEW_OUTCOMES.indexOf(outcomes[1])]! += count;
  }
  return table;
};

/** Of each pair of reviewers, those with most in common first. */
export const agreementOf = (pairs: readonly JudgedByTwo[]): readonly PairAgreement[] =>
  [...Map.groupBy(pairs, ({ reviewers }) => JSON.stringify(reviewers)).values()]
    .map((group) => ({ reviewers: group[0]!.reviewers, ...cohenKappa(tableOf(group)) }))
    .sort((x, y) => y.total - x.total);
