import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely';
import type { ConversationRisk, WeighedTurn } from '../domain/conversation.ts';
import type { Decision } from '../domain/verdict.ts';
import type { Page, RiskyQuery } from './contract.ts';
import { sumsOf } from './conversation-risk.ts';
import { decodeCursor, isStorable, toPage } from './cursor.ts';
import type { ConversationRiskTable, Database } from './schema.ts';

const LIST = 'risky-conversations';

const riskOf = (row: Selectable<ConversationRiskTable>): ConversationRisk => ({
  conversationId: row.conversation_id,
  ...sumsOf(row),
  decision: row.decision as Decision,
  score: row.score,
  evidence: JSON.parse(row.evidence) as WeighedTurn[],
  updatedAt: row.updated_at,
});

/** See `Store.conversationRisk`. */
export const findConversationRisk = async (
  db: Kysely<Database>,
  tenant: string,
  conversationId: string,
): Promise<ConversationRisk | null> => {
  if (!isStorable(conversationId)) return null;
  const row = await db
    .selectFrom('conversation_risk')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return row === undefined ? null : riskOf(row);
};

/** See `Store.riskyConversations`. */
export const findRiskyConversations = async (
  db: Kysely<Database>,
  tenant: string,
  { decision = ['flag', 'alert'], limit, cursor: text }: RiskyQuery,
): Promise<Page<ConversationRisk>> => {
  const cursor = text === undefined ? undefined : decodeCursor(LIST, text);
  const backwards = cursor?.direction === 'previous';
  let select = db
    .selectFrom('conversation_risk')
    .selectAll()
    .where('tenant', '=', tenant)
    .where(sql<SqlBool>`decision in ('record', 'flag', 'alert')`)
    .where(sql<SqlBool>`decision = any(${[...decision]}::text[])`);
  if (cursor !== undefined) {
    const beside = sql`(${-(cursor.rank ?? 0)}::double precision, ${cursor.id}::text)`;
    select = select.where(sql<SqlBool>`(-score, conversation_id) ${backwards ? sql`<` : sql`>`} ${beside}`);
  }
  const rows = await select
    .orderBy('score', backwards ? 'asc' : 'desc')
    .orderBy('conversation_id', backwards ? 'desc' : 'asc')
    .limit(limit + 1)
    .execute();
  return toPage(
    LIST,
    rows,
    limit,
    cursor,
    (row) => ({ at: row.updated_at.getTime(), id: row.conversation_id, rank: row.score }),
    riskOf,
  );
};
