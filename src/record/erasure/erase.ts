import { type Kysely, type SqlBool, sql, type Transaction } from 'kysely';
import { sha256 } from '../../domain/ids.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { appendAudit } from '../audit.ts';
import type { Erased, Erasure, ErasureTarget, WrittenFlag } from '../contract.ts';
import type { Partitions } from '../partitions.ts';
import { inConversation } from '../response-links.ts';
import type { TraceHeader } from '../rows.ts';
import type { Database } from '../schema.ts';
import { wipeFindings, wipeHeader, wipeVerdict } from './wipe.ts';

// Erasure takes the words and leaves the figures: text, quotes, explanations, labels, notes and searchable words go, while
// decisions, scores and the audit chain stay, so that rates and the chain are what they were. It works in batches, each
// with its entry in the chain; one that was interrupted is finished by asking again.

export interface EraseDeps {
  readonly db: Kysely<Database>;
  readonly partitions: Partitions;
  readonly clock: () => Date;
  readonly newId: () => string;
}

/** Traces in one transaction. */
const BATCH = 200;

interface Place {
  readonly received_at: Date;
  readonly trace_id: string;
}

interface Found extends Place {
  readonly header: string;
}

const narrow = (tenant: string, target: ErasureTarget) => {
  switch (target.kind) {
    case 'conversation':
      return inConversation('conversation_id', tenant, target.id);
    case 'label':
      // Headers are written by JSON.stringify, so a label stands in them in one spelling alone. What this finds is looked
      // at again: the same characters may stand elsewhere.
      return sql<SqlBool>`position(${`${JSON.stringify(target.name)}:${JSON.stringify(target.value)}`} in header) > 0`;
    case 'tenant':
      return sql<SqlBool>`true`;
  }
};

const isMeant = (header: TraceHeader, target: ErasureTarget): boolean =>
  target.kind !== 'label' || (Object.hasOwn(header.labels, target.name) && header.labels[target.name] === target.value);

/** The next traces that are meant, and where to go on; null at the end. */
const nextBatch = async (
  db: Kysely<Database>,
  tenant: string,
  target: ErasureTarget,
  after: Place | null,
): Promise<{ readonly meant: readonly Place[]; readonly last: Place } | null> => {
  let select = db
    .selectFrom('verdicts')
    .select(['received_at', 'trace_id', 'header'])
    .where('tenant', '=', tenant)
    .where(narrow(tenant, target));
  if (after !== null) {
    const place = sql`(${after.received_at.toISOString()}::timestamptz, ${after.trace_id}::text)`;
    select = select.where(sql<SqlBool>`(received_at, trace_id) > ${place}`);
  }
  const rows: readonly Found[] = await select.orderBy('received_at').orderBy('trace_id').limit(BATCH).execute();
  const last = rows.at(-1);
  if (last === undefined) return null;
  const meant = rows.filter((row) => {
    const header = JSON.parse(row.header) as TraceHeader;
    return header.erasedAt === undefined && isMeant(header, target);
  });
  return { meant, last };
};

const keysOf = (tenant: string, places: readonly Place[]) => sql`
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

const wipe = async (tx: Transaction<Database>, tenant: string, places: readonly Place[], at: Date): Promise<void> => {
  const keys = keysOf(tenant, places);
  // First: a judge who is at work then finds his job gone and writes nothing, or has written and is wiped below.
  await sql`delete from judge_jobs using ${keys} where judge_jobs.tenant = k.tenant
    and judge_jobs.trace_id = k.trace_id`.execute(tx);
  await rewrite<Place & { header: string; body: string }>(tx, tenant, places, 'verdicts', {
    header: (row) => JSON.stringify(wipeHeader(JSON.parse(row.header) as TraceHeader, at)),
    body: (row) => JSON.stringify(wipeVerdict(JSON.parse(row.body) as Verdict)),
  });
  await sql`update verdicts set status = 'final' from ${keys} where ${SAME('verdicts')}`.execute(tx);
  await rewrite<Place & { body: string }>(tx, tenant, places, 'flags', {
    body: (row) => JSON.stringify(wipeFindings(JSON.parse(row.body) as WrittenFlag)),
  });
  await sql`update flags set words = '' from ${keys} where ${SAME('flags')}`.execute(tx);
  await sql`delete from trace_text using ${keys} where ${SAME('trace_text')}`.execute(tx);
  await sql`update reviews set note = null from ${keys}
    where reviews.tenant = k.tenant and reviews.trace_id = k.trace_id`.execute(tx);
};

/** What the chain says of the target: a label's value may be a person's name, so only its hash. */
const described = (target: ErasureTarget): object =>
  target.kind === 'label' ? { kind: 'label', name: target.name, valueHash: sha256(target.value) } : target;

/** See `Store.erase`. */
export const erase = async (deps: EraseDeps, { tenant, target, by, reason }: Erasure): Promise<Erased> => {
  const { db, partitions, clock } = deps;
  const id = deps.newId();
  const entry = (body: object) => ({
    tenant,
    kind: 'erasure' as const,
    subject: id,
    body: JSON.stringify({ by, reason, target: described(target), ...body }),
  });
  let traces = 0;
  let after: Place | null = null;
  for (let batch = await nextBatch(db, tenant, target, after); batch !== null; ) {
    const { meant } = batch;
    if (meant.length > 0) {
      const at = clock();
      await partitions.ensure([at]);
      await db.transaction().execute(async (tx) => {
        await wipe(tx, tenant, meant, at);
        await appendAudit(tx, [entry({ action: 'erased', traceIds: meant.map((place) => place.trace_id) })], at);
      });
      traces += meant.length;
    }
    after = batch.last;
    batch = await nextBatch(db, tenant, target, after);
  }
  const at = clock();
  await partitions.ensure([at]);
  await db.transaction().execute((tx) => appendAudit(tx, [entry({ action: 'finished', traces })], at));
  return { id, traces };
};
