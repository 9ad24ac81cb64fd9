import { sql, type Transaction } from 'kysely';
import type { Verdict } from '../../domain/verdict.ts';
import type { WrittenFlag } from '../contract.ts';
import type { Database } from '../schema.ts';
import type { TraceHeader } from '../trace-header.ts';
import { wipeFindings, wipeHeader, wipeVerdict } from './wipe.ts';
import { wipeOutbox } from './wipe-outbox.ts';

// Takes the words of traces from every table that has any.

export interface Place {
  readonly received_at: Date;
  readonly trace_id: string;
}

export const keysOf = (tenant: string, places: readonly Place[]) => sql`
  (select ${tenant}::text as tenant, k.at::timestamptz as received_at, k.id as trace_id
  from unnest(${places.map((p) => p.received_at.toISOString())}::text[], ${places.map((p) => p.trace_id)}::text[])
    as k(at, id)) as k`;

const SAME = (table: string) =>
  sql`${sql.id(table)}.tenant = k.tenant and ${sql.id(table)}.received_at = k.received_at
    and ${sql.id(table)}.trace_id = k.trace_id`;

/** Rewrites JSON columns of the rows of these traces, which are locked meanwhile. */
const rewrite = async <Row extends Place>(
  tx: Transaction<Database>,
  tenant: string,
  places: readonly Place[],
  table: 'verdicts' | 'flags',
  columns: Readonly<Record<string, (row: Row) => string>>,
): Promise<void> => {
  const keys = keysOf(tenant, places);
  const same = SAME(table);
  const { rows } = await sql<Row>`
    select ${sql.id(table)}.* from ${sql.id(table)}, ${keys} where ${same} for update of ${sql.id(table)}`.execute(tx);
  if (rows.length === 0) return;
  const names = Object.keys(columns);
  const arrays = Object.values(columns).map((write) => sql`${rows.map(write)}::text[]`);
  await sql`
    update ${sql.id(table)} set ${sql.join(names.map((name) => sql`${sql.id(name)} = k.${sql.id(name)}`))}
    from (select ${tenant}::text as tenant, u.at::timestamptz as received_at, u.id as trace_id,
        ${sql.join(names.map((name) => sql`u.${sql.id(name)}`))}
      from unnest(${rows.map((r) => r.received_at.toISOString())}::text[], ${rows.map((r) => r.trace_id)}::text[],
        ${sql.join(arrays)}) as u(at, id, ${sql.join(names.map((name) => sql.id(name)))})) as k
    where ${same}`.execute(tx);
};

export const wipe = async (
  tx: Transaction<Database>,
  tenant: string,
  places: readonly Place[],
  at: Date,
): Promise<void> => {
  const keys = keysOf(tenant, places);
  // First: a judge who is at work then finds his job gone and writes nothing, or has written and is wiped below.
  await sql`delete from judge_jobs using ${keys} where judge_jobs.tenant = k.tenant
    and judge_jobs.trace_id = k.trace_id`.execute(tx);
  await rewrite<Place & { header: string; body: string }>(tx, tenant, places, 'verdicts', {
    header: (row) => JSON.stringify(wipeHeader(JSON.parse(row.header) as TraceHeader, at)),
    body: (row) => JSON.stringify(wipeVerdict(JSON.parse(row.body) as Verdict)),
  });
  const conversations = await sql<{ id: string }>`
    select distinct conversation_id as id from verdicts, ${keys} where ${SAME('verdicts')}`.execute(tx);
  await wipeOutbox(
    tx,
    tenant,
    places.map((place) => place.trace_id),
    conversations.rows.map((row) => row.id),
  );
  await sql`update verdicts set status = 'final' from ${keys} where ${SAME('verdicts')}`.execute(tx);
  await rewrite<Place & { body: string }>(tx, tenant, places, 'flags', {
    body: (row) => JSON.stringify(wipeFindings(JSON.parse(row.body) as WrittenFlag)),
  });
  await sql`update flags set words = '' from ${keys} where ${SAME('flags')}`.execute(tx);
  await sql`delete from trace_text using ${keys} where ${SAME('trace_text')}`.execute(tx);
  await sql`update reviews set note = null from ${keys}
    where reviews.tenant = k.tenant and reviews.trace_id = k.trace_id`.execute(tx);
};
