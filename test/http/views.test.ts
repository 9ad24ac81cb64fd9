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
