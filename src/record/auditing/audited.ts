import type { Kysely, Transaction } from 'kysely';
import { type AuditEntry, appendAudit } from '../audit.ts';
import type { Partitions } from '../partitions.ts';
import type { Database } from '../schema.ts';

// Whatever people do to the record is done together with its entry in the audit chain, or not at all.

export interface AuditedDeps {
  readonly db: Kysely<Database>;
  readonly partitions: Partitions;
  readonly clock: () => Date;
}

/** What was done, and what the chain says of it. Null entries: nothing happened. */
export interface Done<T> {
  readonly result: T;
  readonly entry: AuditEntry | null;
}

/** Runs `work` in one transaction and appends its entry to the chain. */
export const audited = async <T>(
  { db, partitions, clock }: AuditedDeps,
  work: (tx: Transaction<Database>, at: Date) => Promise<Done<T>>,
): Promise<T> => {
  const at = clock();
  await partitions.ensure([at]);
  return db.transaction().execute(async (tx) => {
    const { result, entry } = await work(tx, at);
    if (entry !== null) await appendAudit(tx, [entry], at);
    return result;
  });
};
