import { sql, type Transaction } from 'kysely';
import { wipePayload } from '../messages.ts';
import type { Database } from '../schema.ts';

/**
 * Messages about these traces that have not gone out yet lose what callers or judges wrote, and go out all the same. Those
 * that a relay has in hand this moment are as good as published.
 */
export const wipeOutbox = async (
  tx: Transaction<Database>,
  tenant: string,
  traceIds: readonly string[],
  conversationIds: readonly string[],
): Promise<void> => {
  const { rows } = await sql<{ id: string | number | bigint; payload: string }>`
    select id, payload from outbox where kind = 'verdict' and key = any(${[...conversationIds]}::text[])
    for update skip locked`.execute(tx);
  const meant = new Set(traceIds);
  for (const { id, payload } of rows) {
    const wiped = wipePayload(payload, tenant, meant);
    if (wiped !== null) await sql`update outbox set payload = ${wiped} where id = ${String(id)}::bigint`.execute(tx);
  }
};
