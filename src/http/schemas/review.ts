import { z } from 'zod';
import { REVIEW_OUTCOMES } from '../../domain/review.ts';
import type { Review, Reviewed } from '../../record/auditing/contract.ts';
import { reviewStateSchema } from './flag.ts';
import { instantSchema, pageOf } from './primitives.ts';

/** Longest note, in UTF-16 code units. */
const MAX_NOTE = 4_000;

export const newReviewSchema = z
  .strictObject({
    outcome: z.enum(REVIEW_OUTCOMES, `must be one of ${REVIEW_OUTCOMES.join(', ')}`),
    note: z.string().max(MAX_NOTE, `must be at most ${MAX_NOTE} characters`).nullable().optional(),
  })
  .meta({ id: 'NewReview', examples: [{ outcome: 'confirmed', note: 'It meant to hide the failing test.' }] });

export const reviewSchema = z
  .object({
    id: z.uuid(),
    flagId: z.uuid(),
    position: z.int().min(1).describe('From 1, in the order of writing.'),
    outcome: z.enum(REVIEW_OUTCOMES),
    note: z.string().nullable(),
    reviewer: z.string(),
    at: instantSchema,
  })
  .meta({ id: 'Review' });

export const reviewedSchema = reviewSchema
  .extend({ state: reviewStateSchema })
  .meta({ id: 'Reviewed', description: 'A new review, and the state that it leaves the flag in.' });

export const reviewPageSchema = pageOf(reviewSchema).meta({ id: 'ReviewPage' });

export const reviewBody = (review: Review): z.output<typeof reviewSchema> => ({
  ...review,
  at: review.at.toISOString(),
});

export const reviewedBody = ({ review, state }: Reviewed): z.output<typeof reviewedSchema> => ({
  ...reviewBody(review),
  state,
});

export const newAssignmentSchema = z
  .strictObject({
    expiresAt: instantSchema.optional().describe('When it ends by itself; within seven days. Default: in an hour.'),
  })
  .meta({ id: 'NewAssignment', examples: [{ expiresAt: '2026-11-24T12:00:00Z' }] });

export const assignmentSchema = z
  .object({ flagId: z.uuid(), assignee: z.string(), expiresAt: instantSchema })
  .meta({ id: 'Assignment' });

export const releasedSchema = z.object({ flagId: z.uuid(), assignee: z.null() }).meta({ id: 'Released' });
