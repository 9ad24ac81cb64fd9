import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/domain/ids.ts';
import { chain, entryHash, GENESIS } from '../../src/record/audit.ts';
import { NOON, recordOf } from './records.ts';
import { BACKENDS, usePostgres, useStore } from './stores.ts';

usePostgres();

describe.each(BACKENDS)('audit chain (%s)', (backend) => {
  const t = useStore(backend);

  const chained = async (n = 5): Promise<string> => {
    const tenant = t.tenant();
    for (let i = 0; i < n; i++) await t.store.write([recordOf({ tenant, id: `t-${i}` })]);
    return tenant;
  };

  test('a chain that nobody touched is sound, over batches and pages', async () => {
    const tenant = await chained();
    const many = Array.from({ length: 2_100 }, (_, i) => recordOf({ tenant, id: `m-${i}` }));
    await t.store.write(many);
    expect(await t.store.verifyChain(tenant)).toEqual({ entries: 2_105, break: null });
  });

  test('a tenant without entries has a sound chain', async () => {
    expect(await t.store.verifyChain(t.tenant())).toEqual({ entries: 0, break: null });
  });

  test('an entry tells what was decided on which content by which versions, without the text', async () => {
    const tenant = t.tenant();
    const record = recordOf({ tenant, decision: 'flag', text: 'hide SECRET' });
    await t.store.write([record]);
    const [entry] = await t.connection.db.selectFrom('audit_log').selectAll().where('tenant', '=', tenant).execute();
    expect(entry).toMatchObject({ kind: 'verdict', subject: 't-1', prev_hash: GENESIS, at: NOON });
    expect(JSON.parse(entry!.body)).toEqual({
      traceId: 't-1',
      contentHash: record.trace.contentHash,
      status: 'final',
      decision: 'flag',
      assessment: 'assessed',
      risk: 0.9,
      verdictHash: sha256(JSON.stringify(record.verdict)),
      versions: record.verdict.versions,
    });
    expect(JSON.stringify(entry)).not.toContain('SECRET');
  });

  test('a stored verdict still has the hash that the log knows', async () => {
    const tenant = t.tenant();
    await t.store.write([recordOf({ tenant, decision: 'alert', text: 'a\u0000\ud800' })]);
    const { db } = t.connection;
    const verdict = await db
      .selectFrom('verdicts')
      .select('body')
      .where('tenant', '=', tenant)
      .executeTakeFirstOrThrow();
    const entry = await db
      .selectFrom('audit_log')
      .select('body')
      .where('tenant', '=', tenant)
      .executeTakeFirstOrThrow();
    expect(sha256(verdict.body)).toBe(JSON.parse(entry.body).verdictHash);
  });

  test.each([
    [
      'a changed body',
      'altered',
      3,
      (tenant: string) => sql`update audit_log set body = replace(body, 'clear', 'alert')
      where tenant = ${tenant} and seq = 3`,
    ],
    [
      'a changed subject',
      'altered',
      2,
      (tenant: string) => sql`update audit_log set subject = 'x'
      where tenant = ${tenant} and seq = 2`,
    ],
    [
      'a changed time',
      'altered',
      5,
      (tenant: string) => sql`update audit_log set at = at + interval '1 second'
      where tenant = ${tenant} and seq = 5`,
    ],
    [
      'a deleted entry',
      'missing',
      3,
      (tenant: string) => sql`delete from audit_log
      where tenant = ${tenant} and seq = 3`,
    ],
    [
      'a deleted first entry',
      'missing',
      1,
      (tenant: string) => sql`delete from audit_log
      where tenant = ${tenant} and seq = 1`,
    ],
    [
      'a deleted last entry',
      'missing',
      5,
      (tenant: string) => sql`delete from audit_log
      where tenant = ${tenant} and seq = 5`,
    ],
    ['everything deleted', 'missing', 1, (tenant: string) => sql`delete from audit_log where tenant = ${tenant}`],
    [
      'two entries that changed places',
      'unlinked',
      2,
      (tenant: string) => sql`update audit_log
      set seq = 7 - seq, at = at + seq * interval '1 second' where tenant = ${tenant} and seq in (2, 5)`,
    ],
    [
      'a second entry in one place',
      'missing',
      3,
      (tenant: string) => sql`insert into audit_log
      select tenant, seq, at + interval '1 second', kind, subject, body, prev_hash, hash from audit_log
      where tenant = ${tenant} and seq = 3`,
    ],
    [
      'a head that was moved',
      'headless',
      4,
      (tenant: string) => sql`update audit_head set seq = 4
      where tenant = ${tenant}`,
    ],
    [
      'a head that was deleted',
      'headless',
      5,
      (tenant: string) => sql`delete from audit_head
      where tenant = ${tenant}`,
    ],
  ] as const)('%s breaks the chain where it happened', async (_, reason, seq, tamper) => {
    const tenant = await chained();
    await tamper(tenant).execute(t.connection.db);
    const report = await t.store.verifyChain(tenant);
    expect(report.break).toEqual({ seq, reason });
  });

  test('an entry whose own hash was mended breaks the link after it', async () => {
    const tenant = await chained();
    const { db } = t.connection;
    const row = await db
      .selectFrom('audit_log')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('seq', '=', 2)
      .executeTakeFirstOrThrow();
    const body = row.body.replace('clear', 'alert');
    const hash = entryHash({ ...row, seq: 2, prevHash: row.prev_hash, body });
    await sql`update audit_log set body = ${body}, hash = ${hash} where tenant = ${tenant} and seq = 2`.execute(db);
    expect((await t.store.verifyChain(tenant)).break).toEqual({ seq: 3, reason: 'unlinked' });
  });

  test('tenants have chains of their own', async () => {
    const [broken, sound] = [await chained(), await chained()];
    await sql`delete from audit_log where tenant = ${broken} and seq = 2`.execute(t.connection.db);
    expect((await t.store.verifyChain(sound)).break).toBeNull();
    expect((await t.store.verifyChain(broken)).break).not.toBeNull();
  });

  test('a chain crosses from one month into the next', async () => {
    const tenant = t.tenant();
    for (const [i, at] of [
      '2026-03-31T23:59:59.999Z',
      '2026-04-01T00:00:00.000Z',
      '2026-05-01T00:00:00.000Z',
    ].entries()) {
      t.now = new Date(at);
      await t.store.write([recordOf({ tenant, id: `t-${i}`, receivedAt: t.now })]);
    }
    t.now = NOON;
    expect(await t.store.verifyChain(tenant)).toEqual({ entries: 3, break: null });
  });
});

