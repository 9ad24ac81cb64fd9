import { type Kysely, sql } from 'kysely';
import { ADVISORY_LOCKS } from './advisory-locks.ts';
import type { Database } from './schema.ts';

// Retention drops whole partitions. Text is what must go first and to the day, so it is cut by day. Everything else
// lives for months or years and is also read without a time (a flag by id, a conversation): there, few partitions matter
// more than fine ones, so it is cut by month.

type Grain = 'day' | 'month';

const GRAINS = {
  verdicts: 'month',
  findings: 'month',
  flags: 'month',
  audit_log: 'month',
  trace_text: 'day',
} as const satisfies Partial<Record<keyof Database, Grain>>;

type Partitioned = keyof typeof GRAINS;

const TABLES = Object.keys(GRAINS) as Partitioned[];

const DAYS_AHEAD = 2;

export interface Partition {
  readonly table: Partitioned;
  readonly name: string;
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

const twoDigits = (n: number): string => String(n).padStart(2, '0');

/** The partition of a table that an instant falls into, by UTC. */
export const partitionOf = (table: Partitioned, at: Date): Partition => {
  const year = at.getUTCFullYear();
  const month = at.getUTCMonth();
  if (GRAINS[table] === 'month') {
    const name = `${table}_${year}_${twoDigits(month + 1)}`;
    return { table, name, from: new Date(Date.UTC(year, month)), to: new Date(Date.UTC(year, month + 1)) };
  }
  const day = at.getUTCDate();
  const name = `${table}_${year}_${twoDigits(month + 1)}_${twoDigits(day)}`;
  return { table, name, from: new Date(Date.UTC(year, month, day)), to: new Date(Date.UTC(year, month, day + 1)) };
};

/** The partitions that a table has, oldest first. */
export const partitionsOf = async (db: Kysely<Database>, table: Partitioned): Promise<readonly Partition[]> => {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_inherits i
    join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
    join pg_namespace n on n.oid = p.relnamespace
    where p.relname = ${table} and n.nspname = current_schema() order by 1
  `.execute(db);
  return rows.flatMap(({ name }) => {
    const [, year, month, day = '1'] = /_(\d{4})_(\d{2})(?:_(\d{2}))?$/.exec(name) ?? [];
    if (year === undefined || month === undefined) return [];
    const partition = partitionOf(table, new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))));
    return partition.name === name ? [partition] : [];
  });
};

export interface Partitions {
  /** Makes what is missing for rows of these instants. Costs nothing where this process has seen them before. */
  ensure(instants: readonly Date[]): Promise<void>;
  /** Makes those of now and of what comes next. */
  prepare(now: Date): Promise<void>;
  /** Somebody dropped a partition: look again. */
  forget(): void;
}

export const createPartitions = (db: Kysely<Database>): Partitions => {
  const known = new Set<string>();

  const ensure = async (instants: readonly Date[]): Promise<void> => {
    const missing = new Map<string, Partition>();
    for (const at of instants) {
      for (const table of TABLES) {
        const partition = partitionOf(table, at);
        if (!known.has(partition.name)) missing.set(partition.name, partition);
      }
    }
    if (missing.size === 0) return;
    await create(db, [...missing.values()]);
    for (const name of missing.keys()) known.add(name);
  };

  return {
    ensure,
    prepare: (now) => {
      const at = (month: number, day: number): Date =>
        new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + month, day));
      const days = Array.from({ length: DAYS_AHEAD + 1 }, (_, i) => at(0, now.getUTCDate() + i));
      return ensure([...days, at(1, 1)]);
    },
    forget: () => known.clear(),
  };
};

/**
 * Apart from the transactions that write, so that no writer ever waits for a lock on a table: a table made first and
 * attached then takes only SHARE UPDATE EXCLUSIVE on its parent, where CREATE … PARTITION OF would shut out everybody.
 * The advisory lock makes replicas take turns.
 */
const create = async (db: Kysely<Database>, wanted: readonly Partition[]): Promise<void> =>
  db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.partitions}::bigint)`.execute(tx);
    const names = wanted.map((p) => p.name);
    const { rows } = await sql<{ name: string }>`
      select c.relname as name from pg_inherits i
      join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
      where c.relname = any(${names}::text[]) and n.nspname = current_schema()
    `.execute(tx);
    const present = new Set(rows.map((row) => row.name));
    for (const { table, name, from, to } of wanted) {
      if (present.has(name)) continue;
      await sql`create table if not exists ${sql.id(name)} (like ${sql.id(table)} including all)`.execute(tx);
      await sql`alter table ${sql.id(table)} attach partition ${sql.id(name)}
        for values from (${sql.lit(from.toISOString())}) to (${sql.lit(to.toISOString())})`.execute(tx);
    }
  });
