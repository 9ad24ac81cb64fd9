import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { sha256 } from '../../src/domain/ids.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cot-monitor-config-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const KEY = 'k'.repeat(32);
const OIDC = { OIDC_ISSUER: 'https://id.test', OIDC_AUDIENCE: 'monitor', OIDC_JWKS_URL: 'https://id.test/keys' };

describe('whether requests need credentials', () => {
  test.each(['127.0.0.1', '127.8.8.8', 'localhost', '::1'])('not on %s, unless asked for', (HOST) => {
    expect(loadConfig({ HOST }).access.required).toBe(false);
    expect(loadConfig({ HOST, AUTH: 'off' }).access.required).toBe(false);
    expect(loadConfig({ HOST, AUTH: 'on' }).access.required).toBe(true);
  });

  test.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.org', 'localhost.example.org', '1127.0.0.1'])(
    'always on %s: switching it off stops the start and names the variable',
    (HOST) => {
      expect(loadConfig({ HOST }).access.required).toBe(true);
      expect(() => loadConfig({ HOST, AUTH: 'off' })).toThrow(/AUTH off is for a HOST/);
    },
  );

  test('a word that is neither on nor off is refused', () => {
    expect(() => loadConfig({ AUTH: 'false' })).toThrow(/AUTH must be on or off/);
  });
});

describe('the first admin key', () => {
  test('comes from the variable or from a file, and only its hash is kept', () => {
    const file = join(scratch, 'key');
    writeFileSync(file, `${KEY}\n`);
    for (const env of [{ ADMIN_KEY: KEY }, { ADMIN_KEY_FILE: file }]) {
      const config = loadConfig(env);
      expect(config.access.operatorKeyHash).toBe(sha256(KEY));
      expect(JSON.stringify(config)).not.toContain(KEY);
    }
  });

  test.each([
    ['a short one', { ADMIN_KEY: 'k'.repeat(31) }],
    ['one with a space', { ADMIN_KEY: `${KEY} ${KEY}` }],
    ['one that no header can carry', { ADMIN_KEY: `${KEY}ü` }],
    ['two sources', { ADMIN_KEY: KEY, ADMIN_KEY_FILE: '/x' }],
    ['a file that is not there', { ADMIN_KEY_FILE: join(scratch, 'none') }],
  ])('%s is refused, and not repeated', (_, env) => {
    expect(() => loadConfig(env)).toThrow(/ADMIN_KEY/);
    expect(() => loadConfig(env)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('kkkk') }));
  });
});

describe('tokens', () => {
  test('need issuer, audience and keys together', () => {
    expect(loadConfig(OIDC).access.oidc).toMatchObject({ issuer: 'https://id.test', roles: { audit: 'audit' } });
    for (const name of Object.keys(OIDC)) expect(() => loadConfig({ ...OIDC, [name]: '' })).toThrow(/OIDC_ISSUER/);
  });

  test('roles are mapped; a role may hold an equals sign, and `__proto__` is a name like any other', () => {
    const { roles } = loadConfig({ ...OIDC, OIDC_ROLES: 'cn=sre=ingest, __proto__=audit' }).access.oidc!;
    expect(Object.entries(roles)).toEqual([
      ['cn=sre', 'ingest'],
      ['__proto__', 'audit'],
    ]);
  });

  test.each(['auditor', 'auditor=root', '=audit'])('a mapping like %s is refused', (OIDC_ROLES) => {
    expect(() => loadConfig({ ...OIDC, OIDC_ROLES })).toThrow(/OIDC_ROLES/);
  });

  test('an address of keys that is none is refused', () => {
    expect(() => loadConfig({ ...OIDC, OIDC_JWKS_URL: 'file:///etc/passwd' })).toThrow(/OIDC_JWKS_URL/);
  });
});

test.each([['*'], ['https://a.test/'], ['a.test'], ['https://a.test,null']])('CORS for %s is refused', (origins) => {
  expect(() => loadConfig({ CORS_ORIGINS: origins })).toThrow(/CORS_ORIGINS/);
});

test.each(['KAFKA_TENANT', 'OIDC_TENANT'])('%s must be a name that a tenant can have', (name) => {
  expect(() => loadConfig({ [name]: 'a\u0000b' })).toThrow(new RegExp(name));
  expect(() => loadConfig({ [name]: 'x'.repeat(257) })).toThrow(new RegExp(name));
});
