import { type Kysely, type SqlBool, sql } from 'kysely';
import type { BacktestVerdict } from '../report/backtest.ts';
import type { Page, PeriodQuery } from './contract.ts';
import { decodeCursor, instant, toPage } from './cursor.ts';
import { parseVerdict } from './rows.ts';
import type { Database } from './schema.ts';
import type { TraceHeader } from './trace-header.ts';

const LIST = 'stored-verdicts';

/** See `Store.storedVerdicts`: oldest first, by the time of receipt. */
export const findStoredVerdicts = async (
  db: Kysely<Database>,
  tenant: string,
  { from, to, limit, cursor: text }: PeriodQuery,
): Promise<Page<BacktestVerdict>> => {
  const cursor = text === undefined ? undefined : decodeCursor(LIST, text);
  let select = db
    .selectFrom('verdicts as v')
    .leftJoin('trace_text as t', (join) =>
      join
        .onRef('t.tenant', '=', 'v.tenant')
        .onRef('t.received_at', '=', 'v.received_at')
        .onRef('t.trace_id', '=', 'v.trace_id'),
    )
    .select(['v.trace_id', 'v.received_at', 'v.header', 'v.body', 't.trace_id as kept'])
    .where('v.tenant', '=', tenant)
    .where('v.received_at', '>=', from)
    .where('v.received_at', '<', to);
  if (cursor !== undefined) {
    const beside = sql`(${instant(cursor.at)}::timestamptz, ${cursor.id}::text)`;
    select = select.where(sql<SqlBool>`(v.received_at, v.trace_id) > ${beside}`);
  }
  const rows = await select
    .orderBy('v.received_at')
    .orderBy('v.trace_id')
    .limit(limit + 1)
    .execute();
  return toPage(
    LIST,
    rows,
    limit,
    cursor,
    (row) => ({ at: row.received_at.getTime(), id: row.trace_id }),
    (row): BacktestVerdict => {
      const { model, erasedAt } = JSON.parse(row.header) as TraceHeader;
      return {
        traceId: row.trace_id,
        model,
        verdict: parseVerdict(row.body),
        text: erasedAt !== undefined ? 'erased' : row.kept === null ? 'not_kept' : 'kept',
      };
    },
  );
};