test('fields cannot be moved over their borders without changing the hash', () => {
  const entry = { prevHash: GENESIS, tenant: 'a', seq: 1, at: NOON, kind: 'verdict', subject: 'b', body: 'c' };
  const hashes = [entry, { ...entry, subject: 'bc', body: '' }, { ...entry, tenant: 'ab', subject: '' }].map(entryHash);
  expect(new Set(hashes).size).toBe(3);
});

test('chain() links every tenant by itself', () => {
  const entry = (tenant: string, subject: string) => ({ tenant, kind: 'verdict' as const, subject, body: '{}' });
  const heads = new Map([
    ['a', { tenant: 'a', seq: 7, hash: 'seven' }],
    ['b', { tenant: 'b', seq: 0, hash: GENESIS }],
  ]);
  const { entries, heads: moved } = chain(heads, [entry('a', '1'), entry('b', '2'), entry('a', '3')], NOON);
  expect(entries.map((e) => [e.tenant, e.seq])).toEqual([
    ['a', 8],
    ['b', 1],
    ['a', 9],
  ]);
  expect(entries[0]!.prevHash).toBe('seven');
  expect(entries[2]!.prevHash).toBe(entries[0]!.hash);
  expect(moved).toEqual([
    { tenant: 'a', seq: 9, hash: entries[2]!.hash },
    { tenant: 'b', seq: 1, hash: entries[1]!.hash },
  ]);
  expect(heads.get('a')!.seq).toBe(7);
});
