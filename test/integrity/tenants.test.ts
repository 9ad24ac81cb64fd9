import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCOPES } from '../../src/domain/access.ts';
import { flagIdOf } from '../../src/domain/ids.ts';
import { createAuthentication } from '../../src/http/authentication.ts';
import { buildServer } from '../../src/http/server.ts';
import { createHealth } from '../../src/observe/health.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { sampleVerdict } from '../http/fixture.ts';
import { recordOf } from '../record/records.ts';
import { BACKENDS, silent, usePostgres, useStore } from '../record/stores.ts';

// Two tenants on one real store, and one of them tries every route with what belongs to the other. Routes come from the
// server's own document, so that a new one is tried without anybody thinking of it.

usePostgres();

const HIDDEN = 'only-acme-knows';

interface Operation {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
}

describe.each(BACKENDS)('one tenant and another (%s)', (backend) => {
  const t = useStore(backend, { keepTraceShare: 1 });
  let app: FastifyInstance;
  let operations: readonly Operation[];
  const secrets: Record<string, string> = {};
  /** Ids of acme, by the name of the parameter or the word in the address before it. */
  const theirs: Record<string, string> = {};

  beforeAll(async () => {
    for (const tenant of ['acme', 'other']) {
      const made = await t.store.keys.create({ tenant, name: tenant, scopes: SCOPES, expiresAt: null, by: 'test' });
      secrets[tenant] = made.secret;
      theirs[`keys:${tenant}`] = made.key.id;
    }
    const trace = {
      conversationId: HIDDEN,
      labels: { who: HIDDEN },
      model: { provider: HIDDEN, name: HIDDEN, version: null },
    };
    await t.store.write([
      recordOf({
        tenant: 'acme',
        id: HIDDEN,
        decision: 'alert',
        text: HIDDEN,
        trace,
        verdict: { conversationId: HIDDEN },
      }),
      recordOf({ tenant: 'other', id: 'mine', decision: 'flag' }),
    ]);
    const suppression = await t.store.suppressions.add(
      'acme',
      { kind: 'rule', value: HIDDEN, reason: HIDDEN, owner: HIDDEN, expiresAt: new Date(t.now.getTime() + 86_400_000) },
      'key:x',
    );
    theirs.verdicts = HIDDEN;
    theirs.flags = flagIdOf('acme', HIDDEN);
    theirs.conversations = HIDDEN;
    theirs.keys = theirs['keys:acme']!;
    theirs.suppressions = suppression.id;
    theirs.holds = (await t.store.holds.place('acme', { kind: 'conversation', id: HIDDEN }, HIDDEN, 'key:x')).id;
    await t.store.reviews.add('acme', theirs.flags, { outcome: 'confirmed', note: HIDDEN, reviewer: HIDDEN });
    app = buildServer({
      process: async () => sampleVerdict,
      store: t.store,
      expire: () => t.store.expire({ textDays: null, wordsDays: null, verdictsDays: null }),
      candidate: () => {
        throw new TypeError('no policy is tried here');
      },
      live: {
        open: () => ({ take: async () => undefined, close: () => undefined }),
        events: () => ({ feed: () => undefined, finish: () => ({ payload: null }) }),
      },
      authentication: createAuthentication({
        keys: t.store.keys,
        operatorKeyHash: undefined,
        verifyToken: undefined,
        clock: () => t.now,
        log: silent,
      }),
      access: { ratePerMinute: 0, corsOrigins: [], metricsNeedKey: false },
      rules: () => [],
      categories: [],
      health: createHealth([], []),
      metrics: createMetrics({ processMetrics: false }),
      log: silent,
      config: {
        maxBodyBytes: 65_536,
        requestTimeoutMs: 10_000,
        maxInFlight: 8,
        streams: { idleMs: 10_000, deadlineMs: 60_000, maxOpen: 8, bufferBytes: 1_048_576 },
      },
      clock: () => t.now,
      newRequestId: () => 'r',
    });
    await app.ready();
    const { paths } = app.swagger() as { paths: Record<string, Record<string, unknown>> };
    operations = Object.entries(paths)
      .filter(([path]) => path.startsWith('/v1/'))
      .flatMap(([path, item]) =>
        Object.keys(item).map((method) => ({ method: method.toUpperCase() as Operation['method'], path })),
      );
  });
  afterAll(() => app.close());

  const bodies: Readonly<Record<string, object>> = {
    'POST /v1/flags/{id}/reviews': { outcome: 'confirmed' },
    'POST /v1/flags/{id}/assignment': {},
    'PATCH /v1/suppressions/{id}': { owner: 'me' },
    'POST /v1/holds/{id}/release': { reason: 'r' },
  };

  const ask = (tenant: string, { method, path }: Operation, url: string) => {
    const payload = bodies[`${method} ${path}`];
    return app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${secrets[tenant]}` },
      ...(payload === undefined ? {} : { payload }),
    });
  };

  /** An id of the right form that nobody has. */
  const absent = (id: string): string =>
    /^[0-9a-f-]{36}$/.test(id) ? '00000000-0000-4000-8000-000000000000' : 'nobody';

  const named = (path: string): string => path.split('/')[2]!;

  test('ids of the other are answered exactly as ids that do not exist, on every route that takes one', async () => {
    const tried: string[] = [];
    for (const operation of operations.filter(({ path }) => path.includes('{'))) {
      const id = theirs[named(operation.path)];
      expect(id, `${operation.path}: this test knows no id for it`).toBeDefined();
      const at = (value: string) => operation.path.replace(/\{\w+\}/, encodeURIComponent(value));
      const [foreign, unknown] = [
        await ask('other', operation, at(id!)),
        await ask('other', operation, at(absent(id!))),
      ];
      const name = `${operation.method} ${operation.path}`;
      expect([foreign.statusCode, foreign.body], name).toEqual([404, unknown.body]);
      expect(unknown.statusCode, name).toBe(404);
      tried.push(name);
    }
    expect(tried.length).toBeGreaterThan(8);
    for (const [name, id] of Object.entries({ ...theirs })) {
      if (!['verdicts', 'flags', 'conversations', 'suppressions'].includes(name)) continue;
      expect((await ask('acme', { method: 'GET', path: '' }, `/v1/${name}/${id}`)).statusCode, name).toBe(200);
    }
  });

  test('lists, counts and reports of one show nothing of the other', async () => {
    const lists = operations.filter(({ method, path }) => method === 'GET' && !path.includes('{'));
    expect(lists.length).toBeGreaterThan(3);
    for (const operation of lists) {
      const answer = await ask('other', operation, operation.path);
      expect(answer.body, operation.path).not.toContain(HIDDEN);
      expect(answer.body, operation.path).not.toContain(theirs['keys:acme']);
    }
  });

  test.each([
    `/v1/flags?conversationId=${HIDDEN}`,
    `/v1/flags?model=${HIDDEN}`,
    `/v1/flags?q=${HIDDEN}`,
    '/v1/flags?category=sandbagging&sort=risk',
    '/v1/flags/facets?rule=r-1',
    '/v1/keys?tenant=acme',
    '/v1/audit/verification?tenant=acme',
    '/v1/audit?tenant=acme',
    '/v1/holds?tenant=acme',
    `/v1/audit?conversationId=${HIDDEN}`,
    `/v1/audit?actor=${HIDDEN}`,
    `/v1/audit?subject=${HIDDEN}`,
  ])('asking for it by name does not help: %s', async (url) => {
    const answer = await ask('other', { method: 'GET', path: '' }, url);
    expect(answer.body).not.toContain(HIDDEN);
    expect(answer.body).not.toContain(theirs.flags);
    if (url.includes('tenant=')) expect(answer.statusCode).toBe(403);
  });

  test('a cursor of the one is of no use to the other', async () => {
    await t.store.write([recordOf({ tenant: 'acme', id: 'second', decision: 'flag' })]);
    const { next } = (await ask('acme', { method: 'GET', path: '' }, '/v1/flags?limit=1')).json() as { next: string };
    const answer = await ask('other', { method: 'GET', path: '' }, `/v1/flags?cursor=${next}`);
    expect(answer.body).not.toContain(HIDDEN);
    expect((answer.json() as { items: { traceId: string }[] }).items.every(({ traceId }) => traceId === 'mine')).toBe(
      true,
    );
  });

  test('nothing that was tried changed anything', async () => {
    expect((await t.store.keys.list('acme'))[0]?.revokedAt).toBeNull();
    expect((await t.store.suppressions.find('acme', theirs.suppressions!))?.endedAt).toBeNull();
    expect(await t.store.reviews.list('acme', theirs.flags!)).toHaveLength(1);
    expect((await t.store.holds.list('acme', {}))[0]?.releasedAt).toBeNull();
    for (const tenant of ['acme', 'other']) expect((await t.store.verifyAudit(tenant)).break).toBeNull();
  });
});
