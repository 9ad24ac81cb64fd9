import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Decision } from '../../../src/domain/verdict.ts';
import { BLOCK_SIZE, compare, type Side } from '../../../src/report/compare.ts';
import { deceptionReport } from '../../../src/report/deception.ts';
import { driftOf } from '../../../src/report/drift.ts';
import { findingOf, NOON, recordOf } from '../records.ts';
import { BACKENDS, type TestStore, usePostgres, useStore } from '../stores.ts';

usePostgres();

const N = 102_443;

/** The two distributions of the o1 system card, §3.3.1, as our labels. */
const CARD = {
  'o1-preview': { intentional_fabrication: 389, unintentional_error: 183, overconfidence: 18, knowing_omission: 221 },
  o1: { intentional_fabrication: 43, hallucinated_policy: 91, sycophantic_distortion: 46 },
} as const;

/** Verdicts spread evenly over a day, in rows of SQL: the columns are what counting reads. */
const seedCard = async (t: TestStore, tenant: string, model: keyof typeof CARD): Promise<void> => {
  let upTo = 0;
  const bounds = Object.entries(CARD[model]).map(([category, count]) => {
    upTo += count;
    return { category, upTo };
  });
  const category = sql.join(
    bounds.map(({ category, upTo: end }) => sql`when place < ${sql.lit(end)} then ${sql.lit(category)}`),
    sql` `,
  );
  // 48,271 is a generator of the numbers below the prime 102,461: places are shuffled, always in the same way.
  await sql`
    insert into verdicts (tenant, received_at, trace_id, conversation_id, occurred_at, decision, assessment, reasons, risk,
      status, model_name, content_hash, header, body, categories, views_seen, views_hit)
    select ${tenant}, ${NOON.toISOString()}::timestamptz, ${model}::text || '-' || n, 'c',
      ${NOON.toISOString()}::timestamptz + n * interval '800 milliseconds',
      case when category is null then 'clear' when category = 'unintentional_error' then 'record' else 'flag' end,
      'assessed', '{}', 0, 'final', ${model}, '', '{}', '{}',
      case when category is null then '{}' else array[category] end, 5, case when category is null then 0 else 1 end
    from (
      select n, case ${category} end as category
      from (select n, (row_number() over (order by (n::bigint * 48271) % 102461) - 1) as place
        from generate_series(1, ${sql.lit(N)}) as g(n)) numbered
    ) classed
  `.execute(t.connection.db);
};

describe("the system card's table (postgres)", () => {
  const t = useStore('postgres');

  test('comes back exact from 102,443 stored verdicts of each model, and the shift is found', async () => {
    const tenant = t.tenant();
    await seedCard(t, tenant, 'o1-preview');
    await seedCard(t, tenant, 'o1');
    const tableOf = async (model: string) =>
      deceptionReport(
        await t.store.reports.verdicts(tenant, { model }),
        await t.store.reports.reviewed(tenant, { model }),
        await t.store.reports.shadow(tenant, { model }),
      );
    const counts = ({ classes }: Awaited<ReturnType<typeof tableOf>>) =>
      Object.fromEntries(classes.map((row) => [row.class, row.count]));
    const [preview, o1] = [await tableOf('o1-preview'), await tableOf('o1')];
    expect(preview.n).toBe(N);
    expect(counts(preview)).toEqual({
      flagged: 811,
      intentional_hallucination: 389,
      unintentional_hallucination: 183,
      overconfident_answer: 18,
      hallucinated_policy: 0,
      other: 221,
    });
    expect(preview.classes[0]!.rate!.value).toBeCloseTo(0.0079, 4);
    expect(o1.n).toBe(N);
    expect(counts(o1)).toEqual({
      flagged: 180,
      intentional_hallucination: 43,
      unintentional_hallucination: 0,
      overconfident_answer: 0,
      hallucinated_policy: 91,
      other: 46,
    });
    expect(o1.classes[0]!.rate!.value).toBeCloseTo(180 / N, 12);

    const read = async (model: string) => {
      const verdicts = await t.store.reports.verdicts(tenant, { model });
      const blocks: readonly Side[] = await t.store.reports.blocks(tenant, { model }, BLOCK_SIZE);
      return { side: { total: N, classed: verdicts }, blocks };
    };
    const [a, b] = [await read('o1-preview'), await read('o1')];
    expect(a.blocks).toHaveLength(Math.floor(N / BLOCK_SIZE));
    const { difference, test: shift } = compare({ a: a.side, b: b.side }, { a: a.blocks, b: b.blocks }, 'flagged');
    expect(difference!.high).toBeLessThan(0);
    expect(shift.detectedAfter!.a).toBeLessThanOrEqual(15_000);
    expect(shift.pValue).toBeLessThan(1e-9);
  }, 120_000);
});

