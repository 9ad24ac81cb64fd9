import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-webhooks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
writeFileSync(join(folder, 'good'), `${SECRET}\n`);
writeFileSync(join(folder, 'short'), `whsec_${Buffer.alloc(8, 1).toString('base64')}`);

const endpoint = { name: 'oncall', url: 'https://hooks.example.org/x', tenants: ['acme'], secretFile: 'good' };

const load = (endpoints: unknown, env: Record<string, string> = {}) => {
  const path = join(folder, 'webhooks.yaml');
  writeFileSync(path, typeof endpoints === 'string' ? endpoints : JSON.stringify({ endpoints }));
  return loadConfig({ WEBHOOKS_FILE: path, ...env }).webhooks;
};

test('secrets are read from where the file says, beside it', () => {
  expect(load([endpoint])?.endpoints).toEqual([
    { name: 'oncall', url: endpoint.url, tenants: ['acme'], secrets: [SECRET] },
  ]);
  expect(load([{ ...endpoint, secretFile: ['good', join(folder, 'good')] }])?.endpoints[0]?.secrets).toHaveLength(2);
});

test('http is for private networks, and only where they are allowed', () => {
  const plain = [{ ...endpoint, url: 'http://receiver/x' }];
  expect(() => load(plain)).toThrow('WEBHOOK_ALLOW_PRIVATE');
  expect(load(plain, { WEBHOOK_ALLOW_PRIVATE: 'true' })?.endpoints).toHaveLength(1);
});

test.each([
  ['no tenants', [{ ...endpoint, tenants: [] }], '/endpoints/0/tenants'],
  ['tenants forgotten', [{ ...endpoint, tenants: undefined }], '/endpoints/0/tenants'],
  ['a secret in the file itself', [{ ...endpoint, secret: SECRET }], '/endpoints/0'],
  ['a secret that is not there', [{ ...endpoint, secretFile: 'gone' }], 'ENOENT'],
  ['a secret that can be guessed', [{ ...endpoint, secretFile: 'short' }], '24 to 64 bytes'],
  ['a name twice', [endpoint, endpoint], 'twice'],
  ['a name that no label can have', [{ ...endpoint, name: 'On Call' }], '/endpoints/0/name'],
  ['another protocol', [{ ...endpoint, url: 'file:///etc/passwd' }], '/endpoints/0/url'],
  ['credentials in the address', [{ ...endpoint, url: 'https://u:p@h/' }], 'credentials'],
  ['no list', 'endpoints: {}', '/endpoints'],
  ['what is no YAML', '{', 'cannot be read'],
])('%s is refused, and no secret is repeated', (_, endpoints, why) => {
  const attempt = () => load(endpoints);
  expect(attempt).toThrow(why);
  expect(attempt).not.toThrow(SECRET);
});

test('a file that is not there is named', () => {
  expect(() => loadConfig({ WEBHOOKS_FILE: join(folder, 'nowhere') })).toThrow('WEBHOOKS_FILE cannot be read (ENOENT)');
});
