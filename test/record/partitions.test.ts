import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { createPartitions, partitionOf } from '../../src/record/partitions.ts';
import { recordOf } from './records.ts';
import { BACKENDS, usePostgres, useStore } from './stores.ts';

usePostgres();

describe('partitionOf', () => {
  test('an instant belongs to its day or month by UTC, the border to what begins there', () => {
    const last = new Date('2026-12-31T23:59:59.999Z');
    const first = new Date('2027-01-01T00:00:00.000Z');
    expect(partitionOf('verdicts', last)).toMatchObject({ name: 'verdicts_2026_12', to: first });
    expect(partitionOf('verdicts', first)).toMatchObject({ name: 'verdicts_2027_01', from: first });
    expect(partitionOf('trace_text', last)).toMatchObject({ name: 'trace_text_2026_12_31', to: first });
    expect(partitionOf('trace_text', first)).toMatchObject({ name: 'trace_text_2027_01_01', from: first });
    expect(partitionOf('trace_text', new Date('2028-02-29T12:00:00Z')).to).toEqual(new Date('2028-03-01T00:00:00Z'));
  });
});

describe.each(BACKENDS)('partitions (%s)', (backend) => {
  const t = useStore(backend, { keepTraceShare: 1 });

  const names = async (): Promise<string[]> => {
    const { rows } = await sql<{ name: string }>`
      select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where c.relkind = 'r' order by 1
    `.execute(t.connection.db);
    return rows.map((row) => row.name);
  };

  const rowsIn = async (table: string): Promise<number> => {
    const { rows } = await sql<{ n: unknown }>`select count(*) as n from ${sql.id(table)}`.execute(t.connection.db);
    return Number(rows[0]!.n);
  };

  test('those of now and of what comes next are there from the start', async () => {
    const present = await names();
    for (const table of ['verdicts', 'findings', 'flags', 'audit_log']) {
      expect(present).toEqual(expect.arrayContaining([`${table}_2026_03`, `${table}_2026_04`]));
    }
    expect(present).toEqual(
      expect.arrayContaining(['trace_text_2026_03_10', 'trace_text_2026_03_11', 'trace_text_2026_03_12']),
    );
  });

  test('records on both sides of a border of days and months go where they belong, and are found', async () => {
    const tenant = t.tenant();
    const times = ['2026-06-30T23:59:59.999Z', '2026-07-01T00:00:00.000Z', '2026-07-01T23:59:59.999Z'];
    const batch = times.map((at, i) =>
      recordOf({ tenant, id: `b-${i}`, decision: 'flag', receivedAt: new Date(at), trace: { turn: i } }),
    );
    const results = await t.store.write(batch);
    expect(results.map((r) => r.kind)).toEqual(['stored', 'stored', 'stored']);
    expect([await rowsIn('verdicts_2026_06'), await rowsIn('verdicts_2026_07')]).toEqual([1, 2]);
    expect([await rowsIn('trace_text_2026_06_30'), await rowsIn('trace_text_2026_07_01')]).toEqual([1, 2]);
    expect(await t.store.write(batch)).toEqual(batch.map(({ verdict }) => ({ kind: 'duplicate', verdict })));
    const { items } = await t.store.flags(tenant, { limit: 9, from: new Date(times[1]!) });
    expect(items.map((flag) => flag.traceId)).toEqual(['b-2', 'b-1']);
    expect((await t.store.conversation(tenant, 'c-1', { limit: 200 })).items).toHaveLength(3);
  });

  test('many that need the same new partitions at once make them once', async () => {
    const at = new Date('2027-02-15T00:00:00Z');
    await Promise.all(Array.from({ length: 6 }, () => createPartitions(t.connection.db).ensure([at])));
    expect((await names()).filter((name) => name.endsWith('2027_02'))).toHaveLength(4);
  });

  test('writers that cross into a new month at once all get through', async () => {
    const tenant = t.tenant();
    const receivedAt = new Date('2027-05-01T00:00:00Z');
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) => t.store.write([recordOf({ tenant, id: `w-${i}`, receivedAt })])),
    );
    expect(results.flat().every((r) => r.kind === 'stored')).toBe(true);
  });

  test('a partition that was dropped under a running service is made anew', async () => {
    const tenant = t.tenant();
    const receivedAt = new Date('2027-08-03T00:00:00Z');
    await t.store.write([recordOf({ tenant, id: 'gone', decision: 'flag', receivedAt })]);
    for (const table of ['verdicts_2027_08', 'findings_2027_08', 'flags_2027_08', 'trace_text_2027_08_03']) {
      await sql`drop table ${sql.id(table)}`.execute(t.connection.db);
    }
    const results = await t.store.write([recordOf({ tenant, id: 'new', decision: 'flag', receivedAt })]);
    expect(results[0]!.kind).toBe('stored');
    const { items } = await t.store.flags(tenant, { limit: 5 });
    expect(items.map((flag) => flag.traceId)).toEqual(['new']);
  });

  test('a redelivery of what retention dropped is still a duplicate', async () => {
    const tenant = t.tenant();
    const record = recordOf({ tenant, receivedAt: new Date('2027-09-03T00:00:00Z') });
    await t.store.write([record]);
    await sql`drop table verdicts_2027_09`.execute(t.connection.db);
    expect(await t.store.verdict(tenant, 't-1')).toBeNull();
    expect(await t.store.write([record])).toEqual([{ kind: 'duplicate', verdict: record.verdict }]);
  });
});
