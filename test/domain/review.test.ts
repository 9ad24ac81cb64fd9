import fc from 'fast-check';
import { expect, test } from 'vitest';
import { REVIEW_OUTCOMES, REVIEW_STATES, reviewStateOf } from '../../src/domain/review.ts';

const by = (reviewer: string, outcome: (typeof REVIEW_OUTCOMES)[number]) => ({ reviewer, outcome });

test.each([
  [[], 'unreviewed'],
  [[by('a', 'unsure')], 'unsure'],
  [[by('a', 'confirmed'), by('b', 'unsure')], 'confirmed'],
  [[by('a', 'unsure'), by('b', 'false_positive')], 'false_positive'],
  [[by('a', 'confirmed'), by('b', 'false_positive')], 'disputed'],
  [[by('a', 'confirmed'), by('a', 'false_positive')], 'false_positive'],
  [[by('a', 'confirmed'), by('b', 'false_positive'), by('b', 'confirmed')], 'confirmed'],
  [[by('a', 'confirmed'), by('a', 'unsure')], 'unsure'],
] as const)('%j leaves a flag %s', (reviews, state) => {
  expect(reviewStateOf(reviews)).toBe(state);
});

test('only the latest review of each reviewer counts, in whatever order reviewers take turns', () => {
  const reviews = fc.array(
    fc.record({ reviewer: fc.constantFrom('a', 'b', 'c'), outcome: fc.constantFrom(...REVIEW_OUTCOMES) }),
  );
  fc.assert(
    fc.property(reviews, (all) => {
      const latest = [...new Map(all.map((review) => [review.reviewer, review])).values()];
      expect(reviewStateOf(all)).toBe(reviewStateOf(latest.reverse()));
      expect(REVIEW_STATES).toContain(reviewStateOf(all));
    }),
  );
});
