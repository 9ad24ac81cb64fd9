import { describe, expect, test } from 'vitest';
import { CodedError } from '../../../src/domain/errors.ts';
import { auditPageSchema } from '../../../src/http/schemas/audit.ts';
import { conversationSchema } from '../../../src/http/schemas/conversation.ts';
import { sampleEntry, startFixture } from '../fixture.ts';

describe('GET /v1/audit', () => {
  test('answers a page, as its schema says', async () => {
    const { app } = await startFixture();
    const answer = await app.inject('/v1/audit');
    expect(answer.statusCode).toBe(200);
    expect(auditPageSchema.parse(answer.json())).toEqual(answer.json());
    expect(answer.json()).toEqual({
      items: [{ ...sampleEntry, at: '2026-11-24T10:01:00.000Z' }],
      next: null,
      previous: null,
    });
  });

  test('asks the store for everything that can be asked', async () => {
    const { app, trailQueries } = await startFixture();
    const query = [
      'from=2026-11-01T00:00:00Z',
      'to=2026-11-02T00:00:00Z',
      'actor=oidc:jane',
      'action=view,export&action=review',
      'conversationId=c-42',
      'subject=t-1',
      'limit=7',
      'cursor=abc',
    ];
    expect((await app.inject(`/v1/audit?${query.join('&')}`)).statusCode).toBe(200);
    expect(trailQueries).toEqual([
      {
        from: new Date('2026-11-01T00:00:00Z'),
        to: new Date('2026-11-02T00:00:00Z'),
        actor: 'oidc:jane',
        action: ['view', 'export', 'review'],
        conversationId: 'c-42',
        subject: 't-1',
        limit: 7,
        cursor: 'abc',
      },
    ]);
  });

  test.each([
    ['action=burn', 'action'],
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['from=yesterday', 'from'],
    ['from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z', 'to'],
    ['actor=', 'actor'],
    ['actor=%00', 'actor'],
    [`actor=${'a'.repeat(257)}`, 'actor'],
    ['who=jane', 'who'],
  ])('says what is wrong with ?%s, and notes nothing', async (query, path) => {
    const { app, accesses } = await startFixture();
    const answer = await app.inject(`/v1/audit?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid_query', errors: [{ path }] });
    expect(accesses).toEqual([]);
  });

  test('shows nothing where the reading cannot be noted', async () => {
    const { deps } = await startFixture();
    const auditAccess = async () => {
      throw new CodedError('store_unavailable', 'The store cannot be reached.');
    };
    const { app } = await startFixture({ store: { ...deps.store, auditAccess } });
    const answer = await app.inject('/v1/audit');
    expect(answer.statusCode).toBe(503);
    expect(answer.body).not.toContain(sampleEntry.hash);
  });
});

test('GET /v1/conversations/{id} tells of each turn the verdicts it had', async () => {
  const { app } = await startFixture();
  const answer = await app.inject('/v1/conversations/c-42');
  expect(conversationSchema.parse(answer.json())).toEqual(answer.json());
  const { turns } = answer.json() as { turns: { history: object[]; erasedAt: null }[] };
  expect(turns.map(({ history }) => history.length)).toEqual([1, 0]);
  expect(turns[0]!.history[0]).toMatchObject({ seq: 7, status: 'final', decision: 'alert', assessment: 'partial' });
});
