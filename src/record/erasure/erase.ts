import { type Kysely, type SqlBool, sql } from 'kysely';
import { CodedError } from '../../domain/errors.ts';
import { appendAudit } from '../audit.ts';
import type { Partitions } from '../partitions.ts';
import { inConversation } from '../response-links.ts';
import { anyHeld, HELD, lockHolds, needleOf } from '../retention/held.ts';
import { described } from '../retention/holds.ts';
import type { Database } from '../schema.ts';
import type { TraceHeader } from '../trace-header.ts';
import type { Erased, Erasure, ErasureTarget } from './contract.ts';
import { type Place, wipe } from './wipe-rows.ts';

// Erasure takes the words and leaves the figures: text, quotes, explanations, labels, notes and searchable words go, while
// decisions, scores and the audit chain stay, so that rates and the chain are what they were. It works in batches, each
// with its entry in the chain; one that was interrupted is finished by asking again. What is under a legal hold stays: an
// erasure that meets it is refused before it takes anything, or, where that was asked for, leaves it out and says so.

export interface EraseDeps {
  readonly db: Kysely<Database>;
  readonly partitions: Partitions;
  readonly clock: () => Date;
  readonly newId: () => string;
}

/** Traces in one transaction. */
const BATCH = 200;

interface Found extends Place {
  readonly header: string;
  readonly held: boolean;
}

const narrow = (tenant: string, target: ErasureTarget) => {
  switch (target.kind) {
    case 'conversation':
      return inConversation('conversation_id', tenant, target.id);
    case 'label':
      // Headers are written by JSON.stringify, so a label stands in them in one spelling alone. What this finds is looked
      // at again: the same characters may stand elsewhere.
      return sql<SqlBool>`position(${needleOf(target)} in header) > 0`;
    case 'tenant':
      return sql<SqlBool>`true`;
  }
};

const isMeant = (header: TraceHeader, target: ErasureTarget): boolean =>
  target.kind !== 'label' || (Object.hasOwn(header.labels, target.name) && header.labels[target.name] === target.value);

interface Batch {
  readonly meant: readonly Place[];
  readonly held: readonly Place[];
  readonly last: Place;
}

/** The next traces that are meant, and where to go on; null at the end. */
const nextBatch = async (
  db: Kysely<Database>,
  tenant: string,
  target: ErasureTarget,
  after: Place | null,
): Promise<Batch | null> => {
  let select = db
    .selectFrom('verdicts as v')
    .select(['v.received_at', 'v.trace_id', 'v.header', HELD.as('held')])
    .where('v.tenant', '=', tenant)
    .where(narrow(tenant, target));
  if (after !== null) {
    const place = sql`(${after.received_at.toISOString()}::timestamptz, ${after.trace_id}::text)`;
    select = select.where(sql<SqlBool>`(v.received_at, v.trace_id) > ${place}`);
  }
  const rows: readonly Found[] = await select.orderBy('v.received_at').orderBy('v.trace_id').limit(BATCH).execute();
  const last = rows.at(-1);
  if (last === undefined) return null;
  const meant = rows.filter((row) => {
    const header = JSON.parse(row.header) as TraceHeader;
    return header.erasedAt === undefined && isMeant(header, target);
  });
  return { meant: meant.filter((row) => !row.held), held: meant.filter((row) => row.held), last };
};

const refused = (): CodedError =>
  new CodedError('legal_hold', 'A legal hold covers some of what was named; nothing more was erased.');

/** Before anything is taken, so that a refusal leaves everything as it was. */
const refuseHeld = async (db: Kysely<Database>, tenant: string, target: ErasureTarget): Promise<void> => {
  if (!(await anyHeld(db, tenant))) return;
  for (let after: Place | null = null; ; ) {
    const batch: Batch | null = await nextBatch(db, tenant, target, after);
    if (batch === null) return;
    if (batch.held.length > 0) throw refused();
    after = batch.last;
  }
};

/** See `Store.erase`. */
export const erase = async (deps: EraseDeps, erasure: Erasure): Promise<Erased> => {
  const { db, partitions, clock } = deps;
  const { tenant, target, by, reason, skipHeld = false } = erasure;
  const id = deps.newId();
  const entry = (body: object) => ({
    tenant,
    kind: 'erasure' as const,
    subject: id,
    body: JSON.stringify({ by, reason, target: described(target), ...body }),
  });
  if (!skipHeld) await refuseHeld(db, tenant, target);
  let traces = 0;
  let held = 0;
  for (let after: Place | null = null; ; ) {
    const at = clock();
    await partitions.ensure([at]);
    const from: Place | null = after;
    const batch: Batch | null = await db.transaction().execute(async (tx) => {
      // A hold is either seen by the look that follows, or waits until this is done.
      await lockHolds(tx, 'take');
      const found = await nextBatch(tx, tenant, target, from);
      if (found === null) return null;
      if (found.held.length > 0 && !skipHeld) throw refused();
      if (found.meant.length === 0) return found;
      await wipe(tx, tenant, found.meant, at);
      await appendAudit(tx, [entry({ action: 'erased', traceIds: found.meant.map((place) => place.trace_id) })], at);
      return found;
    });
    if (batch === null) break;
    traces += batch.meant.length;
    held += batch.held.length;
    after = batch.last;
  }
  const at = clock();
  await partitions.ensure([at]);
  const end = entry({ action: 'finished', traces, ...(held === 0 ? {} : { held }) });
  await db.transaction().execute((tx) => appendAudit(tx, [end], at));
  return { id, traces, held };
};
