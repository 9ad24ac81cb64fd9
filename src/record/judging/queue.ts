import { type Kysely, sql } from 'kysely';
import type { Clock } from '../../domain/clock.ts';
import { CANARY_TENANT } from '../../domain/judging.ts';
import type { Availability } from '../availability.ts';
import { instant } from '../cursor.ts';
import type { Database } from '../schema.ts';
import { claim, renew } from './claim.ts';
import { type CompleteOptions, complete } from './complete.ts';
import type { BudgetLimits, JudgeBill, JudgeJob, JudgeQueue, Reservation, RetryOptions } from './contract.ts';

// The queue of judge work, behind the one interface that the worker knows.

export interface JudgeQueueDeps {
  readonly db: Kysely<Database>;
  readonly clock: Clock;
  readonly availability: Availability;
  readonly options: CompleteOptions;
}

export const createJudgeQueue = ({ db, clock, availability: { run }, options }: JudgeQueueDeps): JudgeQueue => ({
  claim: (wanted) => run(() => claim(db, clock(), wanted)),
  renew: (leases, leaseMs) => run(() => renew(db, clock(), leases, leaseMs)),
  retry: (job, how) => run(() => retry(db, job, how)),
  complete: (job, judgement) => run(() => complete(db, clock(), job, judgement, options)),
  reserve: (tenant, tokens, limits) => run(() => reserve(db, clock(), tenant, tokens, limits)),
  settle: (reservation, bill) => run(() => settle(db, reservation, bill)),
  stats: () =>
    run(async () => {
      const now = instant(clock().getTime());
      const { rows } = await sql<{ waiting: unknown; leased: unknown; dead: unknown; oldest: Date | null }>`
        select count(*) filter (where state = 'waiting' and (lease_until is null or lease_until <= ${now}::timestamptz)) as waiting,
          count(*) filter (where state = 'waiting' and lease_until > ${now}::timestamptz) as leased,
          count(*) filter (where state = 'dead') as dead,
          min(enqueued_at) filter (where state = 'waiting') as oldest
        from judge_jobs
      `.execute(db);
      const { waiting, leased, dead, oldest } = rows[0]!;
      return { waiting: Number(waiting), leased: Number(leased), dead: Number(dead), oldest };
    }),
  shadow: (since) =>
    run(async () => {
      const { rows } = await sql<{ judged: unknown; missed: unknown }>`
        select count(*) as judged, count(*) filter (where decision in ('flag', 'alert')) as missed from judgements
        where cause = 'shadow' and outcome in ('hit', 'clear') and judged_at >= ${instant(since.getTime())}::timestamptz
          and tenant <> ${CANARY_TENANT}
      `.execute(db);
      return { judged: Number(rows[0]!.judged), missed: Number(rows[0]!.missed) };
    }),
});

const retry = async (
  db: Kysely<Database>,
  { lease }: JudgeJob,
  { notBefore, reason, counts }: RetryOptions,
): Promise<void> => {
  await sql`
    update judge_jobs set lease_until = null, leased_by = null, last_reason = ${reason},
      not_before = ${instant(notBefore.getTime())}::timestamptz, attempts = attempts - ${counts ? 0 : 1}::integer
    where leased_by = ${lease}
  `.execute(db);
};

/** By UTC. */
const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/**
 * Tokens are set aside before a judgement begins, so that no number of workers passes the limit together. What a worker
 * that died had set aside stays spent: its call was paid for. Money is known only afterwards, so a limit of money ends new
 * judgements once it is reached and those in hand go on.
 */
const reserve = async (
  db: Kysely<Database>,
  now: Date,
  tenant: string,
  tokens: number,
  { tokens: most, costUsd }: BudgetLimits,
): Promise<Reservation | null> => {
  if (most !== null && tokens > most) return null;
  const day = dayOf(now);
  const { rows } = await sql`
    insert into judge_spend (tenant, day, tokens, cost_usd, calls)
    values (${tenant}, ${day}::date, ${String(tokens)}::bigint, 0, 0)
    on conflict (tenant, day) do update set tokens = judge_spend.tokens + excluded.tokens
    where (${most === null ? null : String(most)}::bigint is null
        or judge_spend.tokens + excluded.tokens <= ${most === null ? null : String(most)}::bigint)
      and (${costUsd}::double precision is null or judge_spend.cost_usd < ${costUsd}::double precision)
    returning 1
  `.execute(db);
  return rows.length === 1 ? { tenant, day, tokens } : null;
};

const settle = async (
  db: Kysely<Database>,
  { tenant, day, tokens }: Reservation,
  { calls, promptTokens, completionTokens, costUsd }: JudgeBill,
): Promise<void> => {
  await sql`
    update judge_spend set tokens = tokens + ${String(promptTokens + completionTokens - tokens)}::bigint,
      cost_usd = cost_usd + ${costUsd ?? 0}::double precision, calls = calls + ${calls}::integer
    where tenant = ${tenant} and day = ${day}::date
  `.execute(db);
};
