import { describe, expect, onTestFinished, test } from 'vitest';
import type { Identity, Scope } from '../../src/domain/access.ts';
import { CodedError } from '../../src/domain/errors.ts';
import type { Authentication } from '../../src/http/authentication.ts';
import type { HttpDeps } from '../../src/http/deps.ts';
import { buildServer } from '../../src/http/server.ts';
import { PROBLEM_TYPE, sampleFlag, sampleKey, startFixture } from './fixture.ts';

// What the server asks of callers. `Bearer a+b` stands for a key of tenant acme with the scopes a and b.

const authentication: Authentication = {
  identify: async ({ authorization }) => {
    const scopes = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
    if (scopes === undefined) throw new CodedError('unauthenticated', 'The key or token is not valid.');
    return { tenant: 'acme', actor: `key:${scopes}`, scopes: scopes.split('+') as Scope[], operator: false };
  },
  forget: () => {},
  close: async () => {},
};

const OPEN = { ratePerMinute: 0, corsOrigins: [], metricsNeedKey: false };

const start = (access: Partial<HttpDeps['access']> = {}, over: Partial<HttpDeps> = {}) =>
  startFixture({ authentication, access: { ...OPEN, ...access }, ...over });

const BODY = { segments: [{ kind: 'answer', text: 'x' }] };

/** Every route, a request that it answers, and the scopes that are enough. */
const ROUTES = [
  ['POST', '/v1/monitor', BODY, ['ingest']],
  ['GET', '/v1/verdicts/t-1', undefined, ['ingest', 'audit']],
  ['GET', '/v1/flags', undefined, ['audit']],
  ['GET', `/v1/flags/${sampleFlag.id}`, undefined, ['audit']],
  ['GET', '/v1/conversations/c-42', undefined, ['audit']],
  ['GET', '/v1/rules', undefined, ['ingest', 'audit', 'admin']],
  ['GET', '/v1/categories', undefined, ['ingest', 'audit', 'admin']],
  ['GET', '/v1/audit/verification', undefined, ['audit']],
  ['POST', '/v1/erasures', { target: { kind: 'tenant' }, reason: 'r' }, ['admin']],
  ['GET', '/v1/webhooks/deliveries', undefined, ['admin']],
  ['POST', '/v1/webhooks/retries', { endpoint: 'oncall' }, ['admin']],
  ['POST', '/v1/webhooks/discards', {}, ['admin']],
  ['GET', '/v1/keys', undefined, ['admin']],
  ['POST', '/v1/keys', { name: 'n', scopes: ['ingest'] }, ['admin']],
  ['DELETE', `/v1/keys/${sampleKey.id}`, undefined, ['admin']],
] as const;

const SCOPES = ['ingest', 'audit', 'admin'] as const;

describe.each(ROUTES)('%s %s', (method, url, payload, enough) => {
  const ask = async (authorization?: string) => {
    const { app } = await start();
    return app.inject({
      method,
      url,
      ...(payload === undefined ? {} : { payload }),
      headers: authorization === undefined ? {} : { authorization },
    });
  };

  test('is closed without a credential, before the body is read', async () => {
    const answer = await ask();
    expect(answer.statusCode).toBe(401);
    expect(answer.headers).toMatchObject({ 'content-type': PROBLEM_TYPE, 'www-authenticate': 'Bearer' });
    expect(answer.json()).toMatchObject({ code: 'unauthenticated' });
  });

  test.each(SCOPES)('asks for the right scope: %s', async (scope) => {
    const answer = await ask(`Bearer ${scope}`);
    if ((enough as readonly string[]).includes(scope)) expect(answer.statusCode).toBeLessThan(300);
    else
      expect(answer.json()).toMatchObject({ code: 'forbidden', detail: expect.stringContaining(enough.join(' or ')) });
    expect(answer.headers['www-authenticate']).toBeUndefined();
  });
});

