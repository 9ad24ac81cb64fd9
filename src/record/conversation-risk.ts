import { sql, type Transaction } from 'kysely';
import {
  CONVERSATION_ALERT_SCHEMA,
  type ConversationAlert,
  type ConversationRule,
  type WeighedTurn,
} from '../domain/conversation.ts';
import { conversationAlertIdOf } from '../domain/ids.ts';
import { CANARY_TENANT } from '../domain/judging.ts';
import { DECISIONS, type Decision, type Verdict } from '../domain/verdict.ts';
import { bulkInsert, type Column } from './bulk-insert.ts';
import type { NewRecord } from './contract.ts';
import type { NewMessage } from './messages.ts';
import type { Database } from './schema.ts';

// Adds turns to the risk of their conversations, in the transaction that stores them: a turn is in both or in neither, and a
// redelivered one, which is stored nowhere, adds nothing. Rows are locked in one order, and before the audit chains.

/** A change of one turn's weight. A new turn comes from nothing; one that was judged comes from its provisional verdict. */
export interface TurnChange {
  readonly record: NewRecord;
  readonly before: Verdict | null;
}

export interface Raised {
  /** What goes to the topic of alerts. */
  readonly messages: readonly NewMessage[];
  /** What conversations were raised to that had been lower, for counting. */
  readonly decisions: readonly Decision[];
}

export interface RaiseOptions {
  readonly conversations?: ConversationRule | undefined;
  readonly publicUrl?: string | undefined;
}

/** Turns named as evidence: a bound on the row, and more than anybody reads before opening the conversation. */
const MAX_EVIDENCE = 16;

interface Delta {
  readonly at: Date;
  readonly tenant: string;
  readonly conversationId: string;
  turns: number;
  unassessed: number;
  weight: number;
  readonly touched: Map<string, WeighedTurn>;
}

/** The row as either driver gives it. */
interface Row {
  readonly tenant: string;
  readonly conversation_id: string;
  readonly turns: string | number | bigint;
  readonly unassessed: string | number | bigint;
  readonly weight: string | number | bigint;
  readonly evidence: string;
  readonly decision: string;
  readonly alert_revision: number;
  readonly alerted: boolean;
}

const isSilenced = ({ suppression }: Verdict): boolean =>
  suppression !== undefined && suppression.decision !== 'flag' && suppression.decision !== 'alert';

/** What is silenced is known and accepted, one turn or ten. */
const weightOf = (verdict: Verdict, rule: ConversationRule): number | null => {
  const weight = rule.weigh(verdict);
  return weight !== null && isSilenced(verdict) ? 0 : weight;
};

const deltasOf = (changes: readonly TurnChange[], rule: ConversationRule, at: Date): Delta[] => {
  const deltas = new Map<string, Delta>();
  for (const { record, before } of changes) {
    const { tenant, conversationId, id, turn } = record.trace;
    if (tenant === CANARY_TENANT) continue;
    const key = `${tenant}\u0000${conversationId}`;
    const delta = deltas.get(key) ?? {
      at,
      tenant,
      conversationId,
      turns: 0,
      unassessed: 0,
      weight: 0,
      touched: new Map(),
    };
    deltas.set(key, delta);
    const now = weightOf(record.verdict, rule);
    if (before !== null) {
      const was = weightOf(before, rule);
      if (was === null) delta.unassessed--;
      else delta.turns--;
      delta.weight -= was ?? 0;
    }
    if (now === null) delta.unassessed++;
    else delta.turns++;
    delta.weight += now ?? 0;
    delta.touched.set(id, { traceId: id, turn, risk: record.verdict.risk, weight: now ?? 0 });
  }
  return [...deltas.values()].sort((a, b) =>
    a.tenant === b.tenant ? (a.conversationId < b.conversationId ? -1 : 1) : a.tenant < b.tenant ? -1 : 1,
  );
};

const ADDED: readonly Column<Delta>[] = [
  { name: 'tenant', type: 'text', value: (d) => d.tenant },
  { name: 'conversation_id', type: 'text', value: (d) => d.conversationId },
  { name: 'turns', type: 'bigint', value: (d) => String(d.turns) },
  { name: 'unassessed', type: 'bigint', value: (d) => String(d.unassessed) },
  { name: 'weight', type: 'bigint', value: (d) => String(d.weight) },
  { name: 'evidence', type: 'text', value: () => '[]' },
  { name: 'score', type: 'double', value: () => '0' },
  { name: 'decision', type: 'text', value: () => 'clear' },
  { name: 'alert_revision', type: 'integer', value: () => '0' },
  { name: 'alerted', type: 'boolean', value: () => 'false' },
  { name: 'updated_at', type: 'timestamptz', value: (d) => d.at.toISOString() },
];

/** Heaviest first; equal ones by id, so that which of them are kept does not hang on their order. */
const heaviest = (known: readonly WeighedTurn[], touched: ReadonlyMap<string, WeighedTurn>): WeighedTurn[] =>
  [...known.filter(({ traceId }) => !touched.has(traceId)), ...touched.values()]
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || (a.traceId < b.traceId ? -1 : 1))
    .slice(0, MAX_EVIDENCE);

const rank = (decision: string): number => DECISIONS.indexOf(decision as Decision);

