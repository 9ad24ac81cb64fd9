import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Column } from './bulk-insert.ts';
import type { NewRecord } from './contract.ts';
import { isStorable } from './cursor.ts';
import type { Database } from './schema.ts';

// Responses name the response before them and no conversation. A turn that comes after its predecessor is filed where that
// one is; turns that came in another order are filed under the name they could be given, and are found by these links.

/** Members of one conversation that a query looks at: a chain is hostile input too, and may be made to have no end. */
const MAX_MEMBERS = 10_000;

export const LINK_COLUMNS: readonly Column<NewRecord>[] = [
  { name: 'tenant', type: 'text', value: (r) => r.trace.tenant },
  { name: 'response_id', type: 'text', value: (r) => r.trace.origin?.responseId ?? null },
  { name: 'previous_id', type: 'text', value: (r) => r.trace.origin?.previousResponseId ?? null },
  { name: 'conversation_id', type: 'text', value: (r) => r.trace.conversationId },
  { name: 'received_at', type: 'timestamptz', value: (r) => r.receivedAt.toISOString() },
];

/** Whether there is a link to write: both ends are named, and they are two. */
export const isLink = ({ trace }: NewRecord): boolean => {
  const { responseId, previousResponseId } = trace.origin ?? {};
  return responseId !== undefined && previousResponseId !== undefined && responseId !== previousResponseId;
};

/** See `Store.conversationOf`. */
export const findConversationOf = async (db: Kysely<Database>, tenant: string, responseId: string): Promise<string> => {
  if (!isStorable(responseId)) return responseId;
  const link = await db
    .selectFrom('response_links')
    .select('conversation_id')
    .where('tenant', '=', tenant)
    .where('response_id', '=', responseId)
    .executeTakeFirst();
  return link?.conversation_id ?? responseId;
};

/** All names of a conversation, by one of them. */
export const namesOf = (tenant: RawBuilder<unknown>, id: RawBuilder<unknown>): RawBuilder<unknown> => sql`array(
  with recursive member(id) as (
    select ${id}
    union
    select unnest(case when l.response_id = member.id then array[l.previous_id, l.conversation_id]
      else array[l.response_id] end)
    from member join response_links l on l.tenant = ${tenant}
      and (l.response_id = member.id or l.previous_id = member.id or l.conversation_id = member.id)
  )
  select id from member limit ${sql.lit(MAX_MEMBERS)})`;

/** Whether a row belongs to a conversation: under its own name, or under that of a response that is linked to it. */
export const inConversation = (column: string, tenant: string, conversationId: string): RawBuilder<SqlBool> =>
  isStorable(conversationId)
    ? sql<SqlBool>`${sql.ref(column)} = any(${namesOf(sql`${tenant}`, sql`${conversationId}::text`)})`
    : sql<SqlBool>`false`;
