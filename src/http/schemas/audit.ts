import { z } from 'zod';
import { AUDIT_KINDS } from '../../domain/audit.ts';
import type { AuditedEntry, TrailQuery } from '../../record/auditing/contract.ts';
import type { Anchor, AuditReport, Page } from '../../record/contract.ts';
import { instantParameter, instantSchema, nameSchema, otherTenantSchema, pageOf, sha256Schema } from './primitives.ts';
import { inOrder, list, OUT_OF_ORDER, pageParameters } from './query.ts';

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

export const trailQuerySchema = z
  .strictObject({
    from: instantParameter.describe('Earliest time, inclusive.'),
    to: instantParameter.describe('Latest time, exclusive.'),
    actor: nameSchema
      .optional()
      .describe('Who did it: `key:<id>`, `oidc:<subject>`, `operator`, `anonymous` … Verdicts have no actor.'),
    action: list(z.enum(AUDIT_KINDS, `must be one of ${AUDIT_KINDS.join(', ')}`)),
    conversationId: nameSchema.optional().describe('What was done to it, to its traces and to their flags.'),
    subject: nameSchema.optional().describe('Id of a trace, conversation, flag, key, suppression, hold or erasure.'),
    tenant: otherTenantSchema,
    ...pageParameters,
  })
  .refine(inOrder, OUT_OF_ORDER) satisfies z.ZodType<TrailQuery>;

const auditEntrySchema = z
  .object({
    seq: z.int().describe('Its place in the chain.'),
    at: instantSchema,
    action: z.enum(AUDIT_KINDS),
    subject: z.string().describe('Id of what it is about; `*` for a list.'),
    actor: z.string().nullable().describe('Who did it; null for what the service does by itself.'),
    details: z
      .record(z.string(), z.unknown())
      .readonly()
      .nullable()
      .describe('What the body says; null where the body is no longer what was written.'),
    body: z.string().describe('The text that the hash covers.'),
    prevHash: z.string(),
    hash: z.string().describe('SHA-256 of prevHash + JSON [tenant, seq, at, action, subject, body].'),
  })
  .meta({
    id: 'AuditEntry',
    description: 'As it stands in the log. Whether it is sound, `GET /v1/audit/verification` says.',
  });

export const auditPageSchema = pageOf(auditEntrySchema).meta({ id: 'AuditPage' });

export const auditPageBody = ({ items, next, previous }: Page<AuditedEntry>): z.output<typeof auditPageSchema> => ({
  items: items.map((entry) => ({ ...entry, at: entry.at.toISOString() })),
  next,
  previous,
});

const ANCHOR = /^([1-9]\d{0,14}):([0-9a-f]{64})$/;

export const auditQuerySchema = z.strictObject({
  tenant: otherTenantSchema,
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
