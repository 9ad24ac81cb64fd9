import { describe, expect, test } from 'vitest';
import { CodedError } from '../../../src/domain/errors.ts';
import { conversationSchema } from '../../../src/http/schemas/conversation.ts';
import { flagPageSchema, flagSchema } from '../../../src/http/schemas/flag.ts';
import { categoryPageSchema, rulePageSchema } from '../../../src/http/schemas/rule.ts';
import { verdictSchema } from '../../../src/http/schemas/verdict.ts';
import { CATEGORIES } from '../../support/taxonomy.ts';
import { PROBLEM_TYPE, sampleFlag, sampleRule, sampleTurn, sampleVerdict, startFixture } from '../fixture.ts';

// Parsing drops keys that a schema does not know, so an answer that equals its parsed self holds nothing undeclared.

describe('GET /v1/verdicts/{traceId}', () => {
  test('answers the stored verdict, as its schema says', async () => {
    const { app } = await startFixture();
    const answer = await app.inject('/v1/verdicts/t-1');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual(sampleVerdict);
    expect(verdictSchema.parse(answer.json())).toEqual(answer.json());
  });

  test('finds an id however it is escaped', async () => {
    const asked: string[] = [];
    const { app, deps } = await startFixture();
    const { app: other } = await startFixture({
      store: {
        ...deps.store,
        verdict: async (tenant, id) => {
          asked.push(`${tenant}:${id}`);
          return sampleVerdict;
        },
      },
    });
    const ids = ['a/b', 'a b', 'ü', '日本', '%', '?#&', '..', 'a'.repeat(256), '__proto__', '\u{1F600}'.repeat(128)];
    for (const id of ids) {
      expect((await other.inject(`/v1/verdicts/${encodeURIComponent(id)}`)).statusCode).toBe(id === '..' ? 404 : 200);
    }
    expect(asked).toEqual(ids.filter((id) => id !== '..').map((id) => `default:${id}`));
    expect((await app.inject('/v1/verdicts/__proto__')).statusCode).toBe(404);
  });

  test.each(['unknown', '%00', 'a%00b', 'a'.repeat(257), '%0A', '%E0%A4%A', 'x'.repeat(8_000)])(
    'is 404 for an id that names nothing: %s',
    async (id) => {
      const { app } = await startFixture();
      const answer = await app.inject(`/v1/verdicts/${id}`);
      expect(answer.statusCode).toBe(404);
      expect(answer.headers['content-type']).toBe(PROBLEM_TYPE);
      expect(answer.json()).toMatchObject({ code: 'not_found', errors: [] });
    },
  );
});

