import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { connectPostgres } from '../../../src/record/connection.ts';
import type { Database } from '../../../src/record/schema.ts';
import { openStore } from '../../../src/record/store.ts';
import { APP_ROLE, protectTables } from '../../../src/record/tenancy/protect.ts';
import { createTenancy, type ForTenant } from '../../../src/record/tenancy/tenancy.ts';
import { type FreshDatabase, freshDatabase } from '../../support/postgres.ts';
import { NOON, recordOf } from '../records.ts';
import { BACKENDS, silent, usePostgres, useStore } from '../stores.ts';

usePostgres();

const tenantTables = async (db: Kysely<Database>): Promise<readonly string[]> => {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant'
    where n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition order by 1`.execute(db);
  return rows.map(({ name }) => name);
};

describe.each(BACKENDS)('row-level security (%s)', (backend) => {
  const t = useStore(backend, { keepTraceShare: 1 });
  const tenancy = async (): Promise<ForTenant> =>
    createTenancy(t.connection.dialect, t.connection.db, await protectTables(t.connection.db));

  const fill = async (): Promise<readonly [string, string]> => {
    const [a, b] = [t.tenant(), t.tenant()];
    for (const tenant of [a, b]) {
      await t.store.write([recordOf({ tenant, decision: 'alert', text: `hide ${tenant}` })]);
      await t.store.keys.create({ tenant, name: 'n', scopes: ['audit'], expiresAt: null, by: 'x' });
    }
    return [a, b];
  };

  test('is forced on every table that has a tenant', async () => {
    const { rows } = await sql<{ name: string; secured: boolean; policies: string[] }>`
      select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as secured,
        array(select polname::text from pg_policy where polrelid = c.oid order by 1) as policies
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = current_schema() and c.relname = any(${await tenantTables(t.connection.db)}::text[])
    `.execute(t.connection.db);
    expect(rows.length).toBeGreaterThan(12);
    expect(rows.filter(({ secured }) => !secured)).toEqual([]);
    for (const { policies } of rows) expect(policies).toEqual(['cot_monitor_owner', 'cot_monitor_tenant']);
  });

  test('the role that requests act as owns nothing and cannot get round it', async () => {
    const { rows } = await sql<{ rolsuper: boolean; rolbypassrls: boolean; owned: string }>`
      select r.rolsuper, r.rolbypassrls, (select count(*) from pg_class where relowner = r.oid)::text as owned
      from pg_roles r where rolname = ${APP_ROLE}`.execute(t.connection.db);
    expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, owned: '0' }]);
  });

  test('shows a tenant its own rows only, of every table, however the query is written', async () => {
    const [a, b] = await fill();
    const forTenant = await tenancy();
    let seen = 0;
    for (const table of await tenantTables(t.connection.db)) {
      const { rows } = await sql<{ tenant: string }>`select tenant from ${sql.id(table)}`.execute(forTenant(a));
      expect(new Set(rows.map((row) => row.tenant)), table).toEqual(new Set(rows.length === 0 ? [] : [a]));
      seen += rows.length;
      const { rows: theirs } = await sql`select 1 from ${sql.id(table)} where tenant = ${b}`.execute(forTenant(a));
      expect(theirs, table).toEqual([]);
    }
    expect(seen).toBeGreaterThan(6);
  });

  test.each([
    ['no tenant', "select set_config('role', 'cot_monitor_app', true)"],
    ['an empty one', "select set_config('role', 'cot_monitor_app', true), set_config('cot_monitor.tenant', '', true)"],
  ])('shows nothing where a transaction names %s', async (_, prelude) => {
    await fill();
    for (const table of await tenantTables(t.connection.db)) {
      await t.connection.db.transaction().execute(async (tx) => {
        await sql.raw(prelude).execute(tx);
        const { rows } = await sql`select 1 from ${sql.id(table)}`.execute(tx);
        expect(rows, table).toEqual([]);
      });
    }
  });

  test('lets a tenant write nothing in the name of another', async () => {
    const [a, b] = await fill();
    const db = (await tenancy())(a);
    const denied = { code: '42501' };
    await expect(sql`update audit_head set tenant = ${b} where tenant = ${a}`.execute(db)).rejects.toMatchObject(
      denied,
    );
    await expect(
      sql`insert into audit_log select ${b}, seq + 1000, at, kind, subject, body, prev_hash, hash from audit_log`.execute(
        db,
      ),
    ).rejects.toMatchObject(denied);
    await expect(
      sql`insert into api_keys (tenant, id, name, hash, scopes, created_at, created_by)
        values (${b}, 'k', 'n', 'h', '{admin}', now(), 'x')`.execute(db),
    ).rejects.toMatchObject(denied);
    await sql`update api_keys set scopes = '{admin}' where tenant = ${b}`.execute(db);
    expect((await t.store.keys.list(b))[0]?.scopes).toEqual(['audit']);
    expect((await t.store.verifyChain(b)).break).toBeNull();
  });

  test('lets requests only add to the chain and to reviews', async () => {
    const [a] = await fill();
    const db = (await tenancy())(a);
    for (const statement of [
      sql`update audit_log set body = '{}'`,
      sql`delete from audit_log`,
      sql`truncate audit_log`,
      sql`delete from reviews`,
      sql`update reviews set outcome = 'confirmed'`,
      sql`delete from verdicts`,
      sql`update trace_text set segments = '[]'`,
      sql`select * from outbox`,
      sql`drop table reviews`,
      sql`alter table verdicts no force row level security`,
      sql`select * from ${sql.id('verdicts_2026_03')}`,
    ]) {
      await expect(statement.execute(db)).rejects.toMatchObject({ code: '42501' });
    }
  });

  test('leaves nothing of a tenant on the connection, whether its statement passed or failed', async () => {
    const [a, b] = await fill();
    const forTenant = await tenancy();
    for (let i = 0; i < 12; i++) {
      await expect(sql`select 1 / 0`.execute(forTenant(a))).rejects.toMatchObject({ code: '22012' });
      await expect(
        forTenant(a)
          .transaction()
          .execute(() => Promise.reject(new Error('mine'))),
      ).rejects.toThrow('mine');
      const { rows } = await sql<{ who: string; tenant: string | null }>`
        select current_user::text as who, current_setting('cot_monitor.tenant', true) as tenant`.execute(
        t.connection.db,
      );
      expect(rows[0]?.who).not.toBe(APP_ROLE);
      expect(rows[0]?.tenant ?? '').toBe('');
      expect((await t.store.conversation(b, 'c-1', { limit: 200 })).items).toHaveLength(1);
    }
  });

  test('a transaction of a tenant is one: what fails takes back what went before', async () => {
    const [a] = await fill();
    const forTenant = await tenancy();
    await expect(
      forTenant(a)
        .transaction()
        .execute(async (tx) => {
          await sql`update api_keys set name = 'changed'`.execute(tx);
          await sql`select 1 / 0`.execute(tx);
        }),
    ).rejects.toThrow();
    expect((await t.store.keys.list(a))[0]?.name).toBe('n');
    await sql`update api_keys set name = 'changed'`.execute(forTenant(a));
    expect((await t.store.keys.list(a))[0]?.name).toBe('changed');
  });

  test.each(["'; drop table verdicts; --", "a' or '1'='1", '\\', '%', "x', true), set_config('role', 'postgres"])(
    'a tenant called %s sees nothing',
    async (name) => {
      await fill();
      const forTenant = await tenancy();
      const { rows } = await sql`select 1 from verdicts`.execute(forTenant(name));
      expect(rows).toEqual([]);
    },
  );

  test('a table that a later version adds is protected at the next start', async () => {
    const { db } = t.connection;
    await sql`create table later (tenant text not null, x integer)`.execute(db);
    await sql`insert into later values ('a', 1), ('b', 2)`.execute(db);
    const forTenant = await tenancy();
    const { rows } = await sql`select x from later`.execute(forTenant('a'));
    expect(rows).toEqual([{ x: 1 }]);
    await sql`drop table later`.execute(db);
  });
});

describe('users of PostgreSQL', () => {
  const cleanUp: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const undo of cleanUp.splice(0).reverse()) await undo();
  });

  const asAdmin = async (url: string, text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };

  /** A database that belongs to a new user with these attributes. */
  const databaseOf = async (attributes: string): Promise<{ url: string; database: FreshDatabase }> => {
    const database = await freshDatabase();
    const user = `u_${Math.random().toString(36).slice(2)}`;
    const name = new URL(database.url).pathname.slice(1);
    await asAdmin(database.url, `create role ${user} login password 'p' ${attributes}`);
    await asAdmin(database.url, `alter database ${name} owner to ${user}`);
    await asAdmin(database.url, `grant all on schema public to ${user}`);
    const admin = new URL(database.url);
    admin.pathname = '/postgres';
    cleanUp.push(() => asAdmin(admin.href, `drop role ${user}`), database.drop);
    const url = new URL(database.url);
    url.username = user;
    url.password = 'p';
    return { url: url.href, database };
  };

  const options = { dataDir: '/nowhere', poolSize: 2, clock: () => NOON, log: silent, keepTraceShare: 1 };

  test('an owner who can use no role is bound by forced security itself', async () => {
    const { url } = await databaseOf('nosuperuser nocreaterole');
    const store = await openStore({ ...options, url });
    const connection = connectPostgres(url, 2, silent);
    try {
      await store.write([recordOf({ tenant: 'a', decision: 'alert' }), recordOf({ tenant: 'b', decision: 'alert' })]);
      expect((await store.conversation('a', 'c-1', { limit: 200 })).items).toHaveLength(1);
      await store.auditAccess({ tenant: 'a', actor: 'x', action: 'view', what: 'flag', subject: 'f' });
      expect(await store.verifyChain('a')).toEqual({ entries: 2, break: null });
      expect(await store.outbox.drain(10, async (messages) => messages.map(({ id }) => id))).toBe(2);
      expect(await protectTables(connection.db)).toBe(false);
      const forTenant = await createTenancy(connection.dialect, connection.db, false);
      const { rows } = await sql`select tenant from verdicts`.execute(forTenant('a'));
      expect(rows).toEqual([{ tenant: 'a' }]);
      await expect(sql`update api_keys set tenant = 'b'`.execute(forTenant('a'))).resolves.toBeDefined();
      await expect(sql`update audit_head set tenant = 'c'`.execute(forTenant('a'))).rejects.toMatchObject({
        code: '42501',
      });
    } finally {
      await connection.close();
      await store.close();
    }
  });

  test('one whom row-level security does not bind, and who can use no role, is refused by name', async () => {
    const { url } = await databaseOf('nosuperuser nocreaterole bypassrls');
    await expect(openStore({ ...options, url })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringMatching(/DATABASE_URL.*cot_monitor_app/),
    });
  });

  test('one who is given the role later acts as it from the next start on', async () => {
    const { url, database } = await databaseOf('nosuperuser nocreaterole');
    const first = connectPostgres(url, 2, silent);
    await (await openStore({ ...options, url })).close();
    expect(await protectTables(first.db)).toBe(false);
    await asAdmin(database.url, `grant ${APP_ROLE} to ${new URL(url).username}`);
    expect(await protectTables(first.db)).toBe(true);
    const forTenant = await createTenancy(first.dialect, first.db, true);
    const { rows } = await sql<{
      who: string;
    }>`select current_user::text as who from audit_head right join (select 1) one on true`.execute(forTenant('a'));
    expect(rows[0]?.who).toBe(APP_ROLE);
    await first.close();
  });
});
