import { type Kysely, sql, type Transaction } from 'kysely';
import type { RetainedKind } from '../../domain/audit.ts';
import { ADVISORY_LOCKS } from '../advisory-locks.ts';
import { appendAudit } from '../audit.ts';
import type { Partitions } from '../partitions.ts';
import type { Database } from '../schema.ts';
import { lockHolds } from './held.ts';

// One step of retention: a transaction that one replica at a time may have, with what it took away written into the chain
// of each tenant that it took from.

export interface RetentionDeps {
  readonly db: Kysely<Database>;
  readonly partitions: Partitions;
  readonly clock: () => Date;
}

/** One run of retention. */
export interface RetentionRun extends RetentionDeps {
  /** Whether it has had its first turn. */
  begun: boolean;
}

/** Somebody else is at it, or a table is too busy to be changed. */
export const BUSY = Symbol('busy');

/** PostgreSQL's code for a lock that was waited for too long. */
const LOCK_NOT_AVAILABLE = '55P03';

/** What went, by tenant. */
export interface Taken<T> {
  readonly result: T;
  readonly from: readonly { readonly tenant: string; readonly traces: number }[];
}

/**
 * Who finds another run in hand steps aside. Who has begun waits for its next turn instead, or two that met would both
 * give up.
 */
const isMine = async (tx: Transaction<Database>, run: RetentionRun): Promise<boolean> => {
  if (run.begun) {
    await sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.retention}::bigint)`.execute(tx);
    return true;
  }
  const { rows } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(${ADVISORY_LOCKS.retention}::bigint) as mine`.execute(tx);
  run.begun = rows[0]!.mine;
  return run.begun;
};

/** Dropping a table shuts out everybody: it gives up after two seconds, and nobody else waits for longer. */
export const takeTurn = async <T>(
  run: RetentionRun,
  what: RetainedKind,
  before: Date,
  work: (tx: Transaction<Database>, at: Date) => Promise<Taken<T>>,
): Promise<T | typeof BUSY> => {
  const { db, partitions, clock } = run;
  const at = clock();
  await partitions.ensure([at]);
  try {
    return await db.transaction().execute(async (tx) => {
      await sql`set local statement_timeout = 0`.execute(tx);
      await sql`set local lock_timeout = '2s'`.execute(tx);
      if (!(await isMine(tx, run))) return BUSY;
      await lockHolds(tx, 'take');
      const { result, from } = await work(tx, at);
      const entries = from
        .filter(({ traces }) => traces > 0)
        .map(({ tenant, traces }) => ({
          tenant,
          kind: 'retention' as const,
          subject: what,
          body: JSON.stringify({ action: 'expired', what, before: before.toISOString(), traces }),
        }));
      await appendAudit(tx, entries, at);
      return result;
    });
  } catch (error) {
    if ((error as { code?: unknown }).code === LOCK_NOT_AVAILABLE) return BUSY;
    throw error;
  }
};

export const totalOf = (from: Taken<unknown>['from']): number => from.reduce((sum, { traces }) => sum + traces, 0);
