import { type Kysely, sql } from 'kysely';
import { CodedError } from '../domain/errors.ts';
import { ADVISORY_LOCKS } from './advisory-locks.ts';
import { initial } from './migrations/0001-initial.ts';
import { judging } from './migrations/0002-judging.ts';
import { auditing } from './migrations/0003-auditing.ts';
import { access } from './migrations/0004-access.ts';
import { reports } from './migrations/0005-reports.ts';
import { auditSearch } from './migrations/0006-audit-search.ts';
import { responseLinks } from './migrations/0007-response-links.ts';
import { retention } from './migrations/0008-retention.ts';
import { conversationRisk } from './migrations/0009-conversation-risk.ts';
import { webhooks } from './migrations/0010-webhooks.ts';
import type { Database } from './schema.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
  /**
   * Programs from before it go on working on a store that has it: it only adds what they neither read nor must write. While
   * an upgrade rolls, and after one that was taken back, older programs then start. Unset: they are refused.
   */
  readonly additive?: boolean;
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
  retention,
  conversationRisk,
  webhooks,
];

const OLDEST_SERVER = 150_000;

/**
 * Brings the database to the newest version, in one transaction under an advisory lock: of replicas that start at once
 * one does the work, the others wait and find it done. Returns the names of what was applied.
 * @throws CodedError `store_newer` where a version of the service has been here that this one cannot follow;
 * `invalid_config` where the server is older than PostgreSQL 15 or its database is not UTF-8.
 */
export const migrate = async (db: Kysely<Database>, migrations = MIGRATIONS): Promise<readonly string[]> =>
  db.transaction().execute(async (tx) => {
    await sql`set local statement_timeout = 0`.execute(tx);
    await checkServer(tx);
    await sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.migration}::bigint)`.execute(tx);
    await sql`create table if not exists schema_migrations (
      version integer primary key, name text not null, applied_at timestamptz not null default now()
    )`.execute(tx);
    await sql`alter table schema_migrations add column if not exists additive boolean not null default false`.execute(
      tx,
    );
    const due = await dueOf(tx, migrations);
    for (const migration of due) {
      for (const statement of migration.statements) await sql.raw(statement).execute(tx);
      const { version, name, additive = false } = migration;
      await sql`insert into schema_migrations (version, name, additive) values (${version}, ${name}, ${additive})`.execute(
        tx,
      );
    }
    return due.map((m) => m.name);
  });

/**
 * For programs that leave the work to `cot-monitor migrate`. Changes nothing.
 * @throws CodedError `store_older` where there is something to be done; otherwise as `migrate`
 */
export const requireMigrated = async (db: Kysely<Database>, migrations = MIGRATIONS): Promise<void> => {
  await checkServer(db);
  const { rows } = await sql<{ there: boolean }>`
    select exists (select from information_schema.columns where table_schema = current_schema()
      and table_name = 'schema_migrations' and column_name = 'additive') as there
  `.execute(db);
  const due = rows[0]?.there ? await dueOf(db, migrations) : migrations;
  if (due.length === 0) return;
  throw new CodedError(
    'store_older',
    `The store lacks what this program needs (${due.map((m) => m.name).join(', ')}): run \`cot-monitor migrate\` first.`,
  );
};

/** What is still to be applied. */
const dueOf = async (db: Kysely<Database>, migrations: readonly Migration[]): Promise<readonly Migration[]> => {
  const known = migrations.at(-1)?.version ?? 0;
  const applied = await db.selectFrom('schema_migrations').select(['version', 'additive']).execute();
  const latest = Math.max(0, ...applied.map(({ version }) => version));
  if (applied.some(({ version, additive }) => version > known && !additive)) {
    throw new CodedError('store_newer', `The store is at version ${latest}; this program knows ${known}.`);
  }
  return migrations.filter(({ version }) => version > latest);
};

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
