import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { AuditKind } from '../domain/audit.ts';
import { sha256 } from '../domain/ids.ts';
import { bulkInsert, type Column } from './bulk-insert.ts';
import type { Anchor, AuditReport, ChainBreak } from './contract.ts';
import type { Database } from './schema.ts';

// The audit log is one hash chain per tenant: each entry's hash covers the hash before it, so that an entry that was
// altered, removed or moved breaks every hash after it. Whoever can rewrite the whole chain and its head can forge it;
// against that, keep head hashes somewhere else.

/** What comes before the first entry. */
export const GENESIS = '0'.repeat(64);

export interface AuditEntry {
  readonly tenant: string;
  readonly kind: AuditKind;
  /** What the entry is about: the id of a trace, conversation, flag, key … */
  readonly subject: string;
  /** JSON. */
  readonly body: string;
}

export interface ChainedEntry extends AuditEntry {
  readonly seq: number;
  readonly at: Date;
  readonly prevHash: string;
  readonly hash: string;
}

export interface ChainHead {
  readonly tenant: string;
  readonly seq: number;
  readonly hash: string;
}

type Hashed = Omit<ChainedEntry, 'hash' | 'kind'> & { readonly kind: string };

/** A JSON array leaves no doubt where one field ends and the next begins. */
export const entryHash = ({ prevHash, tenant, seq, at, kind, subject, body }: Hashed): string =>
  sha256(prevHash + JSON.stringify([tenant, seq, at.toISOString(), kind, subject, body]));

/**
 * Locks the chains of these tenants until the transaction ends, in one order everywhere so that batches cannot deadlock,
 * and starts those that do not exist. The update changes nothing: unlike a select it also locks a row that a
 * transaction started moments ago, and hands out its latest state.
 */
export const lockHeads = async (
  tx: Transaction<Database>,
  tenants: readonly string[],
): Promise<ReadonlyMap<string, ChainHead>> => {
  const sorted = [...new Set(tenants)].sort();
  const { rows } = await sql<{ tenant: string; seq: string | number | bigint; hash: string }>`
    insert into audit_head (tenant, seq, hash)
    select tenant, 0, ${GENESIS}::text from unnest(${sorted}::text[]) as u(tenant)
    on conflict (tenant) do update set tenant = excluded.tenant
    returning tenant, seq, hash
  `.execute(tx);
  return new Map(rows.map(({ tenant, seq, hash }) => [tenant, { tenant, seq: Number(seq), hash }]));
};

/** Links entries to their chains, in the order given. `heads` must be locked. */
export const chain = (
  heads: ReadonlyMap<string, ChainHead>,
  entries: readonly AuditEntry[],
  at: Date,
): { readonly entries: readonly ChainedEntry[]; readonly heads: readonly ChainHead[] } => {
  const latest = new Map(heads);
  const chained = entries.map((entry) => {
    const { seq, hash: prevHash } = latest.get(entry.tenant)!;
    const next = { ...entry, seq: seq + 1, at, prevHash };
    const hash = entryHash(next);
    latest.set(entry.tenant, { tenant: entry.tenant, seq: next.seq, hash });
    return { ...next, hash };
  });
  return { entries: chained, heads: [...latest.values()] };
};

const COLUMNS: readonly Column<ChainedEntry>[] = [
  { name: 'tenant', type: 'text', value: (e) => e.tenant },
  { name: 'seq', type: 'bigint', value: (e) => String(e.seq) },
  { name: 'at', type: 'timestamptz', value: (e) => e.at.toISOString() },
  { name: 'kind', type: 'text', value: (e) => e.kind },
  { name: 'subject', type: 'text', value: (e) => e.subject },
  { name: 'body', type: 'text', value: (e) => e.body },
  { name: 'prev_hash', type: 'text', value: (e) => e.prevHash },
  { name: 'hash', type: 'text', value: (e) => e.hash },
];

export const insertEntries = (entries: readonly ChainedEntry[]): RawBuilder<unknown> =>
  bulkInsert('audit_log', COLUMNS, entries);

export const moveHeads = (heads: readonly ChainHead[]): RawBuilder<unknown> => sql`
  update audit_head h set seq = u.seq::bigint, hash = u.hash
  from unnest(${heads.map((h) => h.tenant)}::text[], ${heads.map((h) => String(h.seq))}::text[],
    ${heads.map((h) => h.hash)}::text[]) as u(tenant, seq, hash)
  where h.tenant = u.tenant`;

/**
 * Appends entries to their chains in a transaction of the caller's, so that what was done and the entry that says so
 * become durable together. Call it last: the chains stay locked until the transaction ends.
 */
