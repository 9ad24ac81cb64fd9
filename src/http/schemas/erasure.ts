import { z } from 'zod';
import type { Erased, ErasureTarget } from '../../record/erasure/contract.ts';
import { nameSchema, otherTenantSchema } from './primitives.ts';

/** No id that is stored holds half a character, and the database could not look for one. */
const wellFormed = nameSchema.refine((text) => text.isWellFormed(), 'must not hold half a character');

export const targetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('conversation'), id: wellFormed }),
  z.strictObject({ kind: z.literal('label'), name: nameSchema, value: z.string().min(1).max(256) }),
  z.strictObject({ kind: z.literal('tenant') }),
]) satisfies z.ZodType<ErasureTarget>;

export const erasureSchema = z
  .strictObject({
    target: targetSchema.describe('One conversation, every trace with a label, or all of the tenant.'),
    reason: nameSchema.describe("Stands in the audit chain for good: a ticket's number rather than a name."),
    skipHeld: z
      .boolean()
      .optional()
      .describe('Leave out what is under a legal hold. Without it, an erasure that meets one is refused as a whole.'),
    tenant: otherTenantSchema,
  })
  .meta({
    id: 'NewErasure',
    examples: [{ target: { kind: 'label', name: 'user', value: 'u-1042' }, reason: 'ticket 77' }],
  });

export const erasedSchema = z
  .object({
    id: z.string().describe('What the entries in the audit chain are about.'),
    traces: z.int().min(0).describe('Traces whose words went now; those erased before do not count again.'),
    held: z.int().min(0).describe('Traces left out because they are under a legal hold.'),
  })
  .meta({ id: 'Erased' }) satisfies z.ZodType<Erased>;
