import { describe, expect, test } from 'vitest';
import { CodedError } from '../../../src/domain/errors.ts';
import { expiredSchema, holdPageSchema, holdSchema } from '../../../src/http/schemas/hold.ts';
import { sampleHold, startFixture } from '../fixture.ts';

const post = (url: string, payload: object) => ({ method: 'POST', url, payload }) as const;

describe('legal holds over REST', () => {
  test('are placed, listed and released', async () => {
    const { app } = await startFixture();
    const placed = await app.inject(post('/v1/holds', { target: { kind: 'conversation', id: 'c' }, reason: 'm 1' }));
    expect(placed.statusCode).toBe(201);
    expect(holdSchema.parse(placed.json())).toEqual(placed.json());
    expect(placed.json()).toMatchObject({ active: true, reason: 'm 1', placedBy: 'anonymous' });
    const list = await app.inject('/v1/holds?active=true');
    expect(holdPageSchema.parse(list.json())).toEqual(list.json());
    const released = await app.inject(post(`/v1/holds/${sampleHold.id}/release`, { reason: 'closed' }));
    expect(released.json()).toMatchObject({ active: false, releaseReason: 'closed' });
  });

  test('what is over stays over, and what is not there is 404', async () => {
    const { app, deps } = await startFixture();
    const gone = await app.inject(post('/v1/holds/00000000-0000-4000-8000-000000000000/release', { reason: 'r' }));
    expect([gone.statusCode, gone.json().code]).toEqual([404, 'not_found']);
    const holds = { ...deps.store.holds, release: async () => 'released' as const };
    const { app: other } = await startFixture({ store: { ...deps.store, holds } });
    const again = await other.inject(post(`/v1/holds/${sampleHold.id}/release`, { reason: 'r' }));
    expect([again.statusCode, again.json().code]).toEqual([409, 'hold_released']);
  });

  test.each([
    [{ reason: 'r' }, '/target'],
    [{ target: { kind: 'world' }, reason: 'r' }, '/target/kind'],
    [{ target: { kind: 'tenant' } }, '/reason'],
    [{ target: { kind: 'conversation', id: '\ud800' }, reason: 'r' }, '/target/id'],
    [{ target: { kind: 'tenant' }, reason: 'x'.repeat(300) }, '/reason'],
  ])('a body that is wrong is named: %j', async (body, path) => {
    const { app } = await startFixture();
    const answer = await app.inject(post('/v1/holds', body));
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid_body', errors: [{ path }] });
  });

  test('an erasure that meets one is answered 409 with a code', async () => {
    const { deps } = await startFixture();
    const erase = async () => {
      throw new CodedError('legal_hold', 'A legal hold covers some of what was named; nothing more was erased.');
    };
    const { app } = await startFixture({ store: { ...deps.store, erase } });
    const answer = await app.inject(post('/v1/erasures', { target: { kind: 'tenant' }, reason: 'r' }));
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'legal_hold']);
  });

  test('retention is run on demand', async () => {
    const { app } = await startFixture();
    const answer = await app.inject(post('/v1/retention/runs', {}));
    expect(expiredSchema.parse(answer.json())).toEqual(answer.json());
  });
});
