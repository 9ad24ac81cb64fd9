import { describe, expect, test } from 'vitest';
import { NOON, recordOf } from './records.ts';
import { BACKENDS, usePostgres, useStore } from './stores.ts';

usePostgres();

describe.each(BACKENDS)('the verdicts of a period (%s)', (backend) => {
  const t = useStore(backend);
  const at = (minutes: number): Date => new Date(NOON.getTime() + minutes * 60_000);
  const period = { from: at(0), to: at(10) };

  test('come in order of receipt, once each, and those of nobody else', async () => {
    const tenant = t.tenant();
    await t.store.write([
      ...[3, 1, 9, 0, 2].map((n) => recordOf({ tenant, id: `t-${n}`, receivedAt: at(n) })),
      recordOf({ tenant, id: 'late', receivedAt: at(10) }),
      recordOf({ tenant: t.tenant(), id: 'foreign', receivedAt: at(1) }),
    ]);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await t.store.storedVerdicts(tenant, { ...period, limit: 2, cursor });
      seen.push(...page.items.map(({ traceId }) => traceId));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(['t-0', 't-1', 't-2', 't-3', 't-9']);
  });

  test('say whether there is text to be read', async () => {
    const tenant = t.tenant();
    const flag = { tenant, decision: 'flag' } as const;
    await t.store.write([
      recordOf({ tenant, id: 'a-quiet' }),
      recordOf({ ...flag, id: 'b-kept' }),
      recordOf({ ...flag, id: 'c-gone', trace: { conversationId: 'gone' } }),
    ]);
    await t.store.erase({ tenant, target: { kind: 'conversation', id: 'gone' }, by: 'k', reason: 'r' });
    const { items } = await t.store.storedVerdicts(tenant, { ...period, limit: 10 });
    expect(items.map(({ text }) => text)).toEqual(['not_kept', 'kept', 'erased']);
    expect(items[2]!.verdict.decision).toBe('flag');
  });
});
