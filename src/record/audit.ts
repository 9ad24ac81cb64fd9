import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { AuditKind } from '../domain/audit.ts';
import { sha256 } from '../domain/ids.ts';
import { bulkInsert, type Column } from './bulk-insert.ts';
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
