import { describe, expect, test } from 'vitest';
import type { NewRecord } from '../../src/record/contract.ts';
import { recordOf } from './records.ts';
import { BACKENDS, usePostgres, useStore } from './stores.ts';

usePostgres();

describe.each(BACKENDS)('turns that name the response before them (%s)', (backend) => {
  const t = useStore(backend);

  /** As a chain's turn is filed where its predecessor is not known. */
  const turn = (tenant: string, responseId: string, previousResponseId?: string, conversationId?: string): NewRecord =>
    recordOf({
      tenant,
      id: `t-${responseId}`,
      decision: 'flag',
      trace: {
        conversationId: conversationId ?? previousResponseId ?? responseId,
        origin: { responseId, ...(previousResponseId === undefined ? {} : { previousResponseId }) },
      },
    });

  const turnsOf = async (tenant: string, conversationId: string): Promise<readonly string[]> => {
    const { items } = await t.store.conversation(tenant, conversationId, { limit: 50 });
    return items.map(({ traceId }) => traceId).sort();
  };

  test('a response is found in the conversation that it was filed in, an unknown one in its own', async () => {
    const tenant = t.tenant();
    await t.store.write([turn(tenant, 'a')]);
    expect(await t.store.conversationOf(tenant, 'a')).toBe('a');
    await t.store.write([turn(tenant, 'b', 'a')]);
    expect(await t.store.conversationOf(tenant, 'b')).toBe('a');
    await t.store.write([turn(tenant, 'c', 'b', 'a')]);
    expect(await t.store.conversationOf(tenant, 'c')).toBe('a');
    expect(await t.store.conversationOf(tenant, 'never seen')).toBe('never seen');
    expect(await t.store.conversationOf(tenant, 'nul\u0000')).toBe('nul\u0000');
    expect(await t.store.conversationOf(t.tenant(), 'c')).toBe('c');
  });

  test.each([
    ['in order', ['a', 'b', 'c', 'd']],
    ['backwards', ['d', 'c', 'b', 'a']],
    ['mixed, some twice', ['c', 'a', 'd', 'c', 'b', 'a']],
  ])('a conversation is whole from any of its names, when turns came %s', async (_, order) => {
    const tenant = t.tenant();
    const before: Readonly<Record<string, string>> = { b: 'a', c: 'b', d: 'c' };
    for (const id of order) await t.store.write([turn(tenant, id, before[id])]);
    await t.store.write([turn(tenant, 'z'), turn(tenant, 'y', 'z')]);
    for (const name of ['a', 'b', 'c', 'd']) {
      expect(await turnsOf(tenant, name)).toEqual(['t-a', 't-b', 't-c', 't-d']);
      const { items } = await t.store.flags(tenant, { conversationId: name, limit: 50 });
      expect(items).toHaveLength(4);
    }
    expect(await turnsOf(tenant, 'y')).toEqual(['t-y', 't-z']);
  });

  test('turns that go round in a circle, or fork, end', async () => {
    const tenant = t.tenant();
    await t.store.write([
      turn(tenant, 'a', 'c'),
      turn(tenant, 'b', 'a'),
      turn(tenant, 'c', 'b'),
      turn(tenant, 's', 's'),
    ]);
    await t.store.write([turn(tenant, 'b2', 'a')]);
    expect(await turnsOf(tenant, 'b')).toEqual(['t-a', 't-b', 't-b2', 't-c']);
    expect(await turnsOf(tenant, 's')).toEqual(['t-s']);
  });

  test('one tenant’s links join nothing of another’s', async () => {
    const [mine, theirs] = [t.tenant(), t.tenant()];
    await t.store.write([turn(mine, 'a'), turn(theirs, 'b', 'a')]);
    expect(await turnsOf(mine, 'b')).toEqual([]);
    expect(await turnsOf(theirs, 'a')).toEqual(['t-b']);
  });

  test('erasing a conversation by any of its names erases all of its turns', async () => {
    const tenant = t.tenant();
    await t.store.write([turn(tenant, 'c', 'b'), turn(tenant, 'a'), turn(tenant, 'b', 'a')]);
    const erasure = { tenant, target: { kind: 'conversation' as const, id: 'b' }, by: 'key:1', reason: 'asked' };
    expect((await t.store.erase(erasure)).traces).toBe(3);
  });
});