test('no route under /v1 answers without a credential, nor one that has no scope unless it shows no data', async () => {
  const { app } = await start();
  const documented = Object.entries((app.swagger() as { paths: Record<string, object> }).paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, item]) => Object.keys(item).map((method) => ({ method, url: path.replaceAll(/\{\w+\}/g, 'x') })));
  expect(documented.length).toBeGreaterThanOrEqual(ROUTES.length);
  const open: string[] = [];
  for (const { method, url } of documented) {
    const request = { method: method.toUpperCase() as 'GET', url };
    expect((await app.inject(request)).statusCode, `${method} ${url}`).toBe(401);
    const answer = await app.inject({ ...request, headers: { authorization: 'Bearer none' } });
    if (answer.statusCode !== 403) open.push(url);
  }
  expect(open).toEqual(['/v1/rules', '/v1/categories']);
});

test('what a caller may see is decided by the key: the tenant reaches every handler', async () => {
  const tenants: string[] = [];
  const seen = <T>(tenant: string, answer: T): T => {
    tenants.push(tenant);
    return answer;
  };
  const { deps } = await start();
  const { app, submissions, accesses } = await start(
    {},
    {
      store: {
        ...deps.store,
        verdict: async (tenant) => seen(tenant, null),
        flags: async (tenant) => seen(tenant, { items: [], next: null, previous: null }),
        flag: async (tenant) => seen(tenant, null),
        conversation: async (tenant) => seen(tenant, { items: [], next: null, previous: null }),
        keys: { ...deps.store.keys, list: async (tenant) => seen(tenant, []) },
      },
    },
  );
  for (const [method, url, payload] of ROUTES) {
    await app.inject({
      method,
      url,
      ...(payload && { payload }),
      headers: { authorization: 'Bearer ingest+audit+admin' },
    });
  }
  expect(new Set(tenants)).toEqual(new Set(['acme']));
  expect(tenants.length).toBeGreaterThan(4);
  expect(submissions[0]?.tenant).toBe('acme');
  expect(accesses).toEqual([]);
});

test('who reads stands in the note of it', async () => {
  const { app, accesses } = await start();
  await app.inject({ url: '/v1/conversations/c-42', headers: { authorization: 'Bearer audit' } });
  expect(accesses).toMatchObject([{ tenant: 'acme', actor: 'key:audit' }]);
});

describe('admins of one tenant', () => {
  const headers = { authorization: 'Bearer admin' };

  test.each([
    ['GET', '/v1/keys?tenant=other', undefined],
    ['POST', '/v1/keys', { name: 'n', scopes: ['audit'], tenant: 'other' }],
    ['DELETE', `/v1/keys/${sampleKey.id}?tenant=other`, undefined],
    ['GET', '/v1/webhooks/deliveries?tenant=other', undefined],
    ['POST', '/v1/webhooks/retries', { tenant: 'other' }],
    ['POST', '/v1/webhooks/discards', { tenant: 'other' }],
    ['POST', '/v1/erasures', { target: { kind: 'tenant' }, reason: 'r', tenant: 'other' }],
  ] as const)('cannot reach what belongs to another: %s', async (method, url, payload) => {
    const { app } = await start();
    const answer = await app.inject({ method, url, headers, ...(payload && { payload }) });
    expect(answer.json()).toMatchObject({ status: 403, code: 'forbidden' });
  });

  test('the operator can', async () => {
    const operator: Identity = { tenant: 'default', actor: 'operator', scopes: ['admin'], operator: true };
    const { app } = await start({}, { authentication: { ...authentication, identify: async () => operator } });
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/keys',
      payload: { name: 'n', scopes: ['audit'], tenant: 'other' },
    });
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({ key: { tenant: 'other', createdBy: 'operator' } });
  });

  test.each([
    ['no scope', { name: 'n', scopes: [] }],
    ['an unknown scope', { name: 'n', scopes: ['root'] }],
    ['a scope twice', { name: 'n', scopes: ['audit', 'audit'] }],
    ['no name', { name: '', scopes: ['audit'] }],
    ['a name of a megabyte', { name: 'n'.repeat(50_000), scopes: ['audit'] }],
    ['NUL in its name', { name: 'a\u0000b', scopes: ['audit'] }],
    ['an end in the past', { name: 'n', scopes: ['audit'], expiresAt: '2020-01-01T00:00:00Z' }],
    ['a field that is none', { name: 'n', scopes: ['audit'], secret: 'mine' }],
  ])('cannot make a key with %s', async (_, payload) => {
    const { app } = await start();
    const answer = await app.inject({ method: 'POST', url: '/v1/keys', headers, payload });
    expect(answer.json()).toMatchObject({ status: 400, code: 'invalid_body' });
  });
});