export const sumsOf = ({ turns, unassessed, weight }: Pick<Row, 'turns' | 'unassessed' | 'weight'>) => ({
  turns: Number(turns),
  unassessed: Number(unassessed),
  weight: Number(weight),
});

/** Whether somebody has silenced the conversation. Asked only where an alert is about to go out. */
const isConversationSilenced = async (tx: Transaction<Database>, { tenant, conversationId }: Delta, at: Date) =>
  (await tx
    .selectFrom('suppressions')
    .select('id')
    .where('tenant', '=', tenant)
    .where('kind', '=', 'conversation')
    .where('value', '=', conversationId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', at)
    .executeTakeFirst()) !== undefined;

/** A row as it is to stand, and what is said of it. */
interface Change extends Raised {
  readonly delta: Delta;
  readonly evidence: readonly WeighedTurn[];
  readonly score: number;
  readonly decision: Decision;
  readonly revision: number;
  readonly alerted: boolean;
}

const raise = async (
  tx: Transaction<Database>,
  delta: Delta,
  row: Row,
  at: Date,
  { conversations: rule, publicUrl = '' }: RaiseOptions & { readonly conversations: ConversationRule },
): Promise<Change> => {
  const { tenant, conversationId } = delta;
  const sums = sumsOf(row);
  const known = JSON.parse(row.evidence) as WeighedTurn[];
  const evidence = heaviest(known, delta.touched);
  const decision = rule.decide(sums);
  const score = rule.score(sums);
  const loud = decision === 'alert' && !(await isConversationSilenced(tx, delta, at));
  // More turns may thin out what was said; an alert is taken back only where what remains is not even worth a flag.
  const withdrawn = row.alerted && decision !== 'alert' && decision !== 'flag';
  const spoken = (loud && !row.alerted) || withdrawn;
  const revision = row.alert_revision + (spoken ? 1 : 0);
  const alerted = loud || (row.alerted && !withdrawn);
  const alert: ConversationAlert = {
    schema: CONVERSATION_ALERT_SCHEMA,
    alertId: conversationAlertIdOf(tenant, conversationId),
    revision,
    type: withdrawn ? 'withdrawn' : revision > 1 ? 'updated' : 'raised',
    conversationId,
    tenant,
    decision,
    score,
    turns: sums.turns,
    evidence,
    url: `${publicUrl}/v1/conversations/${encodeURIComponent(conversationId)}`,
  };
  return {
    delta,
    evidence,
    score,
    decision,
    revision,
    alerted,
    messages: spoken ? [{ kind: 'conversation_alert', key: conversationId, payload: JSON.stringify(alert) }] : [],
    decisions: rank(decision) > Math.max(rank(row.decision), rank('unknown')) ? [decision] : [],
  };
};

/** All rows in one statement: the transaction that they are in is what every caller waits for. */
const save = async (tx: Transaction<Database>, changes: readonly Change[]): Promise<void> => {
  if (changes.length === 0) return;
  await sql`
    update conversation_risk c set evidence = k.evidence, score = k.score::double precision, decision = k.decision,
      alert_revision = k.revision::integer, alerted = k.alerted::boolean
    from unnest(${changes.map(({ delta }) => delta.tenant)}::text[],
      ${changes.map(({ delta }) => delta.conversationId)}::text[],
      ${changes.map(({ evidence }) => JSON.stringify(evidence))}::text[],
      ${changes.map(({ score }) => String(score))}::text[], ${changes.map(({ decision }) => decision)}::text[],
      ${changes.map(({ revision }) => String(revision))}::text[],
      ${changes.map(({ alerted }) => String(alerted))}::text[])
      as k(tenant, conversation_id, evidence, score, decision, revision, alerted)
    where c.tenant = k.tenant and c.conversation_id = k.conversation_id`.execute(tx);
};

/** Call once a transaction, before the audit chains are locked. */
export const addTurns = async (
  tx: Transaction<Database>,
  changes: readonly TurnChange[],
  at: Date,
  options: RaiseOptions,
): Promise<Raised> => {
  const { conversations } = options;
  const deltas = conversations === undefined ? [] : deltasOf(changes, conversations, at);
  if (conversations === undefined || deltas.length === 0) return { messages: [], decisions: [] };
  const { rows } = await sql<Row>`
    ${bulkInsert('conversation_risk', ADDED, deltas)}
    on conflict (tenant, conversation_id) do update set turns = conversation_risk.turns + excluded.turns,
      unassessed = conversation_risk.unassessed + excluded.unassessed,
      weight = conversation_risk.weight + excluded.weight,
      updated_at = greatest(conversation_risk.updated_at, excluded.updated_at)
    returning tenant, conversation_id, turns, unassessed, weight, evidence, decision, alert_revision, alerted
  `.execute(tx);
  const byKey = new Map(rows.map((row) => [`${row.tenant}\u0000${row.conversation_id}`, row]));
  const raised: Change[] = [];
  for (const delta of deltas) {
    const row = byKey.get(`${delta.tenant}\u0000${delta.conversationId}`)!;
    // Ordinary turns of an ordinary conversation, nearly all there are, need no second statement.
    const plain = row.decision === 'clear' && Number(row.weight) === 0 && row.evidence === '[]';
    if (!plain) raised.push(await raise(tx, delta, row, at, { ...options, conversations }));
  }
  await save(tx, raised);
  return { messages: raised.flatMap((c) => c.messages), decisions: raised.flatMap((c) => c.decisions) };
};
