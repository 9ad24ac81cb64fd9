import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenStore, openStore } from '../../src/record/store.ts';
import { type PostgresServer, startOwnPostgres } from '../support/postgres.ts';
import { NOON, recordOf } from './records.ts';
import { embeddedFolder, silent } from './stores.ts';

const options = { poolSize: 4, clock: () => NOON, log: silent, keepTraceShare: 0 };

describe('a server that goes away', () => {
  let server: PostgresServer;
  let store: OpenStore;
  beforeAll(async () => {
    server = await startOwnPostgres();
    store = await openStore({ ...options, url: server.url, dataDir: '/nowhere' });
  });
  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });

  test('the pool survives a restart of the server, idle connections and all', async () => {
    // Several connections that will be lost while they are idle.
    await Promise.all(Array.from({ length: 6 }, (_, i) => store.write([recordOf({ id: `before-${i}` })])));
    await server.restart();
    expect((await store.write([recordOf({ id: 'after' })]))[0]!.kind).toBe('stored');
    expect((await store.write([recordOf({ id: 'before-0' })]))[0]!.kind).toBe('duplicate');
  });

  test('while it is down every operation is store_unavailable and health says so; then all is well again', async () => {
    await server.pause();
    const down = { code: 'store_unavailable', retryAfter: 1 };
    await expect(store.write([recordOf({ id: 'lost' })])).rejects.toMatchObject(down);
    await expect(store.verdict('default', 'after')).rejects.toMatchObject(down);
    await expect(store.outbox.drain(1, async () => [])).rejects.toMatchObject(down);
    await expect(store.ping()).rejects.toMatchObject(down);
    expect(store.health()).toEqual({ ok: false, reason: expect.any(String) });
    await server.resume();
    await store.ping();
    expect(store.health()).toEqual({ ok: true });
    expect(await store.verdict('default', 'lost')).toBeNull();
    expect((await store.write([recordOf({ id: 'lost' })]))[0]!.kind).toBe('stored');
  });

  test('a connection that is cut within a transaction loses nothing that was told to be stored', async () => {
    const writes = Array.from({ length: 40 }, (_, i) => store.write([recordOf({ tenant: 'cut', id: `c-${i}` })]));
    const settled = Promise.allSettled(writes);
    await server.restart();
    const answers = await settled;
    for (const [i, answer] of answers.entries()) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'store_unavailable' });
      else expect(await store.verdict('cut', `c-${i}`)).not.toBeNull();
    }
    const chain = await store.verifyChain('cut');
    expect(chain.break).toBeNull();
    expect(chain.entries).toBeGreaterThanOrEqual(answers.filter((a) => a.status === 'fulfilled').length);
  });
});

describe('the embedded store', () => {
  test('what was written is there when it is opened again, and goes on', async () => {
    const dataDir = await embeddedFolder();
    const first = await openStore({ ...options, dataDir });
    expect(first.kind).toBe('embedded');
    const record = recordOf({ decision: 'alert', text: 'a\u0000\ud800' });
    await first.write([record]);
    await first.close();
    const second = await openStore({ ...options, dataDir });
    expect(await second.verdict('default', 't-1')).toEqual(record.verdict);
    expect((await second.write([record]))[0]!.kind).toBe('duplicate');
    expect((await second.outbox.stats()).depth).toBe(1);
    await second.write([recordOf({ id: 't-2' })]);
    expect(await second.verifyChain('default')).toEqual({ entries: 2, break: null });
    await second.close();
  });
});
