import { type Kysely, type SqlBool, sql } from 'kysely';
import type { Page, PageQuery, StoredTrace } from './contract.ts';
import { decodeCursor, instant, toPage } from './cursor.ts';
import { inConversation } from './response-links.ts';
import { parseTrace } from './rows.ts';
import type { Database } from './schema.ts';

const LIST = 'traces';

const TURNS = 'turns';

/** Traces without a turn come after those with one: turns are PostgreSQL integers, so this is more than any. */
const NO_TURN = 2 ** 31;

/** See `Store.conversation`. */
export const findConversation = async (
  db: Kysely<Database>,
  tenant: string,
  conversationId: string,
  { limit, cursor: text }: PageQuery,
): Promise<Page<StoredTrace>> => {
  const cursor = text === undefined ? undefined : decodeCursor(TURNS, text);
  const backwards = cursor?.direction === 'previous';
  const rank = sql<number>`coalesce(v.turn::bigint, ${sql.lit(NO_TURN)})`;
  let select = db
    .selectFrom('verdicts as v')
    .leftJoin('trace_text as t', (join) =>
      join
        .onRef('t.tenant', '=', 'v.tenant')
        .onRef('t.received_at', '=', 'v.received_at')
        .onRef('t.trace_id', '=', 'v.trace_id'),
    )
    .select(['v.trace_id', 'v.turn', 'v.occurred_at', 'v.received_at', 'v.header', 'v.body', 't.segments'])
    .where('v.tenant', '=', tenant)
    .where(inConversation('v.conversation_id', tenant, conversationId));
  if (cursor !== undefined) {
    const place = Number.isSafeInteger(cursor.rank) ? cursor.rank! : NO_TURN;
    const beside = sql`(${String(place)}::bigint, ${instant(cursor.at)}::timestamptz, ${cursor.id}::text)`;
    select = select.where(sql<SqlBool>`(${rank}, v.occurred_at, v.trace_id) ${backwards ? sql`<` : sql`>`} ${beside}`);
  }
  const order = backwards ? 'desc' : 'asc';
  const rows = await select
    .orderBy(rank, order)
    .orderBy('v.occurred_at', order)
    .orderBy('v.trace_id', order)
    .limit(limit + 1)
    .execute();
  return toPage(
    TURNS,
    rows,
    limit,
    cursor,
    (row) => ({ at: row.occurred_at.getTime(), id: row.trace_id, rank: row.turn ?? NO_TURN }),
    parseTrace,
  );
};

/** See `Store.keptTraces`: oldest first, by the time of receipt. */
export const findKeptTraces = async (
  db: Kysely<Database>,
  tenant: string,
  options: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<StoredTrace>> => {
  const cursor = options.cursor === undefined ? undefined : decodeCursor(LIST, options.cursor);
  const backwards = cursor?.direction === 'previous';
  let select = db
    .selectFrom('trace_text as t')
    .innerJoin('verdicts as v', (join) =>
      join
        .onRef('v.tenant', '=', 't.tenant')
        .onRef('v.received_at', '=', 't.received_at')
        .onRef('v.trace_id', '=', 't.trace_id'),
    )
    .select(['t.trace_id', 't.received_at', 't.segments', 'v.header', 'v.body'])
    .where('t.tenant', '=', tenant);
  if (cursor !== undefined) {
    const beside = sql`(${instant(cursor.at)}::timestamptz, ${cursor.id}::text)`;
    select = select.where(sql<SqlBool>`(t.received_at, t.trace_id) ${backwards ? sql`<` : sql`>`} ${beside}`);
  }
  const order = backwards ? 'desc' : 'asc';
  const rows = await select
    .orderBy('t.received_at', order)
    .orderBy('t.trace_id', order)
    .limit(options.limit + 1)
    .execute();
  return toPage(
    LIST,
    rows,
    options.limit,
    cursor,
    (row) => ({ at: row.received_at.getTime(), id: row.trace_id }),
    parseTrace,
  );
};
