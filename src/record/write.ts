import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { Clock } from '../domain/clock.ts';
import type { Decision, Verdict } from '../domain/verdict.ts';
import { chain, insertEntries, lockHeads, moveHeads } from './audit.ts';
import { silence } from './auditing/silence.ts';
import { bulkInsert } from './bulk-insert.ts';
import type { NewRecord, WriteResult } from './contract.ts';
import { addTurns, type RaiseOptions } from './conversation-risk.ts';
import { isPartitionMissing, isTransient } from './database-errors.ts';
import { type MessageOptions, messagesOf } from './messages.ts';
import { insertMessages } from './outbox.ts';
import type { Partitions } from './partitions.ts';
import { isLink, LINK_COLUMNS } from './response-links.ts';
import {
  auditEntryOf,
  FINDING_COLUMNS,
  FLAG_COLUMNS,
  findingRows,
  flagRows,
  IDENTITY_COLUMNS,
  isKept,
  JUDGE_COLUMNS,
  parseVerdict,
  type Row,
  rowOf,
  TEXT_COLUMNS,
  TOLD_COLUMNS,
  VERDICT_COLUMNS,
} from './rows.ts';
import type { Database } from './schema.ts';
import { type LevelOf, plainLevel } from './weight.ts';

// One transaction a batch, four statements where everything is new: claim the identities, insert what hangs on them, lock
// the audit chains, append to chains and outbox. The chains come last because their lock makes the batches of one tenant
// take turns until they are durable. It also gives the outbox ids of a tenant the order of their commits.

export interface WriteOptions extends MessageOptions, RaiseOptions {
  /** Share, 0–1, of unflagged traces whose text is kept. */
  readonly keepTraceShare: number;
  /** How the policy weighs a finding. Unset: what is meant or done alerts. */
  readonly levelOf?: LevelOf | undefined;
}

export interface WriteDeps {
  readonly db: Kysely<Database>;
  readonly partitions: Partitions;
  readonly clock: Clock;
  readonly options: WriteOptions;
}

export type Write = (records: readonly NewRecord[]) => Promise<readonly WriteResult[]>;

/** See `Store.write`. */
export const createWrite = (deps: WriteDeps): Write => {
  const once: Write = async (records) => {
    const at = deps.clock();
    await deps.partitions.ensure([at, ...records.map((r) => r.receivedAt)]);
    return deps.db.transaction().execute(async (tx) => {
      const { levelOf = plainLevel } = deps.options;
      return writeIn(tx, await silence(tx, records, at, levelOf), at, deps.options);
    });
  };
  return async (records) => {
    if (records.length === 0) return [];
    try {
      return await once(records);
    } catch (error) {
      if (isPartitionMissing(error)) deps.partitions.forget();
      else if (!isTransient(error)) throw error;
      return once(records);
    }
  };
};

/** Names hold no NUL (normalise sees to it), so no two pairs share a key. */
const keyOf = (tenant: string, traceId: string): string => `${tenant}\u0000${traceId}`;

const recordKey = ({ trace }: NewRecord): string => keyOf(trace.tenant, trace.id);

interface Standing {
  readonly contentHash: string;
  readonly verdict: Verdict;
}

const writeIn = async (
  tx: Transaction<Database>,
  records: readonly NewRecord[],
  at: Date,
  options: WriteOptions,
): Promise<readonly WriteResult[]> => {
  const firsts = new Map<string, NewRecord>();
  for (const record of records) {
    const key = recordKey(record);
    if (!firsts.has(key)) firsts.set(key, record);
  }
  const claimed = await claim(tx, firsts);
  const standing = await findStanding(
    tx,
    [...firsts].filter(([key]) => !claimed.has(key)).map(([, record]) => record),
  );
  const raised = await insert(
    tx,
    [...firsts].filter(([key]) => claimed.has(key)).map(([, record]) => rowOf(record, options.levelOf)),
    at,
    options,
  );
  const stored = new Set<string>();
  return records.map((record): WriteResult => {
    const key = recordKey(record);
    const first = firsts.get(key)!;
    if (claimed.has(key) && !stored.has(key)) {
      stored.add(key);
      const first = stored.size === 1 && raised.length > 0;
      return { kind: 'stored', verdict: record.verdict, ...(first ? { raised } : {}) };
    }
    const known = standing.get(key) ?? { contentHash: first.trace.contentHash, verdict: first.verdict };
    return known.contentHash === record.trace.contentHash
      ? { kind: 'duplicate', verdict: known.verdict }
      : { kind: 'conflict' };
  });
};

