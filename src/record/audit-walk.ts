import { type Kysely, sql } from 'kysely';
import { entryHash, GENESIS } from './audit.ts';
import type { Anchor, AuditReport, ChainBreak } from './contract.ts';
import type { Database } from './schema.ts';

// Reading the audit chains back: whether they are whole, from beginning to end or a stretch at a time.

export interface ChainReport {
  /** Entries found sound. */
  readonly entries: number;
  readonly break: ChainBreak | null;
}

/** How far a walk over a chain came. */
export interface ChainWalk {
  /** The last entry found sound; `seq` 0 before the first. */
  readonly at: Anchor;
  /** Whether that is where the chain ended. */
  readonly ended: boolean;
  readonly break: ChainBreak | null;
}

/** Before the first entry of any chain. */
export const START: Anchor = { seq: 0, hash: GENESIS };

const PAGE = 1_000;

/** Follows the chain from `from`, which is sound, up to entry `to`, a page at a time. */
const follow = async (
  db: Kysely<Database>,
  tenant: string,
  from: Anchor,
  to: number,
  anchor?: Anchor,
): Promise<Omit<ChainWalk, 'ended'>> => {
  let at = from;
  const broken = (seq: number, reason: ChainBreak['reason']) => ({ at, break: { seq, reason } });
  while (at.seq < to) {
    const upTo = Math.min(at.seq + PAGE, to);
    const page = await db
      .selectFrom('audit_log')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('seq', '>', at.seq)
      .where('seq', '<=', upTo)
      .orderBy('seq')
      .orderBy('at')
      .execute();
    for (const entry of page) {
      const found = { ...entry, seq: Number(entry.seq), prevHash: entry.prev_hash };
      if (found.seq !== at.seq + 1) return broken(Math.min(at.seq + 1, found.seq), 'missing');
      if (found.prevHash !== at.hash) return broken(found.seq, 'unlinked');
      if (entryHash(found) !== found.hash) return broken(found.seq, 'altered');
      if (found.seq === anchor?.seq && found.hash !== anchor.hash) return broken(found.seq, 'replaced');
      at = { seq: found.seq, hash: found.hash };
    }
    if (at.seq < upTo) return broken(at.seq + 1, 'missing');
  }
  return { at, break: null };
};

/**
 * Walks at most `limit` entries of a tenant's chain on from `from`, an entry that an earlier walk found sound, towards
 * where its head stands now. An `anchor` that the chain should hold is looked for on the way.
 */
export const walkChain = async (
  db: Kysely<Database>,
  tenant: string,
  from: Anchor,
  limit: number,
  anchor?: Anchor,
): Promise<ChainWalk> => {
  const row = await db.selectFrom('audit_head').select(['seq', 'hash']).where('tenant', '=', tenant).executeTakeFirst();
  const end = row === undefined ? await lastEntry(db, tenant) : Number(row.seq);
  // Whoever walked as far as `from` saw a head there: without one, or with one before that, entries are gone.
  const last = Math.max(end, from.seq);
  if (row === undefined && last > 0) return { at: from, ended: true, break: { seq: last, reason: 'headless' } };
  if (end < from.seq) return { at: from, ended: true, break: { seq: end + 1, reason: 'replaced' } };
  const { at, break: found } = await follow(db, tenant, from, Math.min(from.seq + limit, end), anchor);
  if (found !== null || at.seq < end) return { at, ended: false, break: found };
  if (row !== undefined && row.hash !== at.hash) return { at, ended: true, break: { seq: end, reason: 'headless' } };
  if (anchor !== undefined && anchor.seq > end) {
    return { at, ended: true, break: { seq: end + 1, reason: 'replaced' } };
  }
  return { at, ended: true, break: await findSurplus(db, tenant) };
};

/** Walks a tenant's chain from its beginning to where its head stood at the start. */
export const verifyChain = async (db: Kysely<Database>, tenant: string, anchor?: Anchor): Promise<ChainReport> => {
  const { at, break: found } = await walkChain(db, tenant, START, Number.POSITIVE_INFINITY, anchor);
  return { entries: at.seq, break: found };
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
