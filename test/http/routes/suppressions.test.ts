import { describe, expect, test } from 'vitest';
import { suppressionPageSchema, suppressionSchema } from '../../../src/http/schemas/suppression.ts';
import { sampleRule, sampleSuppression, startFixture } from '../fixture.ts';

const ONE = `/v1/suppressions/${sampleSuppression.id}`;
const UNKNOWN = '/v1/suppressions/00000000-0000-5000-8000-000000000000';

const valid = {
  kind: 'category',
  value: 'sandbagging',
  reason: 'Being looked at.',
  owner: 'safety',
  expiresAt: '2026-11-25T10:00:00Z',
};

const send = (method: 'POST' | 'PATCH', url: string, body: unknown) => ({
  method,
  url,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe('POST /v1/suppressions', () => {
  test('silences, and answers what is in force', async () => {
    const { app, suppressions } = await startFixture();
    const answer = await app.inject(send('POST', '/v1/suppressions', valid));
    expect(answer.statusCode).toBe(201);
    expect(suppressionSchema.parse(answer.json())).toEqual(answer.json());
    expect(answer.json()).toMatchObject({ kind: 'category', active: true });
    expect(suppressions).toEqual([{ ...valid, expiresAt: new Date(valid.expiresAt) }]);
  });

  test.each([
    [{ ...valid, kind: 'everything' }, '/kind'],
    [{ ...valid, value: 'sandbaging' }, '/value'],
    [{ ...valid, kind: 'rule', value: 'no-such-rule' }, '/value'],
    [{ ...valid, kind: 'conversation', value: '' }, '/value'],
    [{ ...valid, reason: '  ' }, '/reason'],
    [{ ...valid, reason: 'x'.repeat(2_001) }, '/reason'],
    [{ ...valid, owner: undefined }, '/owner'],
    [{ ...valid, expiresAt: '2026-11-24T10:00:00Z' }, '/expiresAt'],
    [{ ...valid, expiresAt: '2029-11-24T10:00:00Z' }, '/expiresAt'],
    [{ ...valid, expiresAt: undefined }, '/expiresAt'],
    [{ ...valid, tenant: 'other' }, '/tenant'],
  ])('refuses %j and names the field', async (body, path) => {
    const { app, suppressions } = await startFixture();
    const answer = await app.inject(send('POST', '/v1/suppressions', body));
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid_body', errors: [{ path }] });
    expect(suppressions).toEqual([]);
  });

  test('takes a rule, a model and a conversation too', async () => {
    const { app } = await startFixture();
    for (const [kind, value] of [
      ['rule', sampleRule.id],
      ['model', 'o1@2024-12-17'],
      ['conversation', 'c-42'],
    ]) {
      const answer = await app.inject(send('POST', '/v1/suppressions', { ...valid, kind, value }));
      expect(answer.statusCode).toBe(201);
    }
  });
});

describe('one suppression', () => {
  test('is listed and read, and says whether it is in force', async () => {
    const { app } = await startFixture();
    const list = await app.inject('/v1/suppressions?active=true');
    expect(suppressionPageSchema.parse(list.json())).toEqual(list.json());
    expect((await app.inject(ONE)).json()).toMatchObject({ id: sampleSuppression.id, active: true, suppressed: 3 });
    expect((await app.inject('/v1/suppressions?active=perhaps')).json()).toMatchObject({ code: 'invalid_query' });
  });

  test('is changed within its bounds', async () => {
    const { app } = await startFixture();
    expect((await app.inject(send('PATCH', ONE, { owner: 'ada' }))).json()).toMatchObject({ owner: 'ada' });
    for (const body of [{}, { kind: 'rule' }, { expiresAt: '2020-01-01T00:00:00Z' }, { reason: '' }]) {
      expect((await app.inject(send('PATCH', ONE, body))).json()).toMatchObject({ code: 'invalid_body' });
    }
  });

  test('cannot be changed once it is over', async () => {
    const { deps } = await startFixture();
    const { app } = await startFixture({
      store: { ...deps.store, suppressions: { ...deps.store.suppressions, change: async () => 'ended' } },
    });
    const answer = await app.inject(send('PATCH', ONE, { owner: 'ada' }));
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'suppression_ended' });
  });

  test('ends, and is 404 where there is none', async () => {
    const { app } = await startFixture();
    expect((await app.inject({ method: 'DELETE', url: ONE })).statusCode).toBe(200);
    expect((await app.inject({ method: 'DELETE', url: UNKNOWN })).statusCode).toBe(404);
    expect((await app.inject(send('PATCH', UNKNOWN, { owner: 'ada' }))).statusCode).toBe(404);
    expect((await app.inject(UNKNOWN)).statusCode).toBe(404);
  });
});
