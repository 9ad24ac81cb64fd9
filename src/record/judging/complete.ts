import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import { flagIdOf } from '../../domain/ids.ts';
import type { ReviewState } from '../../domain/review.ts';
import { viewBits } from '../../report/deception.ts';
import { recordRevision, toldOf } from '../alert-revisions.ts';
import { chain, insertEntries, lockHeads, moveHeads } from '../audit.ts';
import { silence } from '../auditing/silence.ts';
import { bulkInsert } from '../bulk-insert.ts';
import { addTurns, type RaiseOptions } from '../conversation-risk.ts';
import { instant } from '../cursor.ts';
import { type MessageOptions, type NewMessage, updateMessagesOf } from '../messages.ts';
import { insertMessages } from '../outbox.ts';
import { HELD, lockHolds } from '../retention/held.ts';
import {
  auditEntryOf,
  FINDING_COLUMNS,
  FLAG_COLUMNS,
  findingRows,
  flagRows,
  isKept,
  type Row,
  rowOf,
} from '../rows.ts';
import type { Database } from '../schema.ts';
import { type LevelOf, plainLevel } from '../weight.ts';
import type { JudgeJob, Judgement } from './contract.ts';

// The end of a job: the final verdict takes the provisional one's place under the same id. The job is ended by whoever
// holds its lease, in the same transaction, so that no verdict is replaced twice and none is left provisional for ever.

export interface CompleteOptions extends MessageOptions, RaiseOptions {
  readonly keepTraceShare: number;
  readonly levelOf?: LevelOf | undefined;
}

export const complete = async (
  db: Kysely<Database>,
  at: Date,
  job: JudgeJob,
  judgement: Judgement,
  options: CompleteOptions,
): Promise<'stored' | 'lost'> =>
  db.transaction().execute(async (tx) => {
    if (!(await endJob(tx, job, judgement))) return 'lost';
    const { levelOf = plainLevel } = options;
    const judged = { trace: job.trace, verdict: judgement.verdict, receivedAt: job.receivedAt };
    const [record = judged] = await silence(tx, [judged], at, levelOf);
    const row = rowOf(record, levelOf);
    await replaceVerdict(tx, row);
    if (!judgement.dead && !isKept(row, options.keepTraceShare)) await dropText(tx, job);
    await insertJudgement(tx, at, job, judgement);
    const raised = await addTurns(tx, [{ record: row, before: job.provisional }], at, options);
    await announce(tx, at, row, raised.messages, options);
    return 'stored';
  });

const endJob = async (tx: Transaction<Database>, job: JudgeJob, { dead, outcome }: Judgement): Promise<boolean> => {
  const { rows } = dead
    ? await sql`update judge_jobs set state = 'dead', lease_until = null, leased_by = null, last_reason = ${outcome}
        where leased_by = ${job.lease} returning 1`.execute(tx)
    : await sql`delete from judge_jobs where leased_by = ${job.lease} returning 1`.execute(tx);
  return rows.length === 1;
};

const replaceVerdict = async (tx: Transaction<Database>, row: Row): Promise<void> => {
  const { tenant, id } = row.trace;
  const { decision, assessment, risk, status } = row.verdict;
  const receivedAt = sql`${instant(row.receivedAt.getTime())}::timestamptz`;
  await sql`
    update verdicts set decision = ${decision}, assessment = ${assessment.state},
      reasons = ${[...assessment.reasons]}::text[], risk = ${risk}, status = ${status}, body = ${row.body},
      categories = ${[...row.counted.categories]}::text[], views_hit = ${viewBits(row.counted.hit)}
    where tenant = ${tenant} and received_at = ${receivedAt} and trace_id = ${id}
  `.execute(tx);
  await sql`delete from findings where tenant = ${tenant} and received_at = ${receivedAt} and trace_id = ${id}`.execute(
    tx,
  );
  const findings = findingRows([row]);
  if (findings.length > 0) await bulkInsert('findings', FINDING_COLUMNS, findings).execute(tx);
  const flags = flagRows([row]);
  if (flags.length > 0) {
    // Who has the flag in hand, and what was said of it, stays.
    await sql`${bulkInsert('flags', FLAG_COLUMNS, flags)}
      on conflict (tenant, received_at, id) do update set ${sql.join(FLAG_COLUMNS.map(overwrite))}`.execute(tx);
  } else {
    // What a person has reviewed is not taken from the list because a model thinks otherwise.
    await sql`delete from flags where tenant = ${tenant} and received_at = ${receivedAt}
      and id = ${flagIdOf(tenant, id)} and review = 'unreviewed'`.execute(tx);
  }
};

const overwrite = ({ name }: { readonly name: string }): RawBuilder<unknown> =>
  sql`${sql.id(name)} = excluded.${sql.id(name)}`;

const dropText = async (tx: Transaction<Database>, { trace, receivedAt }: JudgeJob): Promise<void> => {
  await lockHolds(tx, 'take');
  await sql`delete from trace_text t using verdicts v where t.tenant = ${trace.tenant}
    and t.received_at = ${instant(receivedAt.getTime())}::timestamptz and t.trace_id = ${trace.id}
    and v.tenant = t.tenant and v.received_at = t.received_at and v.trace_id = t.trace_id and not ${HELD}`.execute(tx);
};

const insertJudgement = async (
  tx: Transaction<Database>,
  at: Date,
  { trace, receivedAt, cause, provisional, attempt }: JudgeJob,
  { verdict, outcome, model, prompt, bill }: Judgement,
): Promise<void> => {
  await sql`
    insert into judgements (tenant, trace_id, received_at, judged_at, cause, outcome, decision_before, decision, model,
      prompt, attempts, calls, prompt_tokens, completion_tokens, cost_usd)
    values (${trace.tenant}, ${trace.id}, ${instant(receivedAt.getTime())}::timestamptz,
      ${instant(at.getTime())}::timestamptz, ${cause}, ${outcome}, ${provisional.decision}, ${verdict.decision}, ${model},
      ${prompt}, ${attempt}, ${bill.calls}, ${bill.promptTokens}, ${bill.completionTokens}, ${bill.costUsd})
  `.execute(tx);
};

/** Audit entry, alert and verdict message. The chain comes last, as in every writer: its lock makes a tenant's writers wait. */
const announce = async (
  tx: Transaction<Database>,
  at: Date,
  row: Row,
  others: readonly NewMessage[],
  options: MessageOptions,
): Promise<void> => {
  const { tenant, id } = row.trace;
  const told = await toldOf(tx, tenant, id);
  const { messages: own, revision } = updateMessagesOf(row, told, await reviewOf(tx, row), options);
  const messages = [...own, ...others];
  const { entries, heads } = chain(await lockHeads(tx, [tenant]), [auditEntryOf(row)], at);
  await insertEntries(entries).execute(tx);
  await moveHeads(heads).execute(tx);
  if (messages.length > 0) await insertMessages(messages, at).execute(tx);
  if (revision !== null) await recordRevision(tx, tenant, id, revision);
};

/** What people have made of it stays said. */
const reviewOf = async (tx: Transaction<Database>, { trace, receivedAt }: Row): Promise<ReviewState> => {
  const { rows } = await sql<{ review: ReviewState }>`
    select review from flags where tenant = ${trace.tenant}
      and received_at = ${instant(receivedAt.getTime())}::timestamptz and id = ${flagIdOf(trace.tenant, trace.id)}
  `.execute(tx);
  return rows[0]?.review ?? 'unreviewed';
};
