import { type Kysely, sql, type Transaction } from 'kysely';
import { deriveId, sha256 } from '../../domain/ids.ts';
import { type ReviewOutcome, reviewStateOf } from '../../domain/review.ts';
import { isStorable } from '../cursor.ts';
import type { MessageOptions } from '../messages.ts';
import type { Database } from '../schema.ts';
import { actAsOwner } from '../tenancy/tenant-driver.ts';
import { type AuditedDeps, audited } from './audited.ts';
import type { NewReview, Review, Reviewed } from './contract.ts';
import { tellReview } from './review-alert.ts';

// Reviews are appended under a lock of their flag, which gives them their order and the flag its state.

const lockFlag = async (tx: Transaction<Database>, tenant: string, flagId: string) =>
  tx
    .selectFrom('flags')
    .select(['trace_id', 'received_at', 'assignee', 'assigned_until'])
    .where('tenant', '=', tenant)
    .where('id', '=', flagId)
    .forUpdate()
    .executeTakeFirst();

const written = (db: Kysely<Database>, tenant: string, flagId: string) =>
  db
    .selectFrom('reviews')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('flag_id', '=', flagId)
    .orderBy('position')
    .execute();

const idOf = (tenant: string, flagId: string, position: number): string =>
  deriveId('review', tenant, flagId, String(position));

/** See `Reviews.add`. A note is not repeated in the chain: it may quote the trace, and must be able to go with it. */
export const addReview = (
  deps: AuditedDeps,
  tenant: string,
  flagId: string,
  review: NewReview,
  options: MessageOptions,
): Promise<Reviewed | null> =>
  audited<Reviewed | null>(deps, async (tx, at) => {
    const flag = isStorable(flagId) ? await lockFlag(tx, tenant, flagId) : undefined;
    if (flag === undefined) return { result: null, entry: null };
    const earlier = await written(tx, tenant, flagId);
    const position = earlier.length + 1;
    const { outcome, note, reviewer } = review;
    await tx
      .insertInto('reviews')
      .values({
        tenant,
        flag_id: flagId,
        position,
        trace_id: flag.trace_id,
        outcome,
        note: note === null ? null : JSON.stringify(note),
        reviewer,
        at,
      })
      .execute();
    const all = [...earlier.map((row) => ({ reviewer: row.reviewer, outcome: row.outcome as ReviewOutcome })), review];
    const state = reviewStateOf(all);
    const done = flag.assignee === reviewer;
    await tx
      .updateTable('flags')
      .set({ review: state, ...(done ? { assignee: null, assigned_until: null } : {}) })
      .where('tenant', '=', tenant)
      .where('received_at', '=', flag.received_at)
      .where('id', '=', flagId)
      .execute();
    await actAsOwner(tx);
    await tellReview(tx, { ...flag, tenant }, state, at, options);
    const id = idOf(tenant, flagId, position);
    const noteHash = note === null ? null : sha256(JSON.stringify(note));
    const body = JSON.stringify({
      action: 'reviewed',
      id,
      flagId,
      traceId: flag.trace_id,
      position,
      outcome,
      reviewer,
      noteHash,
      state,
    });
    return {
      result: { review: { ...review, id, flagId, position, at }, state },
      entry: { tenant, kind: 'review', subject: flagId, body },
    };
  });

/** See `Reviews.list`. */
export const findReviews = async (
  db: Kysely<Database>,
  tenant: string,
  flagId: string,
): Promise<readonly Review[] | null> => {
  if (!isStorable(flagId)) return null;
  const rows = await written(db, tenant, flagId);
  if (rows.length === 0) {
    const { rows: found } = await sql`select 1 from flags where tenant = ${tenant} and id = ${flagId}`.execute(db);
    return found.length === 0 ? null : [];
  }
  return rows.map((row) => ({
    id: idOf(tenant, flagId, row.position),
    flagId,
    position: row.position,
    outcome: row.outcome as ReviewOutcome,
    note: row.note === null ? null : (JSON.parse(row.note) as string),
    reviewer: row.reviewer,
    at: row.at,
  }));
};

/** See `Reviews.assign`. */
export const assignFlag = (
  deps: AuditedDeps,
  tenant: string,
  flagId: string,
  assignee: string,
  until: Date,
): Promise<'assigned' | 'taken' | null> =>
  audited<'assigned' | 'taken' | null>(deps, async (tx, at) => {
    const flag = isStorable(flagId) ? await lockFlag(tx, tenant, flagId) : undefined;
    if (flag === undefined) return { result: null, entry: null };
    const held = flag.assignee !== null && flag.assigned_until !== null && flag.assigned_until > at;
    if (held && flag.assignee !== assignee) return { result: 'taken', entry: null };
    await setAssignment(tx, tenant, flagId, flag.received_at, assignee, until);
    const body = JSON.stringify({ action: 'assigned', flagId, assignee, until: until.toISOString() });
    return { result: 'assigned', entry: { tenant, kind: 'review', subject: flagId, body } };
  });

/** See `Reviews.release`. */
export const releaseFlag = (deps: AuditedDeps, tenant: string, flagId: string, assignee: string): Promise<boolean> =>
  audited<boolean>(deps, async (tx) => {
    const flag = isStorable(flagId) ? await lockFlag(tx, tenant, flagId) : undefined;
    if (flag === undefined) return { result: false, entry: null };
    if (flag.assignee !== assignee) return { result: true, entry: null };
    await setAssignment(tx, tenant, flagId, flag.received_at, null, null);
    const body = JSON.stringify({ action: 'released', flagId, assignee });
    return { result: true, entry: { tenant, kind: 'review', subject: flagId, body } };
  });

const setAssignment = async (
  tx: Transaction<Database>,
  tenant: string,
  flagId: string,
  receivedAt: Date,
  assignee: string | null,
  until: Date | null,
): Promise<void> => {
  await tx
    .updateTable('flags')
    .set({ assignee, assigned_until: until })
    .where('tenant', '=', tenant)
    .where('received_at', '=', receivedAt)
    .where('id', '=', flagId)
    .execute();
};
