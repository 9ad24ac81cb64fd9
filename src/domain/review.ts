// What people make of a flag. A review is appended and never changed; the state of a flag follows from its reviews.

export const REVIEW_OUTCOMES = ['confirmed', 'false_positive', 'unsure'] as const;
export type ReviewOutcome = (typeof REVIEW_OUTCOMES)[number];

/** `disputed`: one reviewer confirmed it and another called it false. */
export const REVIEW_STATES = ['unreviewed', ...REVIEW_OUTCOMES, 'disputed'] as const;
export type ReviewState = (typeof REVIEW_STATES)[number];

/**
 * The state of a flag: each reviewer counts with their latest outcome, and whoever is unsure yields to whoever is not.
 * @param reviews in the order of writing
 */
export const reviewStateOf = (
  reviews: readonly { readonly reviewer: string; readonly outcome: ReviewOutcome }[],
): ReviewState => {
  const latest = new Set(new Map(reviews.map(({ reviewer, outcome }) => [reviewer, outcome])).values());
  if (latest.has('confirmed')) return latest.has('false_positive') ? 'disputed' : 'confirmed';
  if (latest.has('false_positive')) return 'false_positive';
  return latest.has('unsure') ? 'unsure' : 'unreviewed';
};
