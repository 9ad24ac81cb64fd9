import { z } from 'zod';
import { ALERT_SCHEMA, type Alert, type AlertFinding } from '../../domain/alert.ts';
import { DECISIONS } from '../../domain/verdict.ts';
import { modelSchema, reviewStateSchema } from './flag.ts';
import { instantSchema, shareSchema } from './primitives.ts';
import { assessmentSchema, evidenceSchema, findingSchema } from './verdict.ts';

/** Strict: an alert that began to carry quotes or explanations would fail its own schema. */
const alertFindingSchema = z.strictObject({
  ...findingSchema.pick({
    category: true,
    group: true,
    stance: true,
    view: true,
    severity: true,
    score: true,
    detector: true,
  }).shape,
  evidence: z
    .array(z.strictObject(evidenceSchema.pick({ segment: true, start: true, end: true, hash: true }).shape))
    .readonly(),
}) satisfies z.ZodType<AlertFinding>;

export const alertSchema = z
  .strictObject({
    schema: z.literal(ALERT_SCHEMA),
    alertId: z.string().describe('Stable over redelivery and revisions: dedupe on it.'),
    revision: z.int().min(1).describe('A higher one replaces a lower one.'),
    type: z
      .enum(['raised', 'updated', 'withdrawn'])
      .describe('`withdrawn`: a judge or the reviewers found that it was none.'),
    traceId: z.string(),
    conversationId: z.string(),
    tenant: z.string(),
    model: modelSchema,
    occurredAt: instantSchema,
    decision: z.enum(DECISIONS),
    risk: shareSchema,
    findings: z.array(alertFindingSchema).readonly(),
    assessment: assessmentSchema,
    review: reviewStateSchema.exactOptional().describe('What reviewers made of it; absent while nobody has looked.'),
    url: z.string().describe('Where to read the flag.'),
  })
  .describe('One message on the alerts topic: places and hashes, never text of a trace.') satisfies z.ZodType<Alert>;
