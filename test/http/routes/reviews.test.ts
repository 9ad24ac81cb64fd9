import { describe, expect, test } from 'vitest';
import { assignmentSchema, reviewedSchema, reviewPageSchema } from '../../../src/http/schemas/review.ts';
import { PROBLEM_TYPE, sampleFlag, sampleReview, startFixture } from '../fixture.ts';

const FLAG = `/v1/flags/${sampleFlag.id}`;
const UNKNOWN = '/v1/flags/00000000-0000-5000-8000-000000000000';

const json = (method: 'POST' | 'DELETE', url: string, body?: unknown) => ({
  method,
  url,
  ...(body === undefined
    ? {}
    : {
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
});

describe('POST /v1/flags/{id}/reviews', () => {
  test('appends a review by whoever sent it, and answers it with the state of the flag', async () => {
    const { app, reviews } = await startFixture();
    const answer = await app.inject(json('POST', `${FLAG}/reviews`, { outcome: 'unsure', note: 'Hm. \u0000' }));
    expect(answer.statusCode).toBe(201);
    expect(reviewedSchema.parse(answer.json())).toEqual(answer.json());
    expect(answer.json()).toMatchObject({ outcome: 'unsure', note: 'Hm. \u0000', state: 'unsure' });
    expect(reviews).toEqual([{ outcome: 'unsure', note: 'Hm. \u0000', reviewer: 'anonymous' }]);
  });

  test('is 404 for a flag that is not there, or no longer, and stores nothing elsewhere', async () => {
    const { app } = await startFixture();
    for (const url of [UNKNOWN, '/v1/flags/no-uuid', '/v1/flags/%00']) {
      const answer = await app.inject(json('POST', `${url}/reviews`, { outcome: 'confirmed' }));
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: 'not_found' });
    }
  });

  test.each([
    [{}, '/outcome'],
    [{ outcome: 'maybe' }, '/outcome'],
    [{ outcome: ['confirmed'] }, '/outcome'],
    [{ outcome: 'confirmed', note: 7 }, '/note'],
    [{ outcome: 'confirmed', note: 'x'.repeat(4_001) }, '/note'],
    [{ outcome: 'confirmed', reviewer: 'somebody else' }, '/reviewer'],
    [[], ''],
    ['null', ''],
    ['"confirmed"', ''],
  ])('refuses %j and names the field', async (body, path) => {
    const { app, reviews } = await startFixture();
    const answer = await app.inject(json('POST', `${FLAG}/reviews`, body));
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toBe(PROBLEM_TYPE);
    expect(answer.json()).toMatchObject({ code: 'invalid_body' });
    expect((answer.json() as { errors: { path: string }[] }).errors.map((error) => error.path)).toContain(path);
    expect(reviews).toEqual([]);
  });

  test('refuses a note of a megabyte without repeating it', async () => {
    const { app } = await startFixture({
      config: {
        maxBodyBytes: 4_000_000,
        requestTimeoutMs: 10_000,
        maxInFlight: 8,
        streams: { idleMs: 10_000, deadlineMs: 60_000, maxOpen: 8, bufferBytes: 1_048_576 },
      },
    });
    const answer = await app.inject(
      json('POST', `${FLAG}/reviews`, { outcome: 'confirmed', note: 'secret '.repeat(150_000) }),
    );
    expect(answer.statusCode).toBe(400);
    expect(answer.body).not.toContain('secret');
  });

  test('a body that is not JSON is 400, and one that is missing is 4xx too', async () => {
    const { app } = await startFixture();
    expect((await app.inject(json('POST', `${FLAG}/reviews`, '{'))).json()).toMatchObject({ code: 'malformed_json' });
    expect((await app.inject(json('POST', `${FLAG}/reviews`))).statusCode).toBe(400);
  });
});

test('GET /v1/flags/{id}/reviews answers them, as the schema says', async () => {
  const { app } = await startFixture();
  const answer = await app.inject(`${FLAG}/reviews`);
  expect(reviewPageSchema.parse(answer.json())).toEqual(answer.json());
  expect(answer.json()).toMatchObject({ items: [{ id: sampleReview.id, note: sampleReview.note }], next: null });
  expect((await app.inject(`${UNKNOWN}/reviews`)).statusCode).toBe(404);
});

describe('the assignment of a flag', () => {
  test('lasts an hour where no end is named', async () => {
    const { app } = await startFixture();
    const answer = await app.inject(json('POST', `${FLAG}/assignment`, {}));
    expect(answer.statusCode).toBe(200);
    expect(assignmentSchema.parse(answer.json())).toEqual(answer.json());
    expect(answer.json()).toMatchObject({ assignee: 'anonymous', expiresAt: '2026-11-24T11:00:00.000Z' });
  });

  test.each(['2026-11-24T09:59:59Z', '2026-12-02T10:00:00Z', 'tomorrow', ''])('cannot end at %j', async (expiresAt) => {
    const { app } = await startFixture();
    const answer = await app.inject(json('POST', `${FLAG}/assignment`, { expiresAt }));
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid_body', errors: [{ path: '/expiresAt' }] });
  });

  test('is refused where somebody else has it', async () => {
    const { deps } = await startFixture();
    const { app } = await startFixture({
      store: { ...deps.store, reviews: { ...deps.store.reviews, assign: async () => 'taken' } },
    });
    const answer = await app.inject(json('POST', `${FLAG}/assignment`, {}));
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'flag_assigned' });
  });

  test('is given back', async () => {
    const { app } = await startFixture();
    expect((await app.inject(json('DELETE', `${FLAG}/assignment`))).json()).toEqual({
      flagId: sampleFlag.id,
      assignee: null,
    });
    expect((await app.inject(json('DELETE', `${UNKNOWN}/assignment`))).statusCode).toBe(404);
  });
});
