import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { RetainedKind } from '../../domain/audit.ts';
import { type Partition, partitionsOf } from '../partitions.ts';
import type { Database } from '../schema.ts';
import { anyHeld, HELD } from './held.ts';
import { BUSY, type RetentionRun, type Taken, takeTurn, totalOf } from './turn.ts';

// What is wholly too old goes partition by partition. One without held rows is dropped, which costs nothing however large
// it is. One with held rows loses the others in batches and stays, until the hold is lifted.

/** Rows in one transaction. */
const BATCH = 500;

export interface OldRows {
  readonly what: RetainedKind;
  /** The table that says what there is: one row a trace. */
  readonly table: 'trace_text' | 'verdicts';
  /** Before the partition is dropped: what hangs on its traces elsewhere, and other partitions of the same time. */
  readonly drop: (tx: Transaction<Database>, partition: Partition) => Promise<void>;
  /** Of single traces, that `k(tenant, received_at, trace_id)` names. */
  readonly remove: (tx: Transaction<Database>, keys: RawBuilder<unknown>) => Promise<void>;
}

interface Count {
  readonly tenant: string;
  readonly n: string | number | bigint;
}

const takenOf = (rows: readonly Count[]): Taken<unknown>['from'] =>
  rows.map(({ tenant, n }) => ({ tenant, traces: Number(n) }));

/** A row whose verdict is gone belongs to nothing that could be held. */
const joined = (table: OldRows['table'], name: string): RawBuilder<unknown> =>
  table === 'verdicts'
    ? sql`${sql.id(name)} v`
    : sql`${sql.id(name)} r left join verdicts v
        on v.tenant = r.tenant and v.received_at = r.received_at and v.trace_id = r.trace_id`;

const ROW = { verdicts: sql.id('v'), trace_text: sql.id('r') } as const;

const isHeld = async (tx: Transaction<Database>, { table }: OldRows, name: string): Promise<boolean> => {
  if (!(await anyHeld(tx))) return false;
  const { rows } = await sql`select 1 from ${joined(table, name)} where ${HELD} limit 1`.execute(tx);
  return rows.length > 0;
};

/** Null where held rows are in it. */
const dropWhole = (run: RetentionRun, old: OldRows, partition: Partition, before: Date) =>
  takeTurn<number | null>(run, old.what, before, async (tx) => {
    if (await isHeld(tx, old, partition.name)) return { result: null, from: [] };
    const { rows } = await sql<Count>`
      select tenant, count(*) as n from ${sql.id(partition.name)} group by tenant order by tenant`.execute(tx);
    await old.drop(tx, partition);
    await sql`drop table ${sql.id(partition.name)}`.execute(tx);
    const from = takenOf(rows);
    return { result: totalOf(from), from };
  });

const removeBatch = (run: RetentionRun, old: OldRows, partition: Partition, before: Date) =>
  takeTurn<number>(run, old.what, before, async (tx) => {
    const row = ROW[old.table];
    const { rows: due } = await sql<{ tenant: string; received_at: Date; trace_id: string }>`
      select ${row}.tenant, ${row}.received_at, ${row}.trace_id from ${joined(old.table, partition.name)}
      where not ${HELD} limit ${BATCH}`.execute(tx);
    if (due.length === 0) return { result: 0, from: [] };
    await old.remove(
      tx,
      sql`(select u.tenant, u.at::timestamptz as received_at, u.id as trace_id
        from unnest(${due.map((r) => r.tenant)}::text[], ${due.map((r) => r.received_at.toISOString())}::text[],
          ${due.map((r) => r.trace_id)}::text[]) as u(tenant, at, id)) as k`,
    );
    const from = [...Map.groupBy(due, ({ tenant }) => tenant)].map(([tenant, of]) => ({ tenant, traces: of.length }));
    return { result: due.length, from };
  });

export interface Expiry {
  readonly traces: number;
  readonly complete: boolean;
}

export const expireOld = async (run: RetentionRun, old: OldRows, before: Date): Promise<Expiry> => {
  let traces = 0;
  for (const partition of await partitionsOf(run.db as Kysely<Database>, old.table)) {
    if (partition.to > before) continue;
    const dropped = await dropWhole(run, old, partition, before);
    if (dropped === BUSY) return { traces, complete: false };
    if (dropped !== null) {
      traces += dropped;
      run.partitions.forget();
      continue;
    }
    for (let gone: number | typeof BUSY = BATCH; gone === BATCH; ) {
      gone = await removeBatch(run, old, partition, before);
      if (gone === BUSY) return { traces, complete: false };
      traces += gone;
    }
  }
  return { traces, complete: true };
};
