import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/domain/ids.ts';
import { BACKENDS, usePostgres, useStore } from './stores.ts';

usePostgres();

describe.each(BACKENDS)('API keys (%s)', (backend) => {
  const t = useStore(backend);
  const make = (tenant: string, over: { expiresAt?: Date; name?: string } = {}) =>
    t.store.keys.create({
      tenant,
      name: 'platform',
      scopes: ['ingest', 'audit'],
      expiresAt: null,
      by: 'operator',
      ...over,
    });

  test('is found by the hash of its secret, which is stored nowhere', async () => {
    const tenant = t.tenant();
    const { key, secret } = await make(tenant);
    expect(secret).toMatch(/^cotm_[\w-]{43}$/);
    expect(await t.store.keys.find(sha256(secret))).toEqual(key);
    expect(await t.store.keys.find(sha256(`${secret}x`))).toBeNull();
    const rows = await t.connection.db.selectFrom('api_keys').selectAll().execute();
    const log = await t.connection.db.selectFrom('audit_log').selectAll().execute();
    expect(JSON.stringify([rows, log])).not.toContain(secret.slice(5));
  });

  test('no two have the same secret', async () => {
    const tenant = t.tenant();
    const made = await Promise.all(Array.from({ length: 20 }, () => make(tenant)));
    expect(new Set(made.map(({ secret }) => secret)).size).toBe(20);
  });

  test('are listed by tenant, the newest first', async () => {
    const [tenant, other] = [t.tenant(), t.tenant()];
    const first = await make(tenant, { name: 'first' });
    t.now = new Date(t.now.getTime() + 1_000);
    const second = await make(tenant, { name: 'second' });
    await make(other);
    expect(await t.store.keys.list(tenant)).toEqual([second.key, first.key]);
  });

  test('is revoked once, by its own tenant alone', async () => {
    const [tenant, other] = [t.tenant(), t.tenant()];
    const { key, secret } = await make(tenant);
    expect(await t.store.keys.revoke(other, key.id, 'key:x')).toBeNull();
    expect(await t.store.keys.revoke(tenant, 'no-such\u0000id', 'key:x')).toBeNull();
    const revoked = await t.store.keys.revoke(tenant, key.id, 'key:x');
    expect(revoked?.revokedAt).toEqual(t.now);
    t.now = new Date(t.now.getTime() + 60_000);
    expect(await t.store.keys.revoke(tenant, key.id, 'key:y')).toEqual(revoked);
    expect(await t.store.keys.find(sha256(secret))).toEqual(revoked);
  });

  test('making and revoking one stands in the chain, with who did it', async () => {
    const tenant = t.tenant();
    const { key } = await make(tenant);
    await t.store.keys.revoke(tenant, key.id, 'key:x');
    const entries = await t.connection.db.selectFrom('audit_log').selectAll().where('tenant', '=', tenant).execute();
    expect(entries.map(({ kind, subject, body }) => [kind, subject, JSON.parse(body)])).toEqual([
      [
        'key',
        key.id,
        { by: 'operator', action: 'created', name: 'platform', scopes: ['ingest', 'audit'], expiresAt: null },
      ],
      ['key', key.id, { by: 'key:x', action: 'revoked' }],
    ]);
    expect((await t.store.verifyChain(tenant)).break).toBeNull();
  });

  test('last use only moves forward', async () => {
    const tenant = t.tenant();
    const { key } = await make(tenant);
    const [early, late] = [new Date('2026-03-10T12:00:01Z'), new Date('2026-03-10T12:00:02Z')];
    await t.store.keys.noteUse(new Map([[key.id, late]]));
    await t.store.keys.noteUse(new Map([[key.id, early]]));
    await t.store.keys.noteUse(new Map());
    expect((await t.store.keys.list(tenant))[0]?.lastUsedAt).toEqual(late);
  });
});

describe.each(BACKENDS)('whether there is a key that would be let in (%s)', (backend) => {
  const t = useStore(backend);

  test('follows making, expiry and revocation', async () => {
    const { keys } = t.store;
    expect(await keys.anyAlive()).toBe(false);
    const expiresAt = new Date(t.now.getTime() + 1_000);
    await keys.create({ tenant: 'a', name: 'n', scopes: ['admin'], expiresAt, by: 'x' });
    expect(await keys.anyAlive()).toBe(true);
    t.now = expiresAt;
    expect(await keys.anyAlive()).toBe(false);
    const { key } = await keys.create({ tenant: 'a', name: 'n', scopes: ['admin'], expiresAt: null, by: 'x' });
    expect(await keys.anyAlive()).toBe(true);
    await keys.revoke('a', key.id, 'x');
    expect(await keys.anyAlive()).toBe(false);
  });
});