describe('GET /v1/flags', () => {
  test('answers a page, as its schema says, with times as ISO instants', async () => {
    const { app } = await startFixture();
    const answer = await app.inject('/v1/flags');
    expect(answer.statusCode).toBe(200);
    expect(flagPageSchema.parse(answer.json())).toEqual(answer.json());
    expect(answer.json()).toEqual({
      items: [{ ...sampleFlag, occurredAt: '2026-11-24T10:00:00.000Z', receivedAt: '2026-11-24T10:00:01.000Z' }],
      next: 'bmV4dA',
      previous: null,
    });
  });

  test('asks the store for everything that can be asked', async () => {
    const { app, flagQueries } = await startFixture();
    const query = [
      'from=2026-11-01T00:00:00Z',
      'to=2026-11-02T02:00:00%2B02:00',
      'model=o1,o3&model=gpt-4o',
      'modelVersion=2024-12-17',
      'category=sandbagging',
      'group=scheming,deception',
      'severity=high&severity=critical',
      'stance=intended',
      'view=reasoning,action',
      'decision=alert',
      'assessment=partial',
      'rule=0b8f6f0e-3f0e-4c55-8a53-0f6f2b6f7a11',
      'conversationId=c-42',
      'limit=200',
      'cursor=abc',
    ];
    expect((await app.inject(`/v1/flags?${query.join('&')}`)).statusCode).toBe(200);
    expect(flagQueries).toEqual([
      {
        from: new Date('2026-11-01T00:00:00Z'),
        to: new Date('2026-11-02T00:00:00Z'),
        model: ['o1', 'o3', 'gpt-4o'],
        modelVersion: ['2024-12-17'],
        category: ['sandbagging'],
        group: ['scheming', 'deception'],
        severity: ['high', 'critical'],
        stance: ['intended'],
        view: ['reasoning', 'action'],
        decision: ['alert'],
        assessment: ['partial'],
        rule: ['0b8f6f0e-3f0e-4c55-8a53-0f6f2b6f7a11'],
        conversationId: 'c-42',
        limit: 200,
        cursor: 'abc',
      },
    ]);
  });

  test('asks for fifty where no limit is named, and for no filter that was not', async () => {
    const { app, flagQueries } = await startFixture();
    await app.inject('/v1/flags');
    expect(flagQueries).toEqual([{ limit: 50 }]);
  });

  test('reads an offset whose plus sign was not escaped', async () => {
    const { app, flagQueries } = await startFixture();
    await app.inject('/v1/flags?from=2026-11-01T02:00:00+02:00');
    expect(flagQueries[0]?.from).toEqual(new Date('2026-11-01T00:00:00Z'));
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['limit=999999999999999999999', 'limit'],
    ['from=yesterday', 'from'],
    ['from=2026-11-01', 'from'],
    ['from=2026-11-01T00:00:00', 'from'],
    ['from=2026-13-01T00:00:00Z', 'from'],
    ['from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z', 'to'],
    ['severity=huge', 'severity'],
    ['severity=high,huge', 'severity'],
    ['stance=', 'stance'],
    ['view=inner', 'view'],
    ['decision=maybe', 'decision'],
    ['assessment=done', 'assessment'],
    ['group=evil', 'group'],
    ['category=sandbaging', 'category'],
    ['model=%00', 'model'],
    [`model=${'x'.repeat(257)}`, 'model'],
    [`model=${'x,'.repeat(51)}x`, 'model'],
    ['conversationId=', 'conversationId'],
    ['conversationId=a&conversationId=b', 'conversationId'],
    ['cursor=a&cursor=b', 'cursor'],
    ['severty=high', 'severty'],
    ['__proto__=1', '__proto__'],
    ['constructor=1', 'constructor'],
  ])('refuses ?%s and names the parameter', async (query, path) => {
    const { app, flagQueries } = await startFixture();
    const answer = await app.inject(`/v1/flags?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid_query' });
    expect((answer.json() as { errors: { path: string }[] }).errors.map((error) => error.path)).toContain(path);
    expect(flagQueries).toEqual([]);
  });

  test.each(['zzz', '', 'A'.repeat(8_000)])('passes on that the store does not know a cursor', async (cursor) => {
    const asked: unknown[] = [];
    const { deps } = await startFixture();
    const { app } = await startFixture({
      store: {
        ...deps.store,
        flags: async (_tenant, query) => {
          asked.push(query.cursor);
          throw new CodedError('invalid_cursor', 'The cursor is not one of ours.');
        },
      },
    });
    const answer = await app.inject(`/v1/flags?cursor=${cursor}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid_cursor' });
    expect(asked).toEqual([cursor]);
  });
});

describe('GET /v1/flags/{id}', () => {
  test('answers the flag, as its schema says', async () => {
    const { app } = await startFixture();
    const answer = await app.inject(`/v1/flags/${sampleFlag.id}`);
    expect(answer.statusCode).toBe(200);
    expect(flagSchema.parse(answer.json())).toEqual(answer.json());
    expect(answer.json()).toMatchObject({ id: sampleFlag.id, findings: sampleFlag.findings });
  });

  test.each(['00000000-0000-5000-8000-000000000000', 'no-uuid', '%00', "1' or '1'='1"])('is 404 for %s', async (id) => {
    const { app } = await startFixture();
    expect((await app.inject(`/v1/flags/${encodeURI(id)}`)).statusCode).toBe(404);
  });
});

describe('GET /v1/conversations/{id}', () => {
  test('answers every turn with segments, findings and verdict, as its schema says', async () => {
    const { app } = await startFixture();
    const answer = await app.inject('/v1/conversations/c-42');
    expect(answer.statusCode).toBe(200);
    expect(conversationSchema.parse(answer.json())).toEqual(answer.json());
    expect(answer.json()).toMatchObject({
      conversationId: 'c-42',
      turns: [
        { traceId: 't-1', turn: 3, segments: sampleTurn.segments, verdict: sampleVerdict, labels: { env: 'prod' } },
        { traceId: 't-2', turn: null, segments: null },
      ],
    });
  });

  test('evidence points into the segments that are answered', async () => {
    const { app } = await startFixture();
    const { turns } = conversationSchema.parse((await app.inject('/v1/conversations/c-42')).json());
    const [turn] = turns;
    for (const { evidence } of turn!.verdict.findings) {
      for (const { segment, start, end, quote } of evidence) {
        expect(turn!.segments![segment]!.text.slice(start, end)).toBe(quote);
      }
    }
  });

  test('hands page and limit on, and refuses what is neither', async () => {
    const queries: unknown[] = [];
    const { deps } = await startFixture();
    const { app } = await startFixture({
      store: {
        ...deps.store,
        conversation: async (_tenant, _id, query) => {
          queries.push(query);
          return { items: [], next: null, previous: 'p' };
        },
      },
    });
    const answer = await app.inject('/v1/conversations/c-42?limit=7&cursor=x');
    expect(answer.json()).toMatchObject({ conversationId: 'c-42', turns: [], next: null, previous: 'p' });
    expect(queries).toEqual([{ limit: 7, cursor: 'x' }]);
    for (const query of ['limit=0', 'limit=201', 'page=2']) {
      expect((await app.inject(`/v1/conversations/c-42?${query}`)).json()).toMatchObject({ code: 'invalid_query' });
    }
  });

  test('is 404 where the conversation is not known', async () => {
    const { app } = await startFixture();
    expect((await app.inject('/v1/conversations/c-43')).json()).toMatchObject({ code: 'not_found' });
  });
});

describe('the catalogue', () => {
  test('lists the rules, as their schema says', async () => {
    const { app } = await startFixture();
    const answer = await app.inject('/v1/rules');
    expect(answer.json()).toEqual({ items: [sampleRule], next: null, previous: null });
    expect(rulePageSchema.parse(answer.json())).toEqual(answer.json());
  });

  test('lists the categories, as their schema says', async () => {
    const { app } = await startFixture();
    const answer = await app.inject('/v1/categories');
    expect(answer.json()).toEqual({ items: CATEGORIES, next: null, previous: null });
    expect(categoryPageSchema.parse(answer.json())).toEqual(answer.json());
  });
});

test.each(['/v1/verdicts/t-1', `/v1/flags/${sampleFlag.id}`, '/v1/conversations/c-42', '/v1/rules', '/v1/categories'])(
  '%s takes no query parameter, and names the one that came',
  async (url) => {
    const { app } = await startFixture();
    const answer = await app.inject(`${url}?verbose=1`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid_query', errors: [{ path: 'verbose' }] });
  },
);