describe('open to everybody', () => {
  test.each(['/livez', '/readyz', '/metrics', '/docs'])('is %s', async (url) => {
    const { app } = await start();
    expect((await app.inject(url)).statusCode).toBe(200);
  });

  test('/metrics is not where a key is asked for; any scope will do', async () => {
    const { app } = await start({ metricsNeedKey: true });
    expect((await app.inject('/metrics')).statusCode).toBe(401);
    expect((await app.inject({ url: '/metrics', headers: { authorization: 'Bearer ingest' } })).statusCode).toBe(200);
    expect((await app.inject('/livez')).statusCode).toBe(200);
  });

  test('are the answers that a method is not allowed and that there is nothing, and they tell nothing', async () => {
    const { app } = await start();
    expect((await app.inject({ method: 'PUT', url: '/v1/flags' })).statusCode).toBe(405);
    expect((await app.inject({ method: 'OPTIONS', url: '/v1/flags' })).statusCode).toBe(204);
    for (const url of ['/v1/nothing', '/v1/flags/x/y', '/admin', '/v1/keys/x/secret', '/V1/flags']) {
      expect((await app.inject(url)).statusCode).toBe(404);
      expect((await app.inject({ url, headers: { authorization: 'Bearer admin' } })).statusCode).toBe(404);
    }
  });
});

test('a route that says nothing of who may call it cannot be registered', async () => {
  const { deps } = await start();
  const app = buildServer({ ...deps, authentication });
  onTestFinished(() => app.close());
  app.after(() => {
    expect(() => app.get('/v1/forgotten', () => 'secrets')).toThrow(/src\/http\/access\.ts/);
  });
  await app.ready();
});

describe('limits', () => {
  test('count by key, and say when to come back', async () => {
    const { app } = await start({ ratePerMinute: 3 });
    const get = (authorization: string) => app.inject({ url: '/v1/rules', headers: { authorization } });
    for (let i = 0; i < 3; i++) expect((await get('Bearer ingest')).statusCode).toBe(200);
    const refused = await get('Bearer ingest');
    expect(refused.json()).toMatchObject({ status: 429, code: 'rate_limited' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await get('Bearer audit')).statusCode).toBe(200);
    expect((await app.inject('/livez')).statusCode).toBe(200);
  });

  test('slow down who tries keys, and nobody who has one', async () => {
    const { app } = await start();
    const statuses = [];
    for (let i = 0; i < 105; i++) statuses.push((await app.inject('/v1/rules')).statusCode);
    expect(statuses.indexOf(429)).toBe(100);
    expect((await app.inject({ url: '/v1/rules', headers: { authorization: 'Bearer audit' } })).statusCode).toBe(200);
  });
});

describe('pages of other origins', () => {
  const preflight = {
    method: 'OPTIONS',
    url: '/v1/flags',
    headers: { origin: 'https://console.test', 'access-control-request-method': 'GET' },
  } as const;

  test('may not call unless they are named', async () => {
    const { app } = await start();
    expect((await app.inject(preflight)).headers['access-control-allow-origin']).toBeUndefined();
  });

  test('may call where they are named, and others may not', async () => {
    const { app } = await start({ corsOrigins: ['https://console.test'] });
    const allowed = await app.inject(preflight);
    expect(allowed.headers['access-control-allow-origin']).toBe('https://console.test');
    expect(allowed.headers['access-control-allow-headers']).toContain('authorization');
    const other = { ...preflight.headers, origin: 'https://evil.test' };
    expect((await app.inject({ ...preflight, headers: other })).headers['access-control-allow-origin']).toBeUndefined();
    expect((await app.inject({ url: '/v1/flags', headers: other })).statusCode).toBe(401);
  });
});

test('no credential reaches the log or an answer', async () => {
  const { deps } = await start();
  const { app, logged } = await start(
    {},
    {
      store: {
        ...deps.store,
        flags: async () => {
          throw new Error('Bearer audit');
        },
      },
    },
  );
  const answer = await app.inject({ url: '/v1/flags', headers: { authorization: 'Bearer audit' } });
  expect(answer.statusCode).toBe(500);
  expect(logged).not.toEqual([]);
  expect(logged.join('') + answer.body).not.toContain('Bearer audit');
});
