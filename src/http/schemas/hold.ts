import { z } from 'zod';
import type { Expired, LegalHold } from '../../record/retention/contract.ts';
import { targetSchema } from './erasure.ts';
import { instantSchema, nameSchema, otherTenantSchema, pageOf } from './primitives.ts';

const reason = nameSchema.describe("Stands in the audit chain for good: a matter's number rather than a name.");

export const newHoldSchema = z
  .strictObject({
    target: targetSchema.describe('One conversation, every trace with a label, or all of the tenant.'),
    reason,
    tenant: otherTenantSchema,
  })
  .meta({
    id: 'NewLegalHold',
    examples: [{ target: { kind: 'conversation', id: 'c-42' }, reason: 'matter 2026-17' }],
  });

export const holdReleaseSchema = z
  .strictObject({ reason, tenant: otherTenantSchema })
  .meta({ id: 'LegalHoldRelease', examples: [{ reason: 'matter 2026-17 is closed' }] });

export const holdQuerySchema = z.strictObject({
  active: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .describe('Those in force, or those that are over. Default: all.'),
  tenant: otherTenantSchema,
});

export const holdSchema = z
  .object({
    id: z.uuid(),
    target: targetSchema,
    reason: z.string(),
    placedBy: z.string(),
    placedAt: instantSchema,
    releasedBy: z.string().nullable(),
    releasedAt: instantSchema.nullable(),
    releaseReason: z.string().nullable(),
    active: z.boolean(),
  })
  .meta({ id: 'LegalHold' });

export const holdPageSchema = pageOf(holdSchema).meta({ id: 'LegalHoldPage' });

export const holdBody = (hold: LegalHold): z.output<typeof holdSchema> => ({
  ...hold,
  placedAt: hold.placedAt.toISOString(),
  releasedAt: hold.releasedAt?.toISOString() ?? null,
  active: hold.releasedAt === null,
});

const traces = z.int().min(0);

export const expiredSchema = z
  .object({
    gone: z.object({ text: traces, words: traces, verdicts: traces }).describe('Traces of which it went now.'),
    complete: z
      .boolean()
      .describe('False where another replica was at it, or a table was too busy: ask again for the rest.'),
  })
  .meta({ id: 'Expired' }) satisfies z.ZodType<Expired>;
