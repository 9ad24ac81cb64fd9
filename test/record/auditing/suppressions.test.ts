import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { NewSuppression } from '../../../src/record/auditing/contract.ts';
import { NOON } from '../records.ts';
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
});