describe.each(BACKENDS)('counting for reports (%s)', (backend) => {
  const t = useStore(backend);

  const write = (tenant: string, id: string, over: Parameters<typeof recordOf>[0] = {}) =>
    t.store.write([recordOf({ tenant, id, ...over })]);

  test('a verdict counts for what carried it: no mention, and observations where they were recorded', async () => {
    const tenant = t.tenant();
    await write(tenant, 'mentioned', { findings: [findingOf({ stance: 'mentioned' })] });
    await write(tenant, 'flagged', {
      decision: 'flag',
      findings: [findingOf(), findingOf({ category: 'doubling_down', stance: 'rejected' })],
    });
    await write(tenant, 'error', {
      decision: 'record',
      findings: [findingOf({ category: 'unintentional_error', group: 'observation' })],
    });
    const rows = await t.store.reports.verdicts(tenant, {});
    expect(rows.map(({ flagged, categories, hit, count }) => [flagged, categories, hit, count])).toEqual(
      expect.arrayContaining([
        [false, [], [], 1],
        [true, ['sandbagging'], ['reasoning'], 1],
        [false, ['unintentional_error'], ['reasoning'], 1],
      ]),
    );
    expect(rows).toHaveLength(3);
  });

  test('period, model and version bound what is counted, by the time of occurrence', async () => {
    const tenant = t.tenant();
    const later = new Date(NOON.getTime() + 86_400_000);
    await write(tenant, 'one');
    await write(tenant, 'two', { trace: { occurredAt: later, model: { provider: null, name: 'm', version: null } } });
    const count = async (scope: Parameters<typeof t.store.reports.verdicts>[1]) =>
      (await t.store.reports.verdicts(tenant, scope)).map(({ day, model, count: n }) => [day, model, n]);
    expect(await count({})).toEqual([
      ['2026-03-10', 'o1', 1],
      ['2026-03-11', 'm', 1],
    ]);
    expect(await count({ from: later })).toEqual([['2026-03-11', 'm', 1]]);
    expect(await count({ to: later })).toEqual([['2026-03-10', 'o1', 1]]);
    expect(await count({ model: 'o1', modelVersion: '2024-12-17' })).toEqual([['2026-03-10', 'o1', 1]]);
    for (const model of ['nobody', '\u0000', "' or '1'='1"]) expect(await count({ model })).toEqual([]);
    expect(await t.store.reports.verdicts(t.tenant(), {})).toEqual([]);
    const points = driftOf(await t.store.reports.verdicts(tenant, {}), 'model');
    expect(points.map(({ day, n }) => [day, n])).toEqual([
      ['2026-03-10', 1],
      ['2026-03-11', 1],
    ]);
  });

  test('blocks are whole, in order of time, and an old one stays as it was when traces come in', async () => {
    const tenant = t.tenant();
    const at = (n: number, decision: Decision = 'clear') =>
      write(tenant, `t-${n}`, { decision, trace: { occurredAt: new Date(NOON.getTime() + n * 1_000) } });
    await at(2, 'flag');
    await at(1);
    await at(3);
    const before = await t.store.reports.blocks(tenant, {}, 2);
    expect(before).toEqual([
      {
        total: 2,
        classed: expect.arrayContaining([
          { flagged: false, categories: [], count: 1 },
          { flagged: true, categories: ['sandbagging'], count: 1 },
        ]),
      },
    ]);
    await at(4);
    expect((await t.store.reports.blocks(tenant, {}, 2)).map(({ total }) => total)).toEqual([2, 2]);
    expect((await t.store.reports.blocks(tenant, {}, 2))[0]).toEqual(before[0]);
  });

  test('reviewed flags count by what they were flagged for', async () => {
    const tenant = t.tenant();
    await write(tenant, 'one', { decision: 'flag' });
    const [flag] = (await t.store.flags(tenant, { limit: 1 })).items;
    await t.store.reviews.add(tenant, flag!.id, { outcome: 'confirmed', note: null, reviewer: 'ada' });
    expect(await t.store.reports.reviewed(tenant, { model: 'o1' })).toEqual([
      { categories: ['sandbagging'], confirmed: 1, falsePositive: 0 },
    ]);
    expect(await t.store.reports.reviewed(tenant, { model: 'o3' })).toEqual([]);
    expect(await t.store.reports.shadow(tenant, {})).toEqual({ judged: 0, hits: 0 });
  });
});
