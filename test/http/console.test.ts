import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { OidcConfig } from '../../src/config/access.ts';
import { startFixture } from './fixture.ts';

const OIDC: OidcConfig = {
  issuer: 'https://id.test/realms/main',
  audience: 'monitor',
  jwksUrl: 'https://id.test/keys',
  rolesClaim: 'roles',
  roles: {},
  tenantClaim: undefined,
  tenant: 'default',
  clientId: 'console',
  scopes: 'openid',
};

const built = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-console-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(folder, 'assets', 'index-AbC_12-x.js'), 'export {};');
  return folder;
};

const start = async (oidc: OidcConfig | undefined = undefined, folder = built()) =>
  (await startFixture({ page: { folder, oidc } })).app;

test('the page runs nothing but its own scripts, is framed by nobody and kept by nobody', async () => {
  const app = await start();
  const { statusCode, headers, body } = await app.inject('/console/');
  expect(statusCode).toBe(200);
  expect(body).toContain('<title>page</title>');
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(headers['cache-control']).toBe('no-store');
  const policy = String(headers['content-security-policy']);
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ]) {
    expect(policy.split('; ')).toContain(part);
  }
  expect(policy).not.toContain('unsafe');
});

test('its address gets the slash that relative addresses need', async () => {
  const app = await start();
  const { statusCode, headers } = await app.inject('/console');
  expect([statusCode, headers.location]).toEqual([308, 'console/']);
});

test('what the build named by its content is kept for good', async () => {
  const app = await start();
  const { statusCode, headers } = await app.inject('/console/assets/index-AbC_12-x.js');
  expect(statusCode).toBe(200);
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(headers['content-type']).toMatch(/javascript/);
  expect(headers['x-content-type-options']).toBe('nosniff');
});

test.each([
  '/console/assets/missing-12.js',
  '/console/assets/..%2findex.html',
  '/console/assets/%2e%2e%2findex.html',
  '/console/assets/.hidden',
  '/console/assets/',
  '/console/index.html',
  '/console/else',
])('%s is not there', async (url) => {
  const app = await start();
  const answer = await app.inject(url);
  expect([answer.statusCode, answer.json().code]).toEqual([404, 'not_found']);
});

test('where the page was not built, its address says how to', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-console-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const app = await start(undefined, folder);
  const answer = await app.inject('/console/');
  expect([answer.statusCode, answer.json().detail]).toEqual([404, expect.stringContaining('npm run build')]);
});

test('it learns whether to ask for a key, and where people sign in', async () => {
  const open = await start();
  expect((await open.inject('/console/settings.json')).json()).toEqual({ credentials: false, oidc: null });
  const app = await start(OIDC);
  expect((await app.inject('/console/settings.json')).json().oidc).toEqual({
    issuer: 'https://id.test/realms/main',
    clientId: 'console',
    scopes: 'openid',
    audience: 'monitor',
  });
});

test('it may fetch tokens from the issuer alone, and only where it signs in there', async () => {
  const policyOf = async (oidc: OidcConfig | undefined) =>
    String((await (await start(oidc)).inject('/console/')).headers['content-security-policy']);
  expect(await policyOf(OIDC)).toContain("connect-src 'self' https://id.test;");
  expect(await policyOf({ ...OIDC, clientId: undefined })).toContain("connect-src 'self';");
});
