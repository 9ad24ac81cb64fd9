import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { flagIdOf } from '../../../src/domain/ids.ts';
import type { RetentionLimits } from '../../../src/record/retention/contract.ts';
import { findingOf, NOON, recordOf } from '../records.ts';
import { BACKENDS, usePostgres, useStore } from '../stores.ts';

usePostgres();

const DAY = 86_400_000;
const WORD = 'zanzibar';
const NEVER: RetentionLimits = { textDays: null, wordsDays: null, verdictsDays: null };

describe.each(BACKENDS)('retention (%s)', (backend) => {
  const t = useStore(backend, { keepTraceShare: 1 });
  const ago = (days: number): Date => new Date(NOON.getTime() - days * DAY);

  const put = async (tenant: string, id: string, receivedAt: Date, conversationId = 'c-1'): Promise<void> => {
    const quote = { segment: 0, start: 0, end: 8, quote: WORD, sourcePath: '', hash: 'h' };
    await t.store.write([
      recordOf({
        tenant,
        id,
        decision: 'flag',
        text: `${WORD} ${id}`,
        receivedAt,
        findings: [findingOf({ evidence: [quote] })],
        trace: { conversationId, labels: { user: `u-${id}` } },
        verdict: { conversationId },
      }),
    ]);
  };

  const count = async (table: string, tenant: string): Promise<number> => {
    const { rows } = await sql<{ n: string }>`
      select count(*) as n from ${sql.id(table)} where tenant = ${tenant}`.execute(t.connection.db);
    return Number(rows[0]!.n);
  };
  const turns = async (tenant: string, id = 'c-1') => (await t.store.conversation(tenant, id, { limit: 50 })).items;
  const texts = async (tenant: string, id = 'c-1'): Promise<(string | undefined)[]> =>
    (await turns(tenant, id)).map(({ segments }) => segments?.[0]?.text);
  const entries = async (tenant: string) =>
    (await t.store.trail.entries(tenant, { limit: 200, action: ['retention'] })).items.map(({ details }) => details);

  /** As the chain has it: other tests of this file have tenants of their own. */
  const took = async (tenant: string, what: string): Promise<number> =>
    (await entries(tenant))
      .filter((entry) => entry?.what === what)
      .reduce((sum, entry) => sum + Number(entry?.traces), 0);

  test('takes text first and leaves the verdict, its quotes and the chain', async () => {
    const tenant = t.tenant();
    await put(tenant, 'old', ago(20));
    await put(tenant, 'young', ago(2));
    expect(await t.store.expire({ ...NEVER, textDays: 10 })).toEqual({
      gone: { text: 1, words: 0, verdicts: 0 },
      complete: true,
    });
    expect(await texts(tenant)).toEqual([undefined, `${WORD} young`]);
    expect((await turns(tenant))[0]!.verdict.findings[0]!.evidence[0]!.quote).toBe(WORD);
    expect(await entries(tenant)).toEqual([
      { action: 'expired', what: 'text', before: ago(10).toISOString(), traces: 1 },
    ]);
    expect((await t.store.verifyAudit(tenant)).break).toBeNull();
    expect((await t.store.expire({ ...NEVER, textDays: 10 })).gone.text).toBe(0);
  });

  test('takes words without changing what is counted', async () => {
    const tenant = t.tenant();
    await put(tenant, 'old', ago(20));
    await put(tenant, 'young', ago(2));
    await t.store.reviews.add(tenant, flagIdOf(tenant, 'old'), { outcome: 'confirmed', note: WORD, reviewer: 'r' });
    const rates = await t.store.reports.verdicts(tenant, {});
    await t.store.expire({ ...NEVER, wordsDays: 10 });
    expect([await took(tenant, 'text'), await took(tenant, 'words')]).toEqual([1, 1]);
    const [old, young] = await turns(tenant);
    expect(JSON.stringify(old)).not.toContain(WORD);
    expect(old).toMatchObject({ labels: {}, segments: null, erasedAt: NOON });
    expect(JSON.stringify(young)).toContain(WORD);
    expect((await t.store.reviews.list(tenant, flagIdOf(tenant, 'old')))![0]).toMatchObject({ note: null });
    expect(await t.store.reports.verdicts(tenant, {})).toEqual(rates);
    expect((await t.store.verifyAudit(tenant)).break).toBeNull();
  });

  test('takes verdicts by whole months with all that hangs on them, and the trace is still known', async () => {
    const tenant = t.tenant();
    await put(tenant, 'old', ago(70));
    await put(tenant, 'young', ago(2));
    await t.store.reviews.add(tenant, flagIdOf(tenant, 'old'), { outcome: 'confirmed', note: null, reviewer: 'r' });
    await t.store.expire({ ...NEVER, verdictsDays: 30 });
    expect(await took(tenant, 'verdicts')).toBe(1);
    for (const table of ['verdicts', 'flags', 'findings', 'trace_text']) expect(await count(table, tenant)).toBe(1);
    expect(await count('reviews', tenant)).toBe(0);
    expect(await t.store.flag(tenant, flagIdOf(tenant, 'old'))).toBeNull();
    const past = (await t.store.trail.verdicts(tenant, ['old'])).get('old');
    expect(past).toMatchObject([{ decision: 'flag' }]);
    const again = recordOf({ tenant, id: 'old', text: `${WORD} old`, receivedAt: NOON });
    expect(await t.store.write([again])).toMatchObject([{ kind: 'duplicate' }]);
    expect((await t.store.verifyAudit(tenant)).break).toBeNull();
  });

  test('works through more than one batch, and each trace once', async () => {
    const tenant = t.tenant();
    const many = Array.from({ length: 450 }, (_, i) => recordOf({ tenant, id: `t-${i}`, receivedAt: ago(20) }));
    await t.store.write(many);
    await t.store.expire({ ...NEVER, wordsDays: 10 });
    expect(await took(tenant, 'words')).toBe(450);
    expect((await t.store.expire({ ...NEVER, wordsDays: 10 })).gone.words).toBe(0);
  });

  test.each([
    ['a conversation', { kind: 'conversation', id: 'c-held' }],
    ['a label', { kind: 'label', name: 'user', value: 'u-held' }],
  ] as const)('leaves what a hold on %s covers, until it is released', async (_, target) => {
    const tenant = t.tenant();
    await put(tenant, 'held', ago(100), 'c-held');
    await put(tenant, 'free', ago(100));
    const hold = await t.store.holds.place(tenant, target, 'matter 1', 'key:k');
    const limits = { textDays: 10, wordsDays: 20, verdictsDays: 30 };
    expect((await t.store.expire(limits)).complete).toBe(true);
    expect(await texts(tenant, 'c-held')).toEqual([`${WORD} held`]);
    expect(await turns(tenant)).toEqual([]);
    expect(await t.store.holds.list(tenant, { active: true })).toEqual([hold]);
    const freed = await t.store.holds.release(tenant, hold.id, 'closed', 'key:k2');
    expect(freed).toMatchObject({ releasedBy: 'key:k2', releaseReason: 'closed', releasedAt: NOON });
    expect(await t.store.holds.release(tenant, hold.id, 'again', 'key:k2')).toBe('released');
    await t.store.expire(limits);
    expect(await turns(tenant, 'c-held')).toEqual([]);
    const { items } = await t.store.trail.entries(tenant, { limit: 50, action: ['hold'] });
    expect(items.map(({ details }) => details)).toMatchObject([
      { action: 'released', by: 'key:k2', reason: 'closed' },
      { action: 'placed', by: 'key:k', reason: 'matter 1' },
    ]);
    expect(JSON.stringify(items)).not.toContain('u-held');
    expect((await t.store.verifyAudit(tenant)).break).toBeNull();
  });

  test('a hold on a tenant holds that tenant alone', async () => {
    const [tenant, other] = [t.tenant(), t.tenant()];
    for (const of of [tenant, other]) await put(of, 'a', ago(20));
    await t.store.holds.place(tenant, { kind: 'tenant' }, 'matter 2', 'key:k');
    await t.store.expire({ ...NEVER, textDays: 10 });
    expect([await count('trace_text', tenant), await count('trace_text', other)]).toEqual([1, 0]);
    expect(await t.store.holds.list(other, {})).toEqual([]);
    expect(await t.store.holds.release(other, (await t.store.holds.list(tenant, {}))[0]!.id, 'r', 'x')).toBeNull();
  });

  test('an erasure that meets a hold takes nothing, or what is left where that was asked for', async () => {
    const tenant = t.tenant();
    await put(tenant, 'held', NOON, 'c-held');
    await put(tenant, 'free', NOON);
    await t.store.holds.place(tenant, { kind: 'conversation', id: 'c-held' }, 'matter 3', 'key:k');
    const erasure = { tenant, target: { kind: 'tenant' }, by: 'key:k', reason: 'r' } as const;
    await expect(t.store.erase(erasure)).rejects.toMatchObject({ code: 'legal_hold', status: 409 });
    expect(await texts(tenant)).toEqual([`${WORD} free`]);
    expect(await t.store.erase({ ...erasure, target: { kind: 'conversation', id: 'c-1' } })).toMatchObject({
      traces: 1,
      held: 0,
    });
    expect(await t.store.erase({ ...erasure, skipHeld: true })).toMatchObject({ traces: 0, held: 1 });
    expect(await texts(tenant, 'c-held')).toEqual([`${WORD} held`]);
  });

  test('two that run at once take each thing once', async () => {
    const tenant = t.tenant();
    await t.store.write(Array.from({ length: 300 }, (_, i) => recordOf({ tenant, id: `t-${i}`, receivedAt: ago(20) })));
    const runs = await Promise.all([1, 2, 3].map(() => t.store.expire({ ...NEVER, wordsDays: 10 })));
    await t.store.expire({ ...NEVER, wordsDays: 10 });
    expect(await took(tenant, 'words')).toBe(300);
    expect(runs.some(({ complete }) => complete)).toBe(true);
    expect((await t.store.verifyAudit(tenant)).break).toBeNull();
  });

  test('writers go on while partitions are dropped', async () => {
    const tenant = t.tenant();
    for (let day = 20; day < 26; day++) await put(tenant, `d-${day}`, ago(day));
    await Promise.all([
      t.store.expire({ ...NEVER, textDays: 10 }),
      ...Array.from({ length: 8 }, (_, i) => put(tenant, `n-${i}`, NOON)),
    ]);
    await t.store.expire({ ...NEVER, textDays: 10 });
    expect(await count('trace_text', tenant)).toBe(8);
    await put(tenant, 'late', ago(20));
    expect(await count('trace_text', tenant)).toBe(9);
  });
});
