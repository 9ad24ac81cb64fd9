import { z } from 'zod';
import { SCOPES } from '../../domain/access.ts';
import type { ApiKey } from '../../record/contract.ts';
import { instantSchema, nameSchema, otherTenantSchema, pageOf } from './primitives.ts';

const scopesSchema = z
  .array(z.enum(SCOPES, `must be one of ${SCOPES.join(', ')}`))
  .min(1, 'must name at least one scope')
  .refine((scopes) => new Set(scopes).size === scopes.length, 'must not name a scope twice')
  .readonly();

export const keySchema = z
  .object({
    id: z.uuid(),
    tenant: z.string(),
    name: z.string(),
    scopes: scopesSchema,
    createdAt: instantSchema,
    createdBy: z.string().describe('`operator`, `key:` and its id, `oidc:` and the subject, or `command line`.'),
    expiresAt: instantSchema.nullable().describe('Null: never.'),
    revokedAt: instantSchema.nullable(),
    lastUsedAt: instantSchema.nullable().describe('Within half a minute; null where it was never used.'),
  })
  .meta({ id: 'ApiKey' });

export const keyPageSchema = pageOf(keySchema);

export const newKeySchema = z
  .strictObject({
    name: nameSchema.describe('For people: who or what uses it.'),
    scopes: scopesSchema,
    expiresAt: instantSchema.optional().describe('Absent: never.'),
    tenant: otherTenantSchema,
  })
  .meta({ id: 'NewApiKey', examples: [{ name: 'platform-eu', scopes: ['ingest'] }] });

export const madeKeySchema = z
  .object({ key: keySchema, secret: z.string().describe('What callers send. Shown here and never again.') })
  .meta({ id: 'MadeApiKey' });

export const tenantQuerySchema = z.strictObject({
  tenant: otherTenantSchema,
});

const instant = (at: Date | null): string | null => at?.toISOString() ?? null;

export const keyBody = (key: ApiKey): z.output<typeof keySchema> => ({
  id: key.id,
  tenant: key.tenant,
  name: key.name,
  scopes: key.scopes,
  createdAt: key.createdAt.toISOString(),
  createdBy: key.createdBy,
  expiresAt: instant(key.expiresAt),
  revokedAt: instant(key.revokedAt),
  lastUsedAt: instant(key.lastUsedAt),
});
