import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { flagIdOf } from '../../../src/domain/ids.ts';
import type { ErasureTarget } from '../../../src/record/erasure/contract.ts';
import { findingOf, type RecordOptions, recordOf } from '../records.ts';
import { BACKENDS, usePostgres, useStore } from '../stores.ts';

usePostgres();

const WORDS = 'zanzibar';

const CONTRIBUTION = { detector: 'classifier', rule: null, view: 'reasoning', finding: null, logOdds: 1 } as const;

describe.each(BACKENDS)('erasure (%s)', (backend) => {
  const t = useStore(backend, { keepTraceShare: 1 });

  const put = async (tenant: string, id: string, options: RecordOptions = {}): Promise<void> => {
    const quote = { segment: 0, start: 0, end: 8, quote: WORDS, sourcePath: `/${WORDS}`, hash: 'h' };
    await t.store.write([
      recordOf({
        tenant,
        id,
        decision: 'flag',
        text: WORDS,
        findings: [findingOf({ evidence: [quote], explanation: `It says ${WORDS}.` })],
        ...options,
        verdict: {
          unread: [{ path: `/${WORDS}`, bytes: 3 }],
          drivers: { baseRisk: 0.1, contributions: [{ ...CONTRIBUTION, evidence: [quote] }] },
          ...options.verdict,
        },
        trace: { labels: { user: WORDS }, ...options.trace },
      }),
    ]);
  };

  const erase = (tenant: string, target: ErasureTarget) =>
    t.store.erase({ tenant, target, by: 'key:k1', reason: 'ticket 77' });

  /** Everything that the database holds of a tenant, outside of the outbox, as one text. */
  const everything = async (tenant: string): Promise<string> => {
    const tables = [
      'trace_identity',
      'verdicts',
      'trace_text',
      'findings',
      'flags',
      'reviews',
      'audit_log',
      'judge_jobs',
    ];
    const rows = await Promise.all(
      tables.map((table) => sql`select * from ${sql.id(table)} where tenant = ${tenant}`.execute(t.connection.db)),
    );
    return JSON.stringify(rows.map((result) => result.rows));
  };

  const targets: readonly [string, ErasureTarget][] = [
    ['a conversation', { kind: 'conversation', id: 'c-1' }],
    ['a label', { kind: 'label', name: 'user', value: WORDS }],
    ['a tenant', { kind: 'tenant' }],
  ];

  test.each(targets)('of %s takes every word and leaves the figures', async (_, target) => {
    const tenant = t.tenant();
    await put(tenant, 't-1');
    await put(tenant, 't-2', { decision: 'clear', findings: [] });
    await t.store.reviews.add(tenant, flagIdOf(tenant, 't-1'), { outcome: 'confirmed', note: WORDS, reviewer: 'jane' });
    const before = await t.store.verdict(tenant, 't-1');
    expect(await everything(tenant)).toContain(WORDS);
    expect(await erase(tenant, target)).toMatchObject({ traces: 2 });
    expect(await everything(tenant)).not.toContain(WORDS);
    const after = await t.store.verdict(tenant, 't-1');
    expect(after).toMatchObject({ decision: 'flag', risk: before?.risk, status: 'final' });
    expect(after?.findings[0]).toMatchObject({ category: 'sandbagging', score: 0.9, explanation: '' });
    expect(after?.findings[0]?.evidence[0]).toMatchObject({ start: 0, end: 8, hash: 'h', quote: '' });
    expect(
      (await t.store.conversation(tenant, 'c-1', { limit: 200 })).items.map(({ segments, labels }) => [
        segments,
        labels,
      ]),
    ).toEqual([
      [null, {}],
      [null, {}],
    ]);
    expect((await t.store.flags(tenant, { limit: 10 })).items).toHaveLength(1);
    expect((await t.store.flags(tenant, { limit: 10, q: WORDS })).items).toEqual([]);
    expect((await t.store.reviews.list(tenant, flagIdOf(tenant, 't-1')))?.[0]).toMatchObject({
      outcome: 'confirmed',
      note: null,
    });
  });

  test('stands in the chain, which stays whole, with who, why and which, and without the value of a label', async () => {
    const tenant = t.tenant();
    await put(tenant, 't-1');
    const { id } = await erase(tenant, { kind: 'label', name: 'user', value: WORDS });
    const entries = await t.connection.db
      .selectFrom('audit_log')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('kind', '=', 'erasure')
      .orderBy('seq')
      .execute();
    expect(entries.map(({ subject }) => subject)).toEqual([id, id]);
    const [first, last] = entries.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(first).toMatchObject({ by: 'key:k1', reason: 'ticket 77', action: 'erased', traceIds: ['t-1'] });
    expect(last).toMatchObject({ action: 'finished', traces: 1 });
    expect(first?.target).toMatchObject({
      kind: 'label',
      name: 'user',
      valueHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await t.store.verifyAudit(tenant)).break).toBeNull();
  });

  test('touches nothing else: other conversations, labels that only look alike, other tenants', async () => {
    const [tenant, other] = [t.tenant(), t.tenant()];
    await put(other, 't-1');
    await put(tenant, 'elsewhere', { trace: { conversationId: 'c-2', labels: { user: `${WORDS}2` } } });
    await put(tenant, 'alike', { trace: { conversationId: 'c-3', labels: { note: `"user":"${WORDS}"` } } });
    await put(tenant, 'reversed', { trace: { conversationId: 'c-4', labels: { [WORDS]: 'user' } } });
    expect(await erase(tenant, { kind: 'label', name: 'user', value: WORDS })).toMatchObject({ traces: 0 });
    expect(await erase(tenant, { kind: 'conversation', id: 'c-1' })).toMatchObject({ traces: 0 });
    expect(await erase(tenant, { kind: 'conversation', id: 'no\u0000ne' })).toMatchObject({ traces: 0 });
    for (const [of, id] of [
      [other, 'c-1'],
      [tenant, 'c-2'],
      [tenant, 'c-3'],
      [tenant, 'c-4'],
    ] as const) {
      expect((await t.store.conversation(of, id, { limit: 200 })).items[0]?.segments?.[0]?.text).toBe(WORDS);
    }
  });

  test.each(['"', '\\', 'a"b\\c', '%', "'; --", '\u00fc\u{1F600}', '__proto__'])(
    'finds the label value %s',
    async (value) => {
      const tenant = t.tenant();
      await put(tenant, 't-1', { trace: { labels: { user: value } } });
      expect(await erase(tenant, { kind: 'label', name: 'user', value })).toMatchObject({ traces: 1 });
      expect((await t.store.conversation(tenant, 'c-1', { limit: 200 })).items[0]?.labels).toEqual({});
    },
  );

  test('asked for again does nothing more; the trace sent again is known and stores no text', async () => {
    const tenant = t.tenant();
    await put(tenant, 't-1');
    await erase(tenant, { kind: 'tenant' });
    expect(await erase(tenant, { kind: 'tenant' })).toMatchObject({ traces: 0 });
    const [again] = await t.store.write([recordOf({ tenant, id: 't-1', decision: 'flag', text: WORDS })]);
    expect(again?.kind).toBe('duplicate');
    expect(await everything(tenant)).not.toContain(WORDS);
  });

  test('goes through batches, over borders of months, to the end', async () => {
    const tenant = t.tenant();
    const months = [new Date('2026-03-31T23:59:59Z'), new Date('2026-04-01T00:00:00Z')];
    await t.store.write(
      Array.from({ length: 450 }, (_, i) =>
        recordOf({ tenant, id: `t-${i}`, text: WORDS, receivedAt: months[i % 2]! }),
      ),
    );
    expect(await erase(tenant, { kind: 'tenant' })).toMatchObject({ traces: 450 });
    expect(await everything(tenant)).not.toContain(WORDS);
    expect((await t.store.verifyAudit(tenant)).break).toBeNull();
  });

  test('takes the work of a judge who is still at it', async () => {
    const tenant = t.tenant();
    await put(tenant, 't-1');
    await sql`insert into judge_jobs (tenant, trace_id, received_at, enqueued_at, cause, priority, state, attempts, not_before)
      values (${tenant}, 't-1', ${t.now.toISOString()}::timestamptz, now(), 'band', 1, 'waiting', 0, now())`.execute(
      t.connection.db,
    );
    await erase(tenant, { kind: 'conversation', id: 'c-1' });
    const { rows } = await sql`select 1 from judge_jobs where tenant = ${tenant}`.execute(t.connection.db);
    expect(rows).toEqual([]);
  });
});
