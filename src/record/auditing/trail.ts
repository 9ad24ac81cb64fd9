import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { AuditKind } from '../../domain/audit.ts';
import { flagIdOf } from '../../domain/ids.ts';
import type { Page } from '../contract.ts';
import { decodeCursor, instant, isStorable, type Position, toPage } from '../cursor.ts';
import { inConversation } from '../response-links.ts';
import type { Database } from '../schema.ts';
import type { AuditedEntry, PastVerdict, TrailQuery } from './contract.ts';

// Reading the audit log. Entries are found by what their hash covers and by nothing else, so that a column changed behind
// the service's back cannot hide one.

const LIST = 'audit';

/** As the index audit_log_actor has it, to the letter. */
const ACTOR = sql.raw(`substring(body from '"(?:by|reviewer|assignee)":("(?:[^"\\\\]|\\\\.)*")')`);

/** Of one conversation, the newest; and those whose ids are looked for inside of entries about many traces. */
const MOST_TRACES = 5_000;
const MOST_INSIDE = 200;

/** What was done to a conversation stands under its own id, those of its traces and flags, and inside of erasures. */
const concerns = async (own: Kysely<Database>, tenant: string, id: string): Promise<RawBuilder<SqlBool>> => {
  if (!isStorable(id)) return sql<SqlBool>`false`;
  const traces = await own
    .selectFrom('verdicts')
    .select('trace_id')
    .where('tenant', '=', tenant)
    .where(inConversation('conversation_id', tenant, id))
    .orderBy('received_at', 'desc')
    .limit(MOST_TRACES)
    .execute();
  const silencing = await own
    .selectFrom('suppressions')
    .select('id')
    .where('tenant', '=', tenant)
    .where('kind', '=', 'conversation')
    .where('value', '=', id)
    .execute();
  const ids = traces.map((row) => row.trace_id);
  const subjects = [id, ...ids, ...ids.map((traceId) => flagIdOf(tenant, traceId)), ...silencing.map((row) => row.id)];
  const inside = [
    JSON.stringify({ kind: 'conversation', id }),
    ...ids.slice(0, MOST_INSIDE).map((i) => JSON.stringify(i)),
  ];
  return sql<SqlBool>`(subject = any(${subjects}::text[]) or (kind in ('erasure', 'hold')
    and exists (select from unnest(${inside}::text[]) as i(text) where position(i.text in body) > 0)))`;
};

const positionOf = ({ at, seq }: { readonly at: Date; readonly seq: string | number | bigint }): Position => ({
  at: at.getTime(),
  id: String(seq),
});

/** Whoever may write to the table may have written anything. */
const detailsIn = (body: string): Readonly<Record<string, unknown>> | null => {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null;
  } catch {
    return null;
  }
};

const actorIn = (details: Readonly<Record<string, unknown>> | null): string | null => {
  const actor = details?.by ?? details?.reviewer ?? details?.assignee;
  return typeof actor === 'string' ? actor : null;
};

/**
 * See `AuditTrail.entries`. Under row-level security the index of actors is closed to the tenant (see flag-keys.ts), so the
 * owner finds the places and the tenant reads what stands there.
 */
export const findEntries = async (
  own: Kysely<Database>,
  owner: Kysely<Database>,
  tenant: string,
  query: TrailQuery,
): Promise<Page<AuditedEntry>> => {
  const cursor = query.cursor === undefined ? undefined : decodeCursor(LIST, query.cursor, isSeq);
  const backwards = cursor?.direction === 'previous';
  const { actor, action, conversationId, subject, from, to } = query;
  let select = (actor === undefined && conversationId === undefined ? own : owner)
    .selectFrom('audit_log')
    .select(['seq', 'at'])
    .where('tenant', '=', tenant);
  if (action !== undefined) select = select.where(sql<SqlBool>`kind = any(${[...action]}::text[])`);
  // Its verdicts have no actor, and those are most of a chain: their absence is what the index is for.
  if (actor !== undefined)
    select = select.where(sql<SqlBool>`kind <> 'verdict' and ${ACTOR} = ${JSON.stringify(actor)}`);
  if (subject !== undefined) {
    select = select.where(isStorable(subject) ? sql<SqlBool>`subject = ${subject}` : sql<SqlBool>`false`);
  }
  if (conversationId !== undefined) select = select.where(await concerns(own, tenant, conversationId));
  if (from !== undefined) select = select.where(sql<SqlBool>`at >= ${instant(from.getTime())}::timestamptz`);
  if (to !== undefined) select = select.where(sql<SqlBool>`at < ${instant(to.getTime())}::timestamptz`);
  if (cursor !== undefined) {
    const beside = sql`(${instant(cursor.at)}::timestamptz, ${cursor.id}::bigint)`;
    select = select.where(sql<SqlBool>`(at, seq) ${backwards ? sql`>` : sql`<`} ${beside}`);
  }
  const order = backwards ? 'asc' : 'desc';
  const keys = await select
    .orderBy('at', order)
    .orderBy('seq', order)
    .limit(query.limit + 1)
    .execute();
  const found = await own
    .selectFrom('audit_log')
    .select(['seq', 'at', 'kind', 'subject', 'body', 'prev_hash', 'hash'])
    .where('tenant', '=', tenant)
    .where(sql<SqlBool>`(seq, at) in (select k.seq::bigint, k.at::timestamptz
      from unnest(${keys.map((k) => String(k.seq))}::text[], ${keys.map((k) => k.at.toISOString())}::text[]) as k(seq, at))`)
    .execute();
  const bySeq = new Map(found.map((row) => [`${row.seq}@${row.at.getTime()}`, row]));
  const rows = keys.flatMap(({ seq, at }) => bySeq.get(`${seq}@${at.getTime()}`) ?? []);
  return toPage(LIST, rows, query.limit, cursor, positionOf, (row) => {
    const details = detailsIn(row.body);
    return {
      seq: Number(row.seq),
      at: row.at,
      action: row.kind as AuditKind,
      subject: row.subject,
      actor: actorIn(details),
      details,
      body: row.body,
      prevHash: row.prev_hash,
      hash: row.hash,
    };
  });
};

const isSeq = (id: string): boolean => /^\d{1,15}$/.test(id);

/** See `AuditTrail.verdicts`. */
export const findPastVerdicts = async (
  own: Kysely<Database>,
  tenant: string,
  traceIds: readonly string[],
): Promise<ReadonlyMap<string, readonly PastVerdict[]>> => {
  if (traceIds.length === 0) return new Map();
  const rows = await own
    .selectFrom('audit_log')
    .select(['seq', 'at', 'subject', 'body'])
    .where('tenant', '=', tenant)
    .where('kind', '=', 'verdict')
    .where(sql<SqlBool>`subject = any(${[...traceIds]}::text[])`)
    .orderBy('seq')
    .execute();
  const past = rows.flatMap((row) => {
    const details = detailsIn(row.body);
    if (details === null) return [];
    const { status, decision, risk, assessment = null, versions, verdictHash } = details as unknown as PastVerdict;
    const entry = { seq: Number(row.seq), at: row.at, status, decision, risk, assessment, versions, verdictHash };
    return [{ traceId: row.subject, entry }];
  });
  return new Map(
    [...Map.groupBy(past, ({ traceId }) => traceId)].map(([traceId, of]) => [traceId, of.map(({ entry }) => entry)]),
  );
};