/**
 * Which ids are new. A claim waits for another transaction that has claimed the same id to end, so all writers claim in
 * one order.
 */
const claim = async (
  tx: Transaction<Database>,
  firsts: ReadonlyMap<string, NewRecord>,
): Promise<ReadonlySet<string>> => {
  const sorted = [...firsts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record);
  const { rows } = await sql<{ tenant: string; trace_id: string }>`
    ${bulkInsert('trace_identity', IDENTITY_COLUMNS, sorted)} on conflict do nothing returning tenant, trace_id
  `.execute(tx);
  return new Set(rows.map((row) => keyOf(row.tenant, row.trace_id)));
};

/** A statement of its own: it must see what the transactions committed that the claim waited for. */
const findStanding = async (
  tx: Transaction<Database>,
  records: readonly NewRecord[],
): Promise<ReadonlyMap<string, Standing>> => {
  if (records.length === 0) return new Map();
  const { rows } = await sql<{ tenant: string; trace_id: string; content_hash: string; body: string | null }>`
    select i.tenant, i.trace_id, i.content_hash, v.body
    from unnest(${records.map((r) => r.trace.tenant)}::text[], ${records.map((r) => r.trace.id)}::text[])
      as k(tenant, trace_id)
    join trace_identity i on i.tenant = k.tenant and i.trace_id = k.trace_id
    left join verdicts v on v.tenant = i.tenant and v.received_at = i.received_at and v.trace_id = i.trace_id
  `.execute(tx);
  const fresh = new Map(records.map((record) => [recordKey(record), record.verdict]));
  return new Map(
    rows.map((row) => {
      const key = keyOf(row.tenant, row.trace_id);
      // Retention may have dropped the verdict and not the identity: then today's verdict is as good an answer.
      const verdict = row.body === null ? fresh.get(key)! : parseVerdict(row.body);
      return [key, { contentHash: row.content_hash, verdict }];
    }),
  );
};

const insert = async (
  tx: Transaction<Database>,
  rows: readonly Row[],
  at: Date,
  options: WriteOptions,
): Promise<readonly Decision[]> => {
  if (rows.length === 0) return [];
  const findings = findingRows(rows);
  const flags = flagRows(rows);
  const queued = rows.filter((row) => row.judging !== undefined);
  const links = rows.filter(isLink);
  // What is to be judged is kept until it is, whatever the draw says.
  const texts = rows.filter((row) => row.judging !== undefined || isKept(row, options.keepTraceShare));
  await together(tx, [
    bulkInsert('verdicts', VERDICT_COLUMNS, rows),
    ...(findings.length > 0 ? [bulkInsert('findings', FINDING_COLUMNS, findings)] : []),
    ...(flags.length > 0 ? [bulkInsert('flags', FLAG_COLUMNS, flags)] : []),
    ...(texts.length > 0 ? [bulkInsert('trace_text', TEXT_COLUMNS, texts)] : []),
    // One response may come in two traces (with its request, and without): what was said first stands.
    ...(links.length > 0 ? [sql`${bulkInsert('response_links', LINK_COLUMNS, links)} on conflict do nothing`] : []),
    ...(queued.length > 0
      ? [
          bulkInsert(
            'judge_jobs',
            JUDGE_COLUMNS,
            queued.map((row) => ({ ...row, at })),
          ),
        ]
      : []),
  ]);
  const going = rows.map((record) => ({ record, ...messagesOf(record, options) }));
  const raised = await addTurns(
    tx,
    rows.map((record) => ({ record, before: null })),
    at,
    options,
  );
  const messages = [...going.flatMap((row) => row.messages), ...raised.messages];
  const told = going.flatMap(({ record, revision }) => (revision === null ? [] : [{ record, told: revision }]));
  const locked = await lockHeads(
    tx,
    rows.map((row) => row.trace.tenant),
  );
  const { entries, heads } = chain(locked, rows.map(auditEntryOf), at);
  await together(tx, [
    insertEntries(entries),
    moveHeads(heads),
    ...(messages.length > 0 ? [insertMessages(messages, at)] : []),
    ...(told.length > 0 ? [bulkInsert('alert_revisions', TOLD_COLUMNS, told)] : []),
  ]);
  return raised.decisions;
};

/** Several statements in one round trip. */
const together = async (tx: Transaction<Database>, statements: readonly RawBuilder<unknown>[]): Promise<void> => {
  const parts = statements.map((statement, i) => sql`${sql.id(`part_${i}`)} as (${statement})`);
  await sql`with ${sql.join(parts)} select 1`.execute(tx);
};
