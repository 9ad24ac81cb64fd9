import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import { ADVISORY_LOCKS } from '../advisory-locks.ts';
import type { ErasureTarget } from '../erasure/contract.ts';
import { namesOf } from '../response-links.ts';
import type { Database } from '../schema.ts';

// What is under a legal hold. Whoever takes something away holds the lock of holds shared until that is durable, and whoever places
// a hold takes it alone: a hold that was answered covers everything that was there then.

export const lockHolds = async (tx: Transaction<Database>, how: 'place' | 'take'): Promise<void> => {
  await (how === 'place'
    ? sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.holds}::bigint)`
    : sql`select pg_advisory_xact_lock_shared(${ADVISORY_LOCKS.holds}::bigint)`
  ).execute(tx);
};

/**
 * What a held row is known by. Headers are written by JSON.stringify, so a label stands in them in one spelling alone.
 * Rarely it covers a row too many, never one too few.
 */
export const needleOf = (target: ErasureTarget): string => {
  switch (target.kind) {
    case 'conversation':
      return target.id;
    case 'label':
      return `${JSON.stringify(target.name)}:${JSON.stringify(target.value)}`;
    case 'tenant':
      return '';
  }
};

/** Whether a verdict `v`, and all that hangs on it, is held. */
export const HELD: RawBuilder<boolean> = sql<boolean>`exists (
  select from legal_holds h where h.tenant = v.tenant and h.released_at is null and (
    h.kind = 'tenant'
    or (h.kind = 'conversation' and (h.needle = v.conversation_id
      or v.conversation_id = any(${namesOf(sql`h.tenant`, sql`h.needle::text`)})))
    or (h.kind = 'label' and position(h.needle in substr(v.header, position('"labels":{' in v.header))) > 0)))`;

/** Whether anything is held at all, or of one tenant. */
export const anyHeld = async (db: Kysely<Database>, tenant?: string): Promise<boolean> => {
  let select = db.selectFrom('legal_holds').select('id').where('released_at', 'is', null);
  if (tenant !== undefined) select = select.where('tenant', '=', tenant);
  return (await select.limit(1).executeTakeFirst()) !== undefined;
};
