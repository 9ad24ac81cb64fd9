import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { arrayLiteral, bulkInsert } from '../../src/record/bulk-insert.ts';
import { isStorable } from '../../src/record/cursor.ts';
import { BACKENDS, usePostgres, useStore } from './stores.ts';

usePostgres();

describe.each(BACKENDS)('bulk insert (%s)', (backend) => {
  const t = useStore(backend);

  test('any list of names becomes that list in a column', async () => {
    const { db } = t.connection;
    const name = fc.string({ unit: 'binary', maxLength: 20 }).filter(isStorable);
    const odd = fc.constantFrom('', 'NULL', '{}', '"', '\\', ',', ' x ', "'", '\\"', '{a,b}');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(name, odd), { maxLength: 6 }), async (names) => {
        const { rows } = await sql<{ names: string[] }>`select ${arrayLiteral(names)}::text[] as names`.execute(db);
        expect(rows[0]!.names).toEqual(names);
      }),
      { numRuns: 60 },
    );
  });

  test('rows are inserted in the order given, null as null and text as it is', async () => {
    const { db } = t.connection;
    await sql`create table bulk (id bigserial, a text, b integer, c text[], d timestamptz)`.execute(db);
    const rows = Array.from({ length: 3_000 }, (_, i) => ({ a: i % 2 === 0 ? null : `"${i}\\`, b: String(-i) }));
    await bulkInsert<(typeof rows)[number]>(
      'bulk',
      [
        { name: 'a', type: 'text', value: (row) => row.a },
        { name: 'b', type: 'integer', value: (row) => row.b },
        { name: 'c', type: 'text[]', value: (row) => arrayLiteral([row.b, '']) },
        { name: 'd', type: 'timestamptz', value: () => '2026-03-10T12:00:00.123Z' },
      ],
      rows,
    ).execute(db);
    const stored = await sql<Record<string, unknown>>`select a, b, c, d from bulk order by id`.execute(db);
    const d = new Date('2026-03-10T12:00:00.123Z');
    expect(stored.rows).toEqual(rows.map((row) => ({ a: row.a, b: Number(row.b), c: [row.b, ''], d })));
  });
});
