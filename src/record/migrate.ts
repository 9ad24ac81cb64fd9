import { type Kysely, sql } from 'kysely';
import { CodedError } from '../domain/errors.ts';
import { initial } from './migrations/0001-initial.ts';
import { judging } from './migrations/0002-judging.ts';
import { auditing } from './migrations/0003-auditing.ts';
import { access } from './migrations/0004-access.ts';
import { reports } from './migrations/0005-reports.ts';
import { auditSearch } from './migrations/0006-audit-search.ts';
import { responseLinks } from './migrations/0007-response-links.ts';
import type { Database } from './schema.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
}

/** In order; a migration that has been released is never changed. */
export const MIGRATIONS: readonly Migration[] = [
  initial,
  judging,
  auditing,
  access,
  reports,
  auditSearch,
  responseLinks,
];

/** A random number that nothing else in the database is likely to lock. */
const MIGRATION_LOCK = '4716328291053377';

const OLDEST_SERVER = 150_000;

/**
 * Brings the database to the newest version, in one transaction under an advisory lock: of replicas that start at once
 * one does the work, the others wait and find it done. Returns the names of what was applied.
 * @throws CodedError `store_newer` where a newer version of the service has been here; `invalid_config` where the server
 * is older than PostgreSQL 15 or its database is not UTF-8.
 */
export const migrate = async (db: Kysely<Database>, migrations = MIGRATIONS): Promise<readonly string[]> =>
  db.transaction().execute(async (tx) => {
    await sql`set local statement_timeout = 0`.execute(tx);
    await checkServer(tx);
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK}::bigint)`.execute(tx);
    await sql`create table if not exists schema_migrations (
      version integer primary key, name text not null, applied_at timestamptz not null default now()
    )`.execute(tx);
    const { latest } = await tx
      .selectFrom('schema_migrations')
      .select((e) => e.fn.coalesce(e.fn.max('version'), sql<number>`0`).as('latest'))
      .executeTakeFirstOrThrow();
    const known = migrations.at(-1)?.version ?? 0;
    if (latest > known) {
      throw new CodedError('store_newer', `The store is at version ${latest}; this program knows ${known}.`);
    }
    const due = migrations.filter((m) => m.version > latest);
    for (const migration of due) {
      for (const statement of migration.statements) await sql.raw(statement).execute(tx);
      await sql`insert into schema_migrations (version, name) values (${migration.version}, ${migration.name})`.execute(
        tx,
      );
    }
    return due.map((m) => m.name);
  });

const checkServer = async (db: Kysely<Database>): Promise<void> => {
  const { rows } = await sql<{ version: string; encoding: string }>`
    select current_setting('server_version_num') as version, current_setting('server_encoding') as encoding
  `.execute(db);
  if (Number(rows[0]!.version) < OLDEST_SERVER) {
    throw new CodedError('invalid_config', 'DATABASE_URL names a server older than PostgreSQL 15.');
  }
  if (rows[0]!.encoding !== 'UTF8') {
    throw new CodedError('invalid_config', 'DATABASE_URL names a database that is not encoded in UTF-8.');
  }
};
