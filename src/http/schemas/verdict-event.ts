import { z } from 'zod';
import { contributionSchema, driversSchema, evidenceSchema, findingSchema, verdictSchema } from './verdict.ts';

/** Strict: evidence that began to carry its quote would fail this schema. */
const placeSchema = z.strictObject(evidenceSchema.omit({ quote: true }).shape);

const placedDriversSchema = z.object({
  ...driversSchema.shape,
  contributions: z
    .array(z.object({ ...contributionSchema.shape, evidence: z.array(placeSchema).readonly() }))
    .readonly(),
});

export const verdictEventSchema = z
  .object({
    schema: z.literal('cot-monitor.verdict.v1'),
    tenant: z.string(),
    verdict: z.object({
      ...verdictSchema.shape,
      drivers: placedDriversSchema.exactOptional(),
      findings: z.array(z.object({ ...findingSchema.shape, evidence: z.array(placeSchema).readonly() })).readonly(),
    }),
  })
  .describe('One message on the verdicts topic: the verdict with places and hashes in place of quotes.');
