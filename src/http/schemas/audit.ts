import { z } from 'zod';
import type { Anchor, AuditReport } from '../../record/contract.ts';
import { nameSchema, sha256Schema } from './primitives.ts';

const REASONS = ['missing', 'altered', 'unlinked', 'headless', 'surplus', 'replaced'] as const;

const anchorSchema = z.object({ seq: z.int(), hash: sha256Schema });

export const auditReportSchema = z
  .object({
    tenant: z.string(),
    entries: z.int().min(0).describe('Found sound, from the first on.'),
    end: anchorSchema
      .nullable()
      .describe(
        'The last of them. Note it elsewhere; as `anchor` it shows whether the chain was cut or made anew since.',
      ),
    break: z
      .object({ seq: z.int(), reason: z.enum(REASONS) })
      .nullable()
      .describe('The first place that does not fit.'),
  })
  .meta({ id: 'AuditReport' }) satisfies z.ZodType<AuditReport>;

const ANCHOR = /^([1-9]\d{0,14}):([0-9a-f]{64})$/;

export const auditQuerySchema = z.strictObject({
  tenant: nameSchema.optional().describe("Another tenant than the caller's own: for the first admin key alone."),
  anchor: z
    .string()
    .regex(ANCHOR, 'must be SEQ:HASH')
    .transform((text): Anchor => {
      const [, seq, hash] = ANCHOR.exec(text)!;
      return { seq: Number(seq), hash: hash! };
    })
    .optional()
    .describe('`end` of an earlier answer, as SEQ:HASH.'),
});
