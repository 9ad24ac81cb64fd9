import { type Kysely, type SqlBool, sql } from 'kysely';
import type { Flag, FlagQuery, FlagSort, Page } from './contract.ts';
import { decodeCursor, instant, isStorable, type Position, toPage } from './cursor.ts';
import { flagConditions } from './flag-filters.ts';
import { flagsByKey, seekerOf } from './flag-keys.ts';
import { FLAG_FIELDS, parseFlag } from './rows.ts';
import type { Database } from './schema.ts';

/** Each order has cursors of its own: a place in one says nothing in the other. */
const LISTS: Readonly<Record<FlagSort, string>> = { newest: 'flags', risk: 'flags-by-risk' };

const listOf = (query: FlagQuery): string => LISTS[query.sort ?? 'newest'];

const positionOf =
  (sort: FlagSort) =>
  (row: { readonly received_at: Date; readonly id: string; readonly risk: number }): Position => ({
    at: row.received_at.getTime(),
    id: row.id,
    ...(sort === 'risk' ? { rank: row.risk } : {}),
  });

/** By time of receipt, newest first, or by risk. `from` is inclusive, `to` is not. `owner`: see flag-keys.ts. */
export const findFlags = async (
  own: Kysely<Database>,
  owner: Kysely<Database>,
  tenant: string,
  query: FlagQuery,
  now: Date,
): Promise<Page<Flag>> => {
  const { sort = 'newest' } = query;
  const cursor = query.cursor === undefined ? undefined : decodeCursor(listOf(query), query.cursor);
  const backwards = cursor?.direction === 'previous';
  let select = seekerOf(own, owner, query)
    .selectFrom('flags')
    .select(['received_at', 'id'])
    .where('tenant', '=', tenant)
    .where((e) => e.and(flagConditions(tenant, query, now)));
  if (cursor !== undefined) {
    const place = sql`${instant(cursor.at)}::timestamptz, ${cursor.id}::text`;
    const [columns, beside] =
      sort === 'risk'
        ? [sql`(risk, received_at, id)`, sql`(${cursor.rank ?? 0}::double precision, ${place})`]
        : [sql`(received_at, id)`, sql`(${place})`];
    select = select.where(sql<SqlBool>`${columns} ${backwards ? sql`>` : sql`<`} ${beside}`);
  }
  const order = backwards ? 'asc' : 'desc';
  if (sort === 'risk') select = select.orderBy('risk', order);
  const keys = await select
    .orderBy('received_at', order)
    .orderBy('id', order)
    .limit(query.limit + 1)
    .execute();
  const found = await flagsByKey(own, tenant, keys)
    .select(['flags.received_at', 'flags.id', 'flags.risk'])
    .select(FLAG_FIELDS)
    .execute();
  const byId = new Map(found.map((row) => [row.id, row]));
  const rows = keys.flatMap(({ id }) => byId.get(id) ?? []);
  return toPage(listOf(query), rows, query.limit, cursor, positionOf(sort), (row) => parseFlag(row, now));
};

export const findFlag = async (db: Kysely<Database>, tenant: string, id: string, now: Date): Promise<Flag | null> => {
  if (!isStorable(id)) return null;
  const row = await db
    .selectFrom('flags')
    .select(FLAG_FIELDS)
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : parseFlag(row, now);
};
