import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../src/domain/alert.ts';
import type { NewSuppression } from '../../../src/record/auditing/contract.ts';
import { findingOf, NOON, recordOf } from '../records.ts';
import { BACKENDS, usePostgres, useStore } from '../stores.ts';

usePostgres();

const hours = (n: number): Date => new Date(NOON.getTime() + n * 3_600_000);

const silence = (over: Partial<NewSuppression> = {}): NewSuppression => ({
  kind: 'category',
  value: 'sandbagging',
  reason: 'Being looked at. \u0000 \ud800',
  owner: 'safety',
  expiresAt: hours(1),
  ...over,
});

describe.each(BACKENDS)('suppressions (%s)', (backend) => {
  const t = useStore(backend);

  test('one is found as it was added, is changed, ends, and every step stands in the chain', async () => {
    const tenant = t.tenant();
    const added = await t.store.suppressions.add(tenant, silence(), 'ada');
    expect(added).toMatchObject({ ...silence(), createdBy: 'ada', createdAt: NOON, endedAt: null, suppressed: 0 });
    expect(await t.store.suppressions.find(tenant, added.id)).toEqual(added);
    const changed = await t.store.suppressions.change(tenant, added.id, { expiresAt: hours(2) }, 'bob');
    expect(changed).toEqual({ ...added, expiresAt: hours(2) });
    expect(await t.store.suppressions.list(tenant, { active: true })).toEqual([changed]);
    const ended = await t.store.suppressions.end(tenant, added.id, 'bob');
    expect(ended).toMatchObject({ endedBy: 'bob', endedAt: NOON });
    expect(await t.store.suppressions.end(tenant, added.id, 'eve')).toEqual(ended);
    expect(await t.store.suppressions.change(tenant, added.id, { owner: 'eve' }, 'eve')).toBe('ended');
    expect(await t.store.suppressions.list(tenant, { active: true })).toEqual([]);
    expect(await t.store.suppressions.list(tenant, { active: false })).toEqual([ended]);
    const { rows } = await sql<{ body: string }>`
      select body from audit_log where tenant = ${tenant} and kind = 'suppression' order by seq`.execute(
      t.connection.db,
    );
    expect(rows.map((row) => (JSON.parse(row.body) as { action: string }).action)).toEqual([
      'added',
      'changed',
      'ended',
    ]);
    expect(await t.store.verifyChain(tenant)).toMatchObject({ break: null });
  });

  test('one that has expired is over', async () => {
    const tenant = t.tenant();
    const { id } = await t.store.suppressions.add(tenant, silence(), 'ada');
    t.now = hours(1);
    expect(await t.store.suppressions.list(tenant, { active: true })).toEqual([]);
    expect(await t.store.suppressions.change(tenant, id, { expiresAt: hours(9) }, 'ada')).toBe('ended');
    t.now = NOON;
  });

  test('another tenant neither sees, changes nor ends it', async () => {
    const [mine, other] = [t.tenant(), t.tenant()];
    const { id } = await t.store.suppressions.add(mine, silence(), 'ada');
    expect(await t.store.suppressions.list(other, {})).toEqual([]);
    for (const [tenant, name] of [
      [other, id],
      [mine, 'no-such'],
      [mine, '\ud800'],
    ] as const) {
      expect(await t.store.suppressions.find(tenant, name)).toBeNull();
      expect(await t.store.suppressions.change(tenant, name, { owner: 'eve' }, 'eve')).toBeNull();
      expect(await t.store.suppressions.end(tenant, name, 'eve')).toBeNull();
    }
    expect(await t.store.suppressions.list(mine, { active: true })).toHaveLength(1);
  });

  const alertsOf = async (tenant: string): Promise<string[]> => {
    const { rows } = await sql<{ payload: string }>`select payload from outbox`.execute(t.connection.db);
    const alerts = rows.map(({ payload }) => JSON.parse(payload) as Alert);
    return alerts.filter((alert) => alert.tenant === tenant).map((alert) => alert.traceId);
  };

  test('what is silenced is stored, counted and shown, and raises no alert until the suppression ends', async () => {
    const tenant = t.tenant();
    const { id } = await t.store.suppressions.add(tenant, silence(), 'ada');
    const [result] = await t.store.write([recordOf({ tenant, id: 'quiet', decision: 'alert' })]);
    expect(result).toMatchObject({
      kind: 'stored',
      verdict: { decision: 'alert', suppression: { ids: [id], decision: 'clear' } },
    });
    expect(await alertsOf(tenant)).toEqual([]);
    const suppressed = await t.store.flags(tenant, { limit: 5, suppressed: true });
    expect(suppressed.items).toMatchObject([{ traceId: 'quiet', decision: 'alert', suppressedBy: [id] }]);
    expect((await t.store.flags(tenant, { limit: 5, suppressed: false })).items).toEqual([]);
    expect(await t.store.suppressions.find(tenant, id)).toMatchObject({ suppressed: 1 });
    t.now = hours(1);
    await t.store.write([recordOf({ tenant, id: 'after', decision: 'alert' })]);
    t.now = NOON;
    await t.store.write([recordOf({ tenant: t.tenant(), id: 'elsewhere', decision: 'alert' })]);
    expect(await alertsOf(tenant)).toEqual(['after']);
  });

  test('an alert that rests on something else as well goes out', async () => {
    const tenant = t.tenant();
    await t.store.suppressions.add(tenant, silence(), 'ada');
    const findings = [findingOf(), findingOf({ category: 'doubling_down' })];
    const [result] = await t.store.write([recordOf({ tenant, id: 'loud', decision: 'alert', findings })]);
    expect(result).not.toHaveProperty('verdict.suppression');
    expect(await alertsOf(tenant)).toEqual(['loud']);
  });

  test('one that was ended by hand silences nothing more', async () => {
    const tenant = t.tenant();
    const { id } = await t.store.suppressions.add(tenant, silence({ kind: 'conversation', value: 'c-1' }), 'ada');
    await t.store.suppressions.end(tenant, id, 'ada');
    await t.store.write([recordOf({ tenant, id: 'loud', decision: 'alert' })]);
    expect(await alertsOf(tenant)).toEqual(['loud']);
  });
});
