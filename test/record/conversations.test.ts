import { describe, expect, test } from 'vitest';
import { NOON, recordOf } from './records.ts';
import { BACKENDS, usePostgres, useStore } from './stores.ts';

usePostgres();

describe.each(BACKENDS)('conversations and kept traces (%s)', (backend) => {
  const t = useStore(backend);

  const hours = (n: number): Date => new Date(NOON.getTime() + n * 3_600_000);

  test('turns stand in order: by turn, then by time; those without a turn at the end', async () => {
    const tenant = t.tenant();
    const turn = (id: string, n: number | null, at: number) =>
      recordOf({ tenant, id, trace: { turn: n, occurredAt: hours(at) } });
    await t.store.write([turn('e', null, 1), turn('c', 2, 0), turn('b', 1, 9), turn('d', null, 0), turn('a', 0, 5)]);
    await t.store.write([turn('b2', 1, 10), recordOf({ tenant, id: 'z', trace: { conversationId: 'other' } })]);
    const turns = (await t.store.conversation(tenant, 'c-1', { limit: 200 })).items;
    expect(turns.map((turn) => turn.traceId)).toEqual(['a', 'b', 'b2', 'c', 'd', 'e']);
  });

  test('pages of turns meet, whatever arrived late, twice or without a turn', async () => {
    const tenant = t.tenant();
    const turn = (id: string, n: number | null, at: number) =>
      recordOf({ tenant, id, trace: { turn: n, occurredAt: hours(at) } });
    const late = [turn('g', null, 3), turn('d', 2, 1), turn('b', 0, 8), turn('f', null, 3), turn('e', 7, 0)];
    await t.store.write([...late, turn('a', 0, 2), turn('c', 2, 1), turn('d', 2, 1)]);
    await t.store.write([turn('b', 0, 8)]);
    const order = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    for (const limit of [1, 2, 3, 7]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      let last: string | null = null;
      do {
        const page = await t.store.conversation(tenant, 'c-1', { limit, cursor });
        seen.push(...page.items.map(({ traceId }) => traceId));
        last = page.previous;
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(order);
      const before = last === null ? [] : (await t.store.conversation(tenant, 'c-1', { limit, cursor: last })).items;
      const held = order.length % limit === 0 ? limit : order.length % limit;
      expect(before.map(({ traceId }) => traceId)).toEqual(order.slice(0, -held).slice(-limit));
    }
    await expect(t.store.conversation(tenant, 'c-1', { limit: 1, cursor: 'x' })).rejects.toMatchObject({
      code: 'invalid_cursor',
    });
  });

  test('text is there where it was kept, and null where the verdict alone was', async () => {
    const tenant = t.tenant();
    const labels = { env: 'prod' };
    const kept = recordOf({ tenant, id: 'kept', decision: 'flag', trace: { turn: 1, labels, format: 'openai.chat' } });
    await t.store.write([kept, recordOf({ tenant, id: 'not', trace: { turn: 2 } })]);
    const [first, second] = (await t.store.conversation(tenant, 'c-1', { limit: 200 })).items;
    expect(first).toEqual({
      traceId: 'kept',
      conversationId: 'c-1',
      turn: 1,
      model: kept.trace.model,
      format: 'openai.chat',
      occurredAt: NOON,
      receivedAt: NOON,
      labels,
      erasedAt: null,
      segments: kept.trace.segments,
      verdict: kept.verdict,
    });
    expect(second!.segments).toBeNull();
  });

  test('a conversation over days and months is whole', async () => {
    const tenant = t.tenant();
    const days = [0, 1, 20, 25, 60];
    for (const day of days) {
      t.now = hours(day * 24);
      await t.store.write([
        recordOf({ tenant, id: `d-${day}`, decision: 'flag', receivedAt: t.now, trace: { turn: day } }),
      ]);
    }
    t.now = NOON;
    const turns = (await t.store.conversation(tenant, 'c-1', { limit: 200 })).items;
    expect(turns.map((turn) => turn.turn)).toEqual(days);
    expect(turns.every((turn) => turn.segments !== null)).toBe(true);
  });

  test('an unknown conversation is empty, another tenant’s too', async () => {
    const [mine, other] = [t.tenant(), t.tenant()];
    await t.store.write([recordOf({ tenant: mine })]);
    expect((await t.store.conversation(other, 'c-1', { limit: 200 })).items).toEqual([]);
    for (const id of ['', 'x\u0000', '\ud800', "' or true --"]) {
      expect((await t.store.conversation(mine, id, { limit: 200 })).items).toEqual([]);
      expect(await t.store.verdict(mine, id)).toBeNull();
    }
  });

  test('kept traces come oldest first, in pages without gap or repeat, forwards and backwards', async () => {
    const tenant = t.tenant();
    const batch = Array.from({ length: 23 }, (_, i) =>
      recordOf({
        tenant,
        id: `k-${String(i).padStart(2, '0')}`,
        decision: 'flag',
        receivedAt: hours(Math.floor(i / 4) * 9),
      }),
    );
    await t.store.write([...batch, recordOf({ tenant, id: 'not-kept' })]);
    const expected = batch.map((r) => r.trace.id);
    const forwards: string[] = [];
    let page = await t.store.keptTraces(tenant, { limit: 5 });
    forwards.push(...page.items.map((i) => i.traceId));
    while (page.next !== null) {
      page = await t.store.keptTraces(tenant, { limit: 5, cursor: page.next });
      forwards.push(...page.items.map((i) => i.traceId));
    }
    expect(forwards).toEqual(expected);
    const backwards = page.items.map((i) => i.traceId);
    while (page.previous !== null) {
      page = await t.store.keptTraces(tenant, { limit: 5, cursor: page.previous });
      backwards.unshift(...page.items.map((i) => i.traceId));
    }
    expect(backwards).toEqual(expected);
    expect(page.items.every((item) => item.segments !== null)).toBe(true);
  });

  test('a cursor of another list is refused', async () => {
    const tenant = t.tenant();
    await t.store.write([0, 1].map((i) => recordOf({ tenant, id: `f-${i}`, decision: 'flag' })));
    const { next } = await t.store.flags(tenant, { limit: 1 });
    await expect(t.store.keptTraces(tenant, { limit: 1, cursor: next! })).rejects.toMatchObject({
      code: 'invalid_cursor',
    });
  });
});
