import { z } from 'zod';
import { SUPPRESSION_KINDS } from '../../domain/suppression.ts';
import type { StoredSuppression } from '../../record/auditing/contract.ts';
import { instantSchema, nameSchema, pageOf } from './primitives.ts';

const MAX_REASON = 2_000;

const reason = z.string().trim().min(1, 'must say why').max(MAX_REASON, `must be at most ${MAX_REASON} characters`);

export const newSuppressionSchema = z
  .strictObject({
    kind: z.enum(SUPPRESSION_KINDS, `must be one of ${SUPPRESSION_KINDS.join(', ')}`),
    value: nameSchema.describe('Id of a rule, a category, `name` or `name@version` of a model, id of a conversation.'),
    reason,
    owner: nameSchema.describe('Who answers for it.'),
    expiresAt: instantSchema.describe('When it ends; within a year.'),
  })
  .meta({
    id: 'NewSuppression',
    examples: [
      {
        kind: 'rule',
        value: '0b8f6f0e-3f0e-4c55-8a53-0f6f2b6f7a11',
        reason: 'Fires on our own maintenance prompts; being reworked.',
        owner: 'safety-team',
        expiresAt: '2026-12-01T00:00:00Z',
      },
    ],
  });

export const suppressionChangeSchema = z
  .strictObject({ reason, owner: nameSchema, expiresAt: instantSchema })
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'must change something')
  .meta({ id: 'SuppressionChange', examples: [{ expiresAt: '2026-12-08T00:00:00Z' }] });

export const suppressionSchema = z
  .object({
    id: z.uuid(),
    kind: z.enum(SUPPRESSION_KINDS),
    value: z.string(),
    reason: z.string(),
    owner: z.string(),
    createdBy: z.string(),
    createdAt: instantSchema,
    expiresAt: instantSchema,
    endedBy: z.string().nullable(),
    endedAt: instantSchema.nullable().describe('When somebody ended it before its expiry.'),
    active: z.boolean().describe('Whether it silences anything now.'),
    suppressed: z.int().min(0).describe('Flags that it kept from alerting.'),
  })
  .meta({ id: 'Suppression' });

export const suppressionPageSchema = pageOf(suppressionSchema).meta({ id: 'SuppressionPage' });

export const suppressionBody = (stored: StoredSuppression, now: Date): z.output<typeof suppressionSchema> => ({
  ...stored,
  createdAt: stored.createdAt.toISOString(),
  expiresAt: stored.expiresAt.toISOString(),
  endedAt: stored.endedAt?.toISOString() ?? null,
  active: stored.endedAt === null && stored.expiresAt > now,
});
