import { expect, test } from 'vitest';
import { CodedError } from '../../src/domain/errors.ts';
import { sampleFlag, startFixture } from './fixture.ts';

test('reading a conversation or a flag is noted before the text goes out', async () => {
  const { app, accesses } = await startFixture();
  expect((await app.inject('/v1/conversations/c-42')).statusCode).toBe(200);
  expect((await app.inject(`/v1/flags/${sampleFlag.id}`)).statusCode).toBe(200);
  const who = { tenant: 'default', actor: 'anonymous', action: 'view' };
  expect(accesses).toEqual([
    { ...who, what: 'conversation', subject: 'c-42' },
    { ...who, what: 'flag', subject: sampleFlag.id },
  ]);
});

test.each([
  ['/v1/verdicts/t-1', { action: 'view', what: 'verdict', subject: 't-1' }],
  [`/v1/flags/${sampleFlag.id}/reviews`, { action: 'view', what: 'reviews', subject: sampleFlag.id }],
  [
    '/v1/flags?model=o1,o3&q=audit+log&from=2026-11-01T00:00:00Z',
    {
      action: 'view',
      what: 'flags',
      subject: '*',
      details: { model: 'o1,o3', q: true, from: '2026-11-01T00:00:00.000Z', shown: 1 },
    },
  ],
  [
    '/v1/flags/export?format=csv&severity=critical',
    { action: 'export', what: 'flags', subject: '*', details: { severity: 'critical', format: 'csv' } },
  ],
  ['/v1/reviews/export', { action: 'export', what: 'labels', subject: '*' }],
  ['/v1/audit?action=view', { action: 'view', what: 'audit', subject: '*', details: { action: 'view' } }],
])('whatever shows words of a trace, or who saw them, leaves a note: %s', async (url, note) => {
  const { app, accesses } = await startFixture();
  expect((await app.inject(url)).statusCode).toBe(200);
  expect(accesses).toEqual([{ tenant: 'default', actor: 'anonymous', ...note }]);
});

test('counts leave none', async () => {
  const { app, accesses } = await startFixture();
  for (const url of ['/v1/flags/facets', '/v1/reports/deception', '/v1/audit/verification', '/v1/suppressions']) {
    expect((await app.inject(url)).statusCode).toBe(200);
  }
  expect(accesses).toEqual([]);
});

test('what is not there leaves no note', async () => {
  const { app, accesses } = await startFixture();
  expect((await app.inject('/v1/conversations/c-43')).statusCode).toBe(404);
  expect(accesses).toEqual([]);
});

test('where the note cannot be written nothing is shown', async () => {
  const { deps } = await startFixture();
  const auditAccess = async () => {
    throw new CodedError('store_unavailable', 'The store cannot be reached.');
  };
  const { app } = await startFixture({ store: { ...deps.store, auditAccess } });
  const answer = await app.inject('/v1/conversations/c-42');
  expect(answer.statusCode).toBe(503);
  expect(answer.body).not.toContain('audit log');
});
