import { type Kysely, sql } from 'kysely';
import type { JudgeCause } from '../../domain/judging.ts';
import { instant } from '../cursor.ts';
import type { Database } from '../schema.ts';
import type { DeadLetter } from './contract.ts';

// Jobs whose attempts ran out. They stay until somebody looks: a day on which the endpoint was down is no reason to leave
// its traces unjudged for good.

/** Oldest first. @param tenant undefined: of all */
export const listDead = async (
  db: Kysely<Database>,
  tenant: string | undefined,
  limit: number,
): Promise<readonly DeadLetter[]> => {
  const { rows } = await sql<{
    tenant: string;
    trace_id: string;
    cause: string;
    enqueued_at: Date;
    attempts: number;
    last_reason: string | null;
    readable: boolean;
  }>`
    select j.tenant, j.trace_id, j.cause, j.enqueued_at, j.attempts, j.last_reason, exists (
        select 1 from trace_text t where t.tenant = j.tenant and t.received_at = j.received_at and t.trace_id = j.trace_id
      ) as readable
    from judge_jobs j
    where j.state = 'dead' and (${tenant ?? null}::text is null or j.tenant = ${tenant ?? null}::text)
    order by j.enqueued_at, j.tenant, j.trace_id limit ${limit}
  `.execute(db);
  return rows.map((row) => ({
    tenant: row.tenant,
    traceId: row.trace_id,
    cause: row.cause as JudgeCause,
    enqueuedAt: row.enqueued_at,
    attempts: row.attempts,
    reason: row.last_reason ?? 'unknown',
    readable: row.readable,
  }));
};

/** Back into the queue with all their tries before them. Those whose text is gone stay: there is nothing to judge. */
export const reviveDead = async (db: Kysely<Database>, now: Date, tenant: string | undefined): Promise<number> => {
  const at = sql`${instant(now.getTime())}::timestamptz`;
  const { rows } = await sql`
    update judge_jobs j set state = 'waiting', attempts = 0, not_before = ${at}, enqueued_at = ${at}
    where j.state = 'dead' and (${tenant ?? null}::text is null or j.tenant = ${tenant ?? null}::text) and exists (
        select 1 from trace_text t where t.tenant = j.tenant and t.received_at = j.received_at and t.trace_id = j.trace_id
      )
    returning 1
  `.execute(db);
  return rows.length;
};
