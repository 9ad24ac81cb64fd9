import { type Kysely, sql } from 'kysely';
import type { JudgeCause } from '../../domain/judging.ts';
import type { Trace } from '../../domain/trace.ts';
import { instant } from '../cursor.ts';
import { parseVerdict } from '../rows.ts';
import type { Database } from '../schema.ts';
import type { TraceHeader } from '../trace-header.ts';
import type { ClaimOptions, JudgeJob } from './contract.ts';

// Who judges what. A lease is a random token with an end: it is claimed under SKIP LOCKED, so that replicas pass one
// another by, and every later step of a job asks for the token, so that a worker that was thought dead changes nothing.

interface ClaimedRow {
  readonly tenant: string;
  readonly trace_id: string;
  readonly received_at: Date;
  readonly enqueued_at: Date;
  readonly cause: string;
  readonly attempts: number;
  readonly leased_by: string;
  readonly header: string;
  readonly body: string;
  readonly content_hash: string;
  readonly segments: string | null;
}

/** How many candidates are looked at for each job wanted: others may hold some of them this very moment. */
const SPARE = 4;

/** The names of all tenants with work, without reading all of their work. */
const tenantsWithWork = sql`
  (select tenant from judge_jobs where state = 'waiting' order by tenant limit 1)
  union all
  select (select j.tenant from judge_jobs j where j.state = 'waiting' and j.tenant > t.tenant order by j.tenant limit 1)
  from tenants t where t.tenant is not null`;

/** Each tenant's first job goes before any tenant's second: a flood of one tenant delays that tenant alone. */
export const claim = async (
  db: Kysely<Database>,
  now: Date,
  { limit, perTenant, leaseMs }: ClaimOptions,
): Promise<readonly JudgeJob[]> => {
  const at = sql`${instant(now.getTime())}::timestamptz`;
  const until = sql`${instant(now.getTime() + leaseMs)}::timestamptz`;
  const due = sql`j.state = 'waiting' and j.not_before <= ${at} and (j.lease_until is null or j.lease_until <= ${at})`;
  return db.transaction().execute(async (tx) => {
    const claimed = await sql<{ leased_by: string }>`
      with recursive tenants as (${tenantsWithWork}), candidates as (
        select c.* from tenants t
        cross join lateral (
          select j.tenant, j.trace_id, j.priority, j.enqueued_at,
            row_number() over (order by j.priority desc, j.enqueued_at, j.trace_id) as place
          from judge_jobs j where j.tenant = t.tenant and ${due}
          order by j.priority desc, j.enqueued_at, j.trace_id limit ${perTenant}
        ) c
        where t.tenant is not null
          and (select count(*) from judge_jobs l where l.tenant = t.tenant and l.lease_until > ${at}) + c.place <= ${perTenant}
        order by c.place, c.priority desc, c.enqueued_at limit ${limit * SPARE}
      ), picked as (
        select j.tenant, j.trace_id from judge_jobs j
        join candidates c on c.tenant = j.tenant and c.trace_id = j.trace_id
        where ${due}
        order by c.place, c.priority desc, c.enqueued_at limit ${limit}
        for update of j skip locked
      )
      update judge_jobs j set lease_until = ${until}, leased_by = gen_random_uuid()::text, attempts = j.attempts + 1
      from picked p where p.tenant = j.tenant and p.trace_id = j.trace_id
      returning j.leased_by
    `.execute(tx);
    if (claimed.rows.length === 0) return [];
    const leases = claimed.rows.map((row) => row.leased_by);
    const { rows } = await sql<ClaimedRow>`
      select j.tenant, j.trace_id, j.received_at, j.enqueued_at, j.cause, j.attempts, j.leased_by,
        v.header, v.body, v.content_hash, t.segments
      from judge_jobs j
      join verdicts v on v.tenant = j.tenant and v.received_at = j.received_at and v.trace_id = j.trace_id
      left join trace_text t on t.tenant = j.tenant and t.received_at = j.received_at and t.trace_id = j.trace_id
      where j.leased_by = any(${leases}::text[])
      order by j.priority desc, j.enqueued_at, j.trace_id
    `.execute(tx);
    const found = new Set(rows.map((row) => row.leased_by));
    const orphans = leases.filter((lease) => !found.has(lease));
    // Retention has dropped their verdicts: there is nothing left that a judgement could change.
    if (orphans.length > 0) await sql`delete from judge_jobs where leased_by = any(${orphans}::text[])`.execute(tx);
    return rows.map(jobOf);
  });
};

const jobOf = (row: ClaimedRow): JudgeJob => {
  const { occurredAt, ...header } = JSON.parse(row.header) as TraceHeader;
  const provisional = parseVerdict(row.body);
  const trace: Trace = {
    ...header,
    id: row.trace_id,
    idSource: 'caller',
    tenant: row.tenant,
    occurredAt: new Date(occurredAt),
    segments: row.segments === null ? [] : JSON.parse(row.segments),
    unread: provisional.unread,
    contentHash: row.content_hash,
  };
  return {
    trace,
    provisional,
    receivedAt: row.received_at,
    enqueuedAt: row.enqueued_at,
    cause: row.cause as JudgeCause,
    attempt: row.attempts,
    textGone: row.segments === null,
    lease: row.leased_by,
  };
};

/** See `JudgeQueue.renew`. */
export const renew = async (
  db: Kysely<Database>,
  now: Date,
  leases: readonly string[],
  leaseMs: number,
): Promise<ReadonlySet<string>> => {
  if (leases.length === 0) return new Set();
  const { rows } = await sql<{ leased_by: string }>`
    update judge_jobs set lease_until = ${instant(now.getTime() + leaseMs)}::timestamptz
    where leased_by = any(${[...leases]}::text[]) returning leased_by
  `.execute(db);
  return new Set(rows.map((row) => row.leased_by));
};
