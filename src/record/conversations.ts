import { type Kysely, type SqlBool, sql } from 'kysely';
import type { Page, StoredTrace } from './contract.ts';
import { decodeCursor, instant, isStorable, toPage } from './cursor.ts';
import { parseTrace } from './rows.ts';
import type { Database } from './schema.ts';

const LIST = 'traces';

/** See `Store.conversation`. Traces without a turn come after those with one. */
export const findConversation = async (
  db: Kysely<Database>,
  tenant: string,
  conversationId: string,
): Promise<readonly StoredTrace[]> => {
  if (!isStorable(conversationId)) return [];
  const rows = await db
    .selectFrom('verdicts as v')
    .leftJoin('trace_text as t', (join) =>
      join
        .onRef('t.tenant', '=', 'v.tenant')
        .onRef('t.received_at', '=', 'v.received_at')
        .onRef('t.trace_id', '=', 'v.trace_id'),
    )
    .select(['v.trace_id', 'v.received_at', 'v.header', 'v.body', 't.segments'])
    .where('v.tenant', '=', tenant)
    .where('v.conversation_id', '=', conversationId)
    .orderBy('v.turn', (order) => order.asc().nullsLast())
    .orderBy('v.occurred_at')
    .orderBy('v.received_at')
    .orderBy('v.trace_id')
    .execute();
  return rows.map(parseTrace);
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
