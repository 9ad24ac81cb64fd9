import { sql } from 'kysely';
import { wipe } from '../erasure/wipe-rows.ts';
import type { TraceHeader } from '../trace-header.ts';
import { HELD } from './held.ts';
import type { Expiry } from './old-partitions.ts';
import { BUSY, type RetentionRun, takeTurn } from './turn.ts';

// Words go like in an erasure, trace by trace, since the verdict stays. A mark for each tenant says how far that has come,
// so that a run reads only what has come of age since the last; lifting a hold takes the mark back.

const BATCH = 200;

const WHAT = 'words';

interface Row {
  readonly received_at: Date;
  readonly trace_id: string;
  readonly header: string;
  readonly held: boolean;
}

/** How many traces were looked at, and how many wiped. */
const wipeBatch = (run: RetentionRun, tenant: string, before: Date) =>
  takeTurn<{ seen: number; wiped: number }>(run, WHAT, before, async (tx, at) => {
    const { rows } = await sql<Row>`
      select v.received_at, v.trace_id, v.header, ${HELD} as held from verdicts v
      where v.tenant = ${tenant} and v.received_at < ${before.toISOString()}::timestamptz
        and (v.received_at, v.trace_id) > (
          coalesce((select m.received_at from retention_marks m where m.tenant = ${tenant} and m.what = ${WHAT}), 'epoch'),
          coalesce((select m.trace_id from retention_marks m where m.tenant = ${tenant} and m.what = ${WHAT}), ''))
      order by v.received_at, v.trace_id limit ${BATCH}`.execute(tx);
    const last = rows.at(-1);
    if (last === undefined) return { result: { seen: 0, wiped: 0 }, from: [] };
    const due = rows.filter((row) => !row.held && (JSON.parse(row.header) as TraceHeader).erasedAt === undefined);
    if (due.length > 0) await wipe(tx, tenant, due, at);
    await sql`
      insert into retention_marks (tenant, what, received_at, trace_id)
      values (${tenant}, ${WHAT}, ${last.received_at.toISOString()}::timestamptz, ${last.trace_id})
      on conflict (tenant, what) do update set received_at = excluded.received_at, trace_id = excluded.trace_id
    `.execute(tx);
    return { result: { seen: rows.length, wiped: due.length }, from: [{ tenant, traces: due.length }] };
  });

export const expireWords = async (run: RetentionRun, tenants: readonly string[], before: Date): Promise<Expiry> => {
  let traces = 0;
  for (const tenant of tenants) {
    for (let seen = BATCH; seen === BATCH; ) {
      const batch = await wipeBatch(run, tenant, before);
      if (batch === BUSY) return { traces, complete: false };
      seen = batch.seen;
      traces += batch.wiped;
    }
  }
  return { traces, complete: true };
};
