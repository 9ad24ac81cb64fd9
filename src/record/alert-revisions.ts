import { sql, type Transaction } from 'kysely';
import type { AlertRevision } from './messages.ts';
import type { Database } from './schema.ts';

// What was last said of each alert.

/** Locked: two changes of one verdict must not take the same revision. Null where no alert went out. */
export const toldOf = async (tx: Transaction<Database>, tenant: string, id: string): Promise<AlertRevision | null> => {
  const row = await tx
    .selectFrom('alert_revisions')
    .select(['revision', 'content_hash'])
    .where('tenant', '=', tenant)
    .where('trace_id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? null : { revision: row.revision, contentHash: row.content_hash };
};

export const recordRevision = async (
  tx: Transaction<Database>,
  tenant: string,
  id: string,
  { revision, contentHash }: AlertRevision,
): Promise<void> => {
  await sql`
    insert into alert_revisions (tenant, trace_id, revision, content_hash)
    values (${tenant}, ${id}, ${revision}, ${contentHash})
    on conflict (tenant, trace_id) do update set revision = excluded.revision, content_hash = excluded.content_hash
  `.execute(tx);
};
