import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { connectPostgres } from '../../src/record/connection.ts';
import { MIGRATIONS, migrate, requireMigrated } from '../../src/record/migrate.ts';
import { openStore } from '../../src/record/store.ts';
import { freshDatabase } from '../support/postgres.ts';
import { NOON, recordOf } from './records.ts';
import { BACKENDS, silent, usePostgres, useStore } from './stores.ts';

usePostgres();

describe.each(BACKENDS)('migrate (%s)', (backend) => {
  const t = useStore(backend);

  test('what was applied is not applied again', async () => {
    expect(await migrate(t.connection.db)).toEqual([]);
  });

  test('a migration that fails leaves no trace, and the next start tries again', async () => {
    const { db } = t.connection;
    const version = MIGRATIONS.at(-1)!.version + 1;
    const broken = { version, name: 'broken', statements: ['create table half (a int)', 'create table (', ''] };
    await expect(migrate(db, [...MIGRATIONS, broken])).rejects.toMatchObject({ code: '42601' });
    const { rows } = await sql<{ half: unknown }>`select to_regclass('half') as half`.execute(db);
    expect(rows[0]!.half).toBeNull();
    expect(await migrate(db)).toEqual([]);
  });

  test('a database that a newer version has written is refused', async () => {
    const { db } = t.connection;
    await sql`insert into schema_migrations (version, name) values (999, 'from the future')`.execute(db);
    await expect(migrate(db)).rejects.toMatchObject({ code: 'store_newer' });
    await expect(requireMigrated(db)).rejects.toMatchObject({ code: 'store_newer' });
    await sql`delete from schema_migrations where version = 999`.execute(db);
  });

  test('a database to which a newer version has only added is worked on, and not set back', async () => {
    const { db } = t.connection;
    const version = MIGRATIONS.at(-1)!.version + 1;
    const adds = { version, name: 'adds', statements: ['create table added (a int)'], additive: true };
    expect(await migrate(db, [...MIGRATIONS, adds])).toEqual(['adds']);
    expect(await migrate(db)).toEqual([]);
    await requireMigrated(db);
    await sql`drop table added`.execute(db);
    await sql`delete from schema_migrations where version = ${version}`.execute(db);
  });

  test('who leaves migrating to others is refused while there is something to be done', async () => {
    const { db } = t.connection;
    await requireMigrated(db);
    const next = { version: MIGRATIONS.at(-1)!.version + 1, name: 'next', statements: ['create table later (a int)'] };
    await expect(requireMigrated(db, [...MIGRATIONS, next])).rejects.toMatchObject({
      code: 'store_older',
      message: expect.stringContaining('next'),
    });
  });
});

test('versions ascend, so that the newest is the last', () => {
  const versions = MIGRATIONS.map((m) => m.version);
  expect(versions).toEqual(versions.map((_, i) => i + 1));
});

describe('on PostgreSQL', () => {
  const discard: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const drop of discard.splice(0)) await drop();
  });

  const options = (url: string) => ({
    url,
    dataDir: '/nowhere',
    poolSize: 2,
    clock: () => NOON,
    log: silent,
    keepTraceShare: 0,
  });

  test('four that start at once on an empty database migrate it once, and all of them work', async () => {
    const database = await freshDatabase();
    discard.push(database.drop);
    const stores = await Promise.all([1, 2, 3, 4].map(() => openStore(options(database.url))));
    const results = await Promise.all(stores.map((store, i) => store.write([recordOf({ id: `t-${i}` })])));
    expect(results.flat().every((r) => r.kind === 'stored')).toBe(true);
    const connection = connectPostgres(database.url, 1, silent);
    const rows = await connection.db.selectFrom('schema_migrations').select('version').execute();
    expect(rows).toHaveLength(MIGRATIONS.length);
    await Promise.all([connection, ...stores].map((c) => c.close()));
  });

  test('a newer database is refused by openStore, and no connection stays behind', async () => {
    const database = await freshDatabase();
    discard.push(database.drop);
    await (await openStore(options(database.url))).close();
    const connection = connectPostgres(database.url, 1, silent);
    await sql`insert into schema_migrations (version, name) values (999, 'x')`.execute(connection.db);
    await expect(openStore(options(database.url))).rejects.toMatchObject({ code: 'store_newer' });
    // The server notices an end of ours a moment later, and has processes of its own in the same database.
    const others = async (): Promise<number> => {
      const { rows } = await sql<{ n: unknown }>`
        select count(*) as n from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
      `.execute(connection.db);
      return Number(rows[0]!.n);
    };
    await expect.poll(others, { timeout: 5_000 }).toBe(0);
    await connection.close();
  });

  test('an empty database is refused by who may not migrate, and stays empty', async () => {
    const database = await freshDatabase();
    discard.push(database.drop);
    await expect(openStore({ ...options(database.url), migrate: false })).rejects.toMatchObject({
      code: 'store_older',
    });
    const connection = connectPostgres(database.url, 1, silent);
    const { rows } = await sql<{ n: unknown }>`
      select count(*) as n from pg_tables where schemaname = current_schema()`.execute(connection.db);
    expect(Number(rows[0]!.n)).toBe(0);
    await connection.close();
  });

  test('a server that is not there is store_unavailable', async () => {
    await expect(openStore(options('postgres://u:p@127.0.0.1:1/x'))).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });

  test('a password that is wrong does not stand in the error', async () => {
    const database = await freshDatabase();
    discard.push(database.drop);
    const url = new URL(database.url);
    url.password = 'SECRET';
    const error = await openStore(options(url.href)).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'store_unavailable' });
    expect(String(error)).not.toContain('SECRET');
  });

  test('a database that is not in UTF-8 is refused', async () => {
    const database = await freshDatabase(undefined, "encoding 'SQL_ASCII'");
    discard.push(database.drop);
    await expect(openStore(options(database.url))).rejects.toMatchObject({ code: 'invalid_config' });
  });
});
