import { randomBytes, randomUUID } from 'node:crypto';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Scope } from '../domain/access.ts';
import type { Clock } from '../domain/clock.ts';
import { sha256 } from '../domain/ids.ts';
import { appendAudit } from './audit.ts';
import type { ApiKey, Keys } from './contract.ts';
import { isStorable } from './cursor.ts';
import type { Partitions } from './partitions.ts';
import type { ApiKeysTable, Database } from './schema.ts';
import type { ForTenant } from './tenancy/tenancy.ts';

// API keys. A key is shown once, when it is made; what stays is its SHA-256. Its 256 bits are random, so a fast hash is
// enough: there is nothing to guess. Whose key it is shows only once it is found, so that look-up, alone, sees all tenants.
// Making and revoking one stands in the audit chain.

/** Scanners for leaked secrets find keys by it. */
export const KEY_PREFIX = 'cotm_';

const SECRET_BYTES = 32;

const keyOf = (row: Selectable<ApiKeysTable>): ApiKey => ({
  id: row.id,
  tenant: row.tenant,
  name: row.name,
  scopes: row.scopes as Scope[],
  createdAt: row.created_at,
  createdBy: row.created_by,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
});

/** Newest first; more would be a mistake of a script, not something to page through. */
const MOST_LISTED = 10_000;

export const createKeys = (db: Kysely<Database>, forTenant: ForTenant, partitions: Partitions, clock: Clock): Keys => ({
  create: async ({ tenant, name, scopes, expiresAt, by }) => {
    const at = clock();
    const secret = `${KEY_PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`;
    const row = {
      tenant,
      id: randomUUID(),
      name,
      scopes: [...scopes],
      created_at: at,
      created_by: by,
      expires_at: expiresAt,
      revoked_at: null,
      last_used_at: null,
    };
    await partitions.ensure([at]);
    await forTenant(tenant)
      .transaction()
      .execute(async (tx) => {
        await tx
          .insertInto('api_keys')
          .values({ ...row, hash: sha256(secret) })
          .execute();
        const body = JSON.stringify({ by, action: 'created', name, scopes, expiresAt });
        await appendAudit(tx, [{ tenant, kind: 'key', subject: row.id, body }], at);
      });
    return { key: keyOf({ ...row, hash: '' }), secret };
  },

  list: async (tenant) => {
    const rows = await forTenant(tenant)
      .selectFrom('api_keys')
      .selectAll()
      .where('tenant', '=', tenant)
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .limit(MOST_LISTED)
      .execute();
    return rows.map(keyOf);
  },

  revoke: async (tenant, id, by) => {
    if (!isStorable(id)) return null;
    const at = clock();
    await partitions.ensure([at]);
    return forTenant(tenant)
      .transaction()
      .execute(async (tx) => {
        const row = await tx
          .selectFrom('api_keys')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst();
        if (row === undefined) return null;
        if (row.revoked_at !== null) return keyOf(row);
        await tx
          .updateTable('api_keys')
          .set({ revoked_at: at })
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .execute();
        await appendAudit(
          tx,
          [{ tenant, kind: 'key', subject: id, body: JSON.stringify({ by, action: 'revoked' }) }],
          at,
        );
        return keyOf({ ...row, revoked_at: at });
      });
  },

  find: async (hash) => {
    const row = await db.selectFrom('api_keys').selectAll().where('hash', '=', hash).executeTakeFirst();
    return row === undefined ? null : keyOf(row);
  },

  noteUse: async (uses) => {
    if (uses.size === 0) return;
    const ids = [...uses.keys()];
    const times = [...uses.values()].map((at) => at.toISOString());
    await sql`
      update api_keys k set last_used_at = greatest(k.last_used_at, u.at::timestamptz)
      from unnest(${ids}::text[], ${times}::text[]) as u(id, at) where k.id = u.id`.execute(db);
  },

  anyAlive: async () => {
    const row = await db
      .selectFrom('api_keys')
      .select('id')
      .where('revoked_at', 'is', null)
      .where((e) => e.or([e('expires_at', 'is', null), e('expires_at', '>', clock())]))
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  },
});
