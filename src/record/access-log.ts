import type { Kysely } from 'kysely';
import type { Clock } from '../domain/clock.ts';
import { type AuditEntry, appendAudit } from './audit.ts';
import type { Access } from './contract.ts';
import type { Partitions } from './partitions.ts';
import type { Database } from './schema.ts';

// Who read what, in the audit chain. Readers who come while an entry is being written share the next transaction, so a
// busy console costs a few commits and not one a click.

const entryOf = ({ tenant, actor, action, what, subject, details }: Access): AuditEntry => ({
  tenant,
  kind: action,
  subject,
  body: JSON.stringify({ by: actor, what, ...(details === undefined ? {} : { details }) }),
});

interface Batch {
  readonly entries: AuditEntry[];
  readonly done: Promise<void>;
}

/** See `Store.auditAccess`. */
export const createAccessLog = (
  db: Kysely<Database>,
  partitions: Partitions,
  clock: Clock,
): ((access: Access) => Promise<void>) => {
  let last: Promise<unknown> = Promise.resolve();
  let open: Batch | undefined;

  const write = async (entries: readonly AuditEntry[]): Promise<void> => {
    const at = clock();
    await partitions.ensure([at]);
    await db.transaction().execute((tx) => appendAudit(tx, entries, at));
  };

  /** A batch takes entries until its turn comes. */
  const start = (): Batch => {
    const entries: AuditEntry[] = [];
    const done = last.then(() => {
      open = undefined;
      return write(entries);
    });
    last = done.catch(() => {});
    return { entries, done };
  };

  return (access) => {
    open ??= start();
    open.entries.push(entryOf(access));
    return open.done;
  };
};
