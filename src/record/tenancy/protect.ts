import { type Kysely, sql, type Transaction } from 'kysely';
import { CodedError } from '../../domain/errors.ts';
import { ADVISORY_LOCKS } from '../advisory-locks.ts';
import type { Database } from '../schema.ts';

// Row-level security. Requests read and write as APP_ROLE, which owns nothing and sees the rows of the one tenant that its
// transaction names. The owner of the tables works for all tenants at once: it takes in traces of any of them, relays
// messages, runs the judge's queue, migrates. It does so by a policy of its own, since security is forced on owners too.
//
// Tables are found by their column `tenant`, so that a new one is protected without anybody thinking of it.

export const APP_ROLE = 'cot_monitor_app';

/** The setting that names a transaction's tenant. */
export const TENANT_SETTING = 'cot_monitor.tenant';

const TENANT_POLICY = 'cot_monitor_tenant';
const OWNER_POLICY = 'cot_monitor_owner';

/** What requests may do to a table; the chain and the reviews can only grow. */
const GRANTS: Readonly<Record<string, string>> = {
  trace_identity: 'select',
  verdicts: 'select',
  findings: 'select',
  response_links: 'select',
  trace_text: 'select',
  judge_jobs: 'select',
  judgements: 'select',
  judge_spend: 'select',
  alert_revisions: 'select',
  conversation_risk: 'select',
  audit_log: 'select, insert',
  reviews: 'select, insert',
};
const OTHER_GRANTS = 'select, insert, update';

/**
 * Roles belong to the server, not to the database: another database's start may make it at the same moment. Who may make no
 * role goes on without one: security is then forced on the owner alone, by the same setting.
 */
const MAKE_ROLE = `do $$ begin
  if not exists (select from pg_roles where rolname = '${APP_ROLE}') then
    create role ${APP_ROLE} nologin nosuperuser nobypassrls noinherit;
  end if;
exception when duplicate_object or unique_violation or insufficient_privilege then null;
end $$`;

const JOIN_ROLE = `do $$ begin
  if exists (select from pg_roles where rolname = '${APP_ROLE}') and not (
    select rolsuper from pg_roles where rolname = current_user
  ) then
    execute format('grant ${APP_ROLE} to %I', current_user);
  end if;
exception when insufficient_privilege or invalid_grant_operation then null;
end $$`;

const DENIED = '42501';

/** Whether this user may act as the role. The answer of the server itself is the only sure one. */
const canActAsRole = async (db: Kysely<Database>): Promise<boolean> => {
  try {
    await db.transaction().execute((tx) => sql.raw(`set local role ${APP_ROLE}`).execute(tx));
    return true;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    // No such role (22023), or not ours.
    if (code === DENIED || code === '22023') return false;
    throw error;
  }
};

interface Table {
  readonly name: string;
  readonly has_tenant: boolean;
  readonly owned: boolean;
  readonly secured: boolean;
  readonly policies: readonly string[];
}

const tablesOf = async (db: Kysely<Database>): Promise<readonly Table[]> => {
  const { rows } = await sql<Table>`
    select c.relname as name,
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped)
        as has_tenant,
      pg_has_role(current_user, c.relowner, 'USAGE') as owned,
      c.relrowsecurity and c.relforcerowsecurity as secured,
      array(select p.polname::text from pg_policy p where p.polrelid = c.oid order by 1) as policies
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> 'schema_migrations'
    order by 1
  `.execute(db);
  return rows;
};

/** The name changes with what it says, so that a role that comes to exist later is noticed. */
const ownerPolicyOf = (role: boolean): string => (role ? OWNER_POLICY : `${OWNER_POLICY}_by_setting`);

/** Without a role the owner serves requests itself: it sees everything only while no tenant is named. */
const ownerSees = (role: boolean): string =>
  role ? 'true' : `coalesce(current_setting('${TENANT_SETTING}', true), '') = ''`;

const protectTable = async (tx: Transaction<Database>, table: Table, role: boolean): Promise<void> => {
  const name = sql.id(table.name);
  const run = (statement: ReturnType<typeof sql>) => statement.execute(tx);
  await run(sql`alter table ${name} enable row level security`);
  await run(sql`alter table ${name} force row level security`);
  for (const policy of table.policies.filter((policy) => policy.startsWith('cot_monitor_'))) {
    await run(sql`drop policy ${sql.id(policy)} on ${name}`);
  }
  const sees = sql.raw(ownerSees(role));
  await run(sql`create policy ${sql.id(ownerPolicyOf(role))} on ${name} to current_user
    using (${sees}) with check (${sees})`);
  if (!table.has_tenant) return;
  const own = sql.raw(`tenant = current_setting('${TENANT_SETTING}', true)`);
  await run(sql`create policy ${sql.id(TENANT_POLICY)} on ${name} using (${own}) with check (${own})`);
  if (role) {
    await run(sql`grant ${sql.raw(GRANTS[table.name] ?? OTHER_GRANTS)} on ${name} to ${sql.id(APP_ROLE)}`);
  }
};

const isProtected = ({ has_tenant, secured, policies }: Table, role: boolean): boolean =>
  secured && policies.includes(ownerPolicyOf(role)) && (!has_tenant || policies.includes(TENANT_POLICY));

/**
 * Protects what is not protected yet. Resolves to whether requests can act as APP_ROLE.
 * @throws CodedError `invalid_config` where neither the role nor forced security would bind the user of DATABASE_URL
 */
export const protectTables = async (db: Kysely<Database>): Promise<boolean> => {
  await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.protection}::bigint)`.execute(tx);
    await sql.raw(MAKE_ROLE).execute(tx);
    await sql.raw(JOIN_ROLE).execute(tx);
  });
  const role = await canActAsRole(db);
  await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.protection}::bigint)`.execute(tx);
    const open = (await tablesOf(tx)).filter((table) => table.owned && !isProtected(table, role));
    for (const table of open) await protectTable(tx, table, role);
    if (role && open.length > 0) {
      const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(tx);
      await sql`grant usage on schema ${sql.id(rows[0]!.schema)} to ${sql.id(APP_ROLE)}`.execute(tx);
    }
  });
  if (!role && (await bypassesSecurity(db))) {
    throw new CodedError(
      'invalid_config',
      `DATABASE_URL names a user whom row-level security does not bind: grant it the role ${APP_ROLE}, or use another.`,
    );
  }
  return role;
};

const bypassesSecurity = async (db: Kysely<Database>): Promise<boolean> => {
  const { rows } = await sql<{ bypasses: boolean }>`
    select rolsuper or rolbypassrls as bypasses from pg_roles where rolname = current_user`.execute(db);
  return rows[0]?.bypasses ?? true;
};
