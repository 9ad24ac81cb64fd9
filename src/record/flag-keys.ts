import { type Kysely, type Selectable, sql } from 'kysely';
import type { FlagFilter } from './contract.ts';
import type { Database, FlagsTable } from './schema.ts';

// Under row-level security PostgreSQL uses an index only for operators that it knows to tell nothing of rows they skip.
// Those on arrays and words are not among them, so a rare category would be looked for row by row. For such filters the
// owner finds the keys, by a condition on the tenant, and what is shown is read as the tenant: a mistake in the condition
// could cost a row, and never show somebody else's.

const BLIND = ['category', 'group', 'stance', 'view', 'rule', 'detector', 'q'] as const satisfies (keyof FlagFilter)[];

/** Whose eyes look for the keys of a query: the tenant's own wherever its indexes are open to it. */
export const seekerOf = (own: Kysely<Database>, owner: Kysely<Database>, query: FlagFilter): Kysely<Database> =>
  BLIND.some((filter) => query[filter] !== undefined) ? owner : own;

export type FlagKey = Pick<Selectable<FlagsTable>, 'received_at' | 'id'>;

/** The flags of these keys, in no order. */
export const flagsByKey = (own: Kysely<Database>, tenant: string, keys: readonly FlagKey[]) => {
  const times = keys.map((key) => key.received_at.toISOString());
  const ids = keys.map((key) => key.id);
  return own
    .selectFrom('flags')
    .innerJoin(
      sql<FlagKey>`(select k.at::timestamptz as received_at, k.id from unnest(${times}::text[], ${ids}::text[])
        as k(at, id))`.as('k'),
      (join) => join.onRef('k.received_at', '=', 'flags.received_at').onRef('k.id', '=', 'flags.id'),
    )
    .where('flags.tenant', '=', tenant);
};