export const appendAudit = async (
  tx: Transaction<Database>,
  entries: readonly AuditEntry[],
  at: Date,
): Promise<void> => {
  if (entries.length === 0) return;
  const locked = await lockHeads(
    tx,
    entries.map(({ tenant }) => tenant),
  );
  const chained = chain(locked, entries, at);
  await insertEntries(chained.entries).execute(tx);
  await moveHeads(chained.heads).execute(tx);
};

export interface ChainReport {
  /** Entries found sound. */
  readonly entries: number;
  readonly break: ChainBreak | null;
}

const PAGE = 1_000;

/** Walks a tenant's chain from its beginning to where its head stood at the start, a page at a time. */
export const verifyChain = async (db: Kysely<Database>, tenant: string, anchor?: Anchor): Promise<ChainReport> => {
  const row = await db.selectFrom('audit_head').select(['seq', 'hash']).where('tenant', '=', tenant).executeTakeFirst();
  const end = row === undefined ? await lastEntry(db, tenant) : Number(row.seq);
  if (row === undefined && end > 0) return { entries: 0, break: { seq: end, reason: 'headless' } };
  let prevHash = GENESIS;
  let seq = 0;
  while (seq < end) {
    const to = Math.min(seq + PAGE, end);
    const page = await db
      .selectFrom('audit_log')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('seq', '>', seq)
      .where('seq', '<=', to)
      .orderBy('seq')
      .orderBy('at')
      .execute();
    for (const entry of page) {
      const found = { ...entry, seq: Number(entry.seq), prevHash: entry.prev_hash };
      if (found.seq !== seq + 1)
        return { entries: seq, break: { seq: Math.min(seq + 1, found.seq), reason: 'missing' } };
      if (found.prevHash !== prevHash) return { entries: seq, break: { seq: found.seq, reason: 'unlinked' } };
      if (entryHash(found) !== found.hash) return { entries: seq, break: { seq: found.seq, reason: 'altered' } };
      if (found.seq === anchor?.seq && found.hash !== anchor.hash) {
        return { entries: seq, break: { seq: found.seq, reason: 'replaced' } };
      }
      seq = found.seq;
      prevHash = found.hash;
    }
    if (seq < to) return { entries: seq, break: { seq: seq + 1, reason: 'missing' } };
  }
  if (row !== undefined && row.hash !== prevHash) return { entries: seq, break: { seq: end, reason: 'headless' } };
  if (anchor !== undefined && anchor.seq > end) return { entries: seq, break: { seq: end + 1, reason: 'replaced' } };
  return { entries: seq, break: await findSurplus(db, tenant) };
};

/** One statement, so that head and log are seen at the same moment however many writers there are. */
const findSurplus = async (db: Kysely<Database>, tenant: string): Promise<ChainBreak | null> => {
  const { rows } = await sql<Record<'head' | 'first' | 'last', string | number | bigint | null>>`
    select (select seq from audit_head where tenant = ${tenant}) as head,
      (select min(seq) from audit_log where tenant = ${tenant}) as first,
      (select max(seq) from audit_log where tenant = ${tenant}) as last
  `.execute(db);
  const { head, first, last } = rows[0]!;
  if (first !== null && Number(first) < 1) return { seq: Number(first), reason: 'surplus' };
  return last !== null && Number(last) > Number(head ?? 0) ? { seq: Number(head ?? 0) + 1, reason: 'surplus' } : null;
};

/** See `Store.verifyAudit`. */
export const verifyAudit = async (db: Kysely<Database>, tenant: string, anchor?: Anchor): Promise<AuditReport> => {
  const { entries, break: broken } = await verifyChain(db, tenant, anchor);
  const last = await db
    .selectFrom('audit_log')
    .select(['seq', 'hash'])
    .where('tenant', '=', tenant)
    .where('seq', '=', String(entries))
    .executeTakeFirst();
  return {
    tenant,
    entries,
    end: last === undefined ? null : { seq: Number(last.seq), hash: last.hash },
    break: broken,
  };
};

/** Everybody who has a chain, or what is left of one. */
export const chainedTenants = async (db: Kysely<Database>): Promise<readonly string[]> => {
  const { rows } = await sql<{ tenant: string }>`
    select tenant from audit_head union select tenant from audit_log order by 1`.execute(db);
  return rows.map(({ tenant }) => tenant);
};

const lastEntry = async (db: Kysely<Database>, tenant: string): Promise<number> => {
  const { seq } = await db
    .selectFrom('audit_log')
    .select((e) => e.fn.max('seq').as('seq'))
    .where('tenant', '=', tenant)
    .executeTakeFirstOrThrow();
  return Number(seq ?? 0);
};
