import { describe, expect, test } from 'vitest';
import type { OutboxMessage } from '../../src/record/contract.ts';
import { NOON, recordOf } from './records.ts';
import { BACKENDS, usePostgres, useStore } from './stores.ts';

usePostgres();

describe.each(BACKENDS)('outbox (%s)', (backend) => {
  const t = useStore(backend);

  const all = async (messages: readonly OutboxMessage[]): Promise<string[]> => messages.map((m) => m.id);

  const empty = async (): Promise<void> => {
    while ((await t.store.outbox.drain(1_000, all)) > 0);
  };

  const fill = async (n: number): Promise<string[]> => {
    await empty();
    const tenant = t.tenant();
    const batch = Array.from({ length: n }, (_, i) => recordOf({ tenant, id: `a-${i}`, decision: 'alert' }));
    await t.store.write(batch);
    return batch.map((r) => r.trace.id);
  };

  const traceOf = (message: OutboxMessage): string => JSON.parse(message.payload).traceId;

  test('an alert, and only an alert, leaves a message, once', async () => {
    await empty();
    const tenant = t.tenant();
    const decisions = ['clear', 'unknown', 'record', 'flag', 'alert'] as const;
    const batch = decisions.map((decision) => recordOf({ tenant, id: decision, decision }));
    await t.store.write(batch);
    await t.store.write(batch);
    const seen: OutboxMessage[] = [];
    await t.store.outbox.drain(10, async (messages) => {
      seen.push(...messages);
      return all(messages);
    });
    expect(seen.map((m) => [m.kind, m.key, traceOf(m)])).toEqual([['alert', 'c-1', 'alert']]);
  });

  test('messages go out oldest first, `limit` at a time, and are gone when acknowledged', async () => {
    const expected = await fill(25);
    const seen: string[] = [];
    const sizes: number[] = [];
    let published: number;
    do {
      published = await t.store.outbox.drain(10, async (messages) => {
        seen.push(...messages.map(traceOf));
        sizes.push(messages.length);
        return all(messages);
      });
    } while (published > 0);
    expect(seen).toEqual(expected);
    expect(sizes).toEqual([10, 10, 5]);
    expect(await t.store.outbox.stats()).toEqual({ depth: 0, oldest: null });
  });

  test('stats tell how many wait and since when', async () => {
    await fill(3);
    expect(await t.store.outbox.stats()).toEqual({ depth: 3, oldest: NOON });
  });

  test('an empty outbox does not call publish', async () => {
    await empty();
    const published = await t.store.outbox.drain(10, async () => {
      throw new Error('called');
    });
    expect(published).toBe(0);
  });

  test('what publish rejects stays, and its own error comes through', async () => {
    const expected = await fill(4);
    const failure = new Error('broker down');
    await expect(t.store.outbox.drain(10, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(t.store.health()).toEqual({ ok: true });
    const seen: string[] = [];
    await t.store.outbox.drain(10, async (messages) => {
      seen.push(...messages.map(traceOf));
      return all(messages);
    });
    expect(seen).toEqual(expected);
  });

  test('of a half-acknowledged batch the other half goes out again', async () => {
    const expected = await fill(6);
    expect(await t.store.outbox.drain(10, async (messages) => messages.slice(0, 3).map((m) => m.id))).toBe(3);
    const seen: string[] = [];
    await t.store.outbox.drain(10, async (messages) => {
      seen.push(...messages.map(traceOf));
      return all(messages);
    });
    expect(seen).toEqual(expected.slice(3));
  });

  test('publish cannot delete what it was not handed', async () => {
    await fill(5);
    const ids = Array.from({ length: 10_000 }, (_, i) => String(i));
    expect(await t.store.outbox.drain(2, async () => [...ids, 'x', "1'); --"])).toBe(2);
    expect((await t.store.outbox.stats()).depth).toBe(3);
  });

  test('relays that drain at once never publish the same message', async () => {
    const expected = await fill(120);
    const seen: string[] = [];
    const relay = async (): Promise<void> => {
      let published: number;
      do {
        published = await t.store.outbox.drain(7, async (messages) => {
          seen.push(...messages.map(traceOf));
          await new Promise((resolve) => setImmediate(resolve));
          return all(messages);
        });
      } while (published > 0);
    };
    await Promise.all([relay(), relay(), relay()]);
    await empty();
    expect([...seen].sort()).toEqual([...expected].sort());
  });

  test('a relay that hangs while it publishes keeps no writer waiting', async () => {
    await fill(3);
    const called = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const hanging = t.store.outbox.drain(10, async (messages) => {
      called.resolve();
      await answered.promise;
      return all(messages);
    });
    await called.promise;
    const tenant = t.tenant();
    const results = await t.store.write([recordOf({ tenant, decision: 'alert' })]);
    expect(results[0]!.kind).toBe('stored');
    answered.resolve();
    expect(await hanging).toBe(3);
    expect((await t.store.outbox.stats()).depth).toBe(1);
  });
});

describe.each(BACKENDS)('outbox with every verdict (%s)', (backend) => {
  const t = useStore(backend, { publishVerdicts: true, publicUrl: 'https://monitor.example' });

  test('a verdict message accompanies every record, an alert comes before it', async () => {
    const tenant = t.tenant();
    await t.store.write([recordOf({ tenant, id: 'a', decision: 'alert' }), recordOf({ tenant, id: 'b' })]);
    const seen: OutboxMessage[] = [];
    await t.store.outbox.drain(10, async (messages) => {
      seen.push(...messages);
      return messages.map((m) => m.id);
    });
    expect(seen.map((m) => m.kind)).toEqual(['alert', 'verdict', 'verdict']);
    expect(JSON.parse(seen[0]!.payload).url).toMatch(/^https:\/\/monitor\.example\/v1\/flags\/[0-9a-f-]{36}$/);
  });
});
