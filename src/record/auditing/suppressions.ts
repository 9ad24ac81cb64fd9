import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { deriveId } from '../../domain/ids.ts';
import type { SuppressionKind } from '../../domain/suppression.ts';
import { instant, isStorable } from '../cursor.ts';
import type { Database, SuppressionsTable } from '../schema.ts';
import { type AuditedDeps, audited } from './audited.ts';
import type { NewSuppression, StoredSuppression, SuppressionChange } from './contract.ts';

// Suppressions end, by their expiry or by hand, and are never deleted: what was silenced, by whom and why, must be told.

/** Random part of an id: two suppressions of the same thing at the same instant are still two. */
type NewId = () => string;

const counted = (db: Kysely<Database>) =>
  db
    .selectFrom('suppressions as s')
    .selectAll('s')
    .select(
      sql<string | number | bigint>`(
        select count(*) from flags f where f.tenant = s.tenant and f.suppressions <> '{}' and f.suppressions && array[s.id]
      )`.as('suppressed'),
    );

type Row = Selectable<SuppressionsTable> & { readonly suppressed: string | number | bigint };

const parse = (row: Row): StoredSuppression => ({
  id: row.id,
  kind: row.kind as SuppressionKind,
  value: row.value,
  reason: JSON.parse(row.reason) as string,
  owner: JSON.parse(row.owner) as string,
  createdBy: row.created_by,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  endedBy: row.ended_by,
  endedAt: row.ended_at,
  suppressed: Number(row.suppressed),
});

/** See `Suppressions.find`. */
export const findSuppression = async (
  db: Kysely<Database>,
  tenant: string,
  id: string,
): Promise<StoredSuppression | null> => {
  if (!isStorable(id)) return null;
  const row = await counted(db).where('s.tenant', '=', tenant).where('s.id', '=', id).executeTakeFirst();
  return row === undefined ? null : parse(row);
};

/** See `Suppressions.list`. */
export const listSuppressions = async (
  db: Kysely<Database>,
  tenant: string,
  { active }: { readonly active?: boolean | undefined },
  now: Date,
): Promise<readonly StoredSuppression[]> => {
  let select = counted(db).where('s.tenant', '=', tenant);
  const at = instant(now.getTime());
  const open = sql<boolean>`(s.ended_at is null and s.expires_at > ${at}::timestamptz)`;
  if (active !== undefined) select = select.where(active ? open : sql<boolean>`not ${open}`);
  const rows = await select.orderBy('s.created_at', 'desc').orderBy('s.id').execute();
  return rows.map(parse);
};

const entryOf = (tenant: string, id: string, body: object) => ({
  tenant,
  kind: 'suppression' as const,
  subject: id,
  body: JSON.stringify(body),
});

/** See `Suppressions.add`. */
export const addSuppression = (
  deps: AuditedDeps,
  newId: NewId,
  tenant: string,
  suppression: NewSuppression,
  by: string,
): Promise<StoredSuppression> =>
  audited<StoredSuppression>(deps, async (tx, at) => {
    const { kind, value, reason, owner, expiresAt } = suppression;
    const id = deriveId('suppression', tenant, newId());
    await tx
      .insertInto('suppressions')
      .values({
        tenant,
        id,
        kind,
        value,
        reason: JSON.stringify(reason),
        owner: JSON.stringify(owner),
        created_by: by,
        created_at: at,
        expires_at: expiresAt,
        ended_by: null,
        ended_at: null,
      })
      .execute();
    return {
      result: { ...suppression, id, createdBy: by, createdAt: at, endedBy: null, endedAt: null, suppressed: 0 },
      entry: entryOf(tenant, id, { action: 'added', by, kind, value, reason, owner, expiresAt }),
    };
  });

const lock = (tx: Transaction<Database>, tenant: string, id: string) =>
  tx
    .selectFrom('suppressions')
    .select(['ended_at', 'expires_at'])
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();

/** See `Suppressions.change`. */
export const changeSuppression = (
  deps: AuditedDeps,
  tenant: string,
  id: string,
  change: SuppressionChange,
  by: string,
): Promise<StoredSuppression | 'ended' | null> =>
  audited<StoredSuppression | 'ended' | null>(deps, async (tx, at) => {
    const found = isStorable(id) ? await lock(tx, tenant, id) : undefined;
    if (found === undefined) return { result: null, entry: null };
    if (found.ended_at !== null || found.expires_at <= at) return { result: 'ended', entry: null };
    const { reason, owner, expiresAt } = change;
    await tx
      .updateTable('suppressions')
      .set({
        ...(reason === undefined ? {} : { reason: JSON.stringify(reason) }),
        ...(owner === undefined ? {} : { owner: JSON.stringify(owner) }),
        ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
      })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .execute();
    return {
      result: await findSuppression(tx, tenant, id),
      entry: entryOf(tenant, id, { action: 'changed', by, ...change }),
    };
  });

/** See `Suppressions.end`. */
export const endSuppression = (
  deps: AuditedDeps,
  tenant: string,
  id: string,
  by: string,
): Promise<StoredSuppression | null> =>
  audited<StoredSuppression | null>(deps, async (tx, at) => {
    const found = isStorable(id) ? await lock(tx, tenant, id) : undefined;
    if (found === undefined) return { result: null, entry: null };
    if (found.ended_at !== null) return { result: await findSuppression(tx, tenant, id), entry: null };
    await tx
      .updateTable('suppressions')
      .set({ ended_by: by, ended_at: at })
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .execute();
    return {
      result: await findSuppression(tx, tenant, id),
      entry: entryOf(tenant, id, { action: 'ended', by }),
    };
  });
