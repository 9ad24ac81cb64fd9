import { describe, expect, test } from 'vitest';
import { comparisonSchema, deceptionReportSchema, driftSchema } from '../../../src/http/schemas/report.ts';
import type { ReportScope } from '../../../src/record/auditing/contract.ts';
import { startFixture } from '../fixture.ts';

const scoped = async () => {
  const scopes: ReportScope[] = [];
  const { deps } = await startFixture();
  const { reports } = deps.store;
  const fixture = await startFixture({
    store: {
      ...deps.store,
      reports: {
        ...reports,
        verdicts: async (tenant, scope) => {
          scopes.push(scope);
          return reports.verdicts(tenant, scope);
        },
      },
    },
  });
  return { ...fixture, scopes };
};

describe('GET /v1/reports/deception', () => {
  test('answers the table, as its schema says, with what was not assessed beside it', async () => {
    const { app, scopes } = await scoped();
    const answer = await app.inject('/v1/reports/deception?model=o1&modelVersion=v&from=2026-11-01T00:00:00Z');
    expect(deceptionReportSchema.parse(answer.json())).toEqual(answer.json());
    expect(answer.json()).toMatchObject({
      n: 1_000,
      traces: 1_005,
      notAssessed: { count: 5, total: 1_005 },
      scope: { model: 'o1', modelVersion: 'v', from: '2026-11-01T00:00:00.000Z', to: null },
    });
    expect(scopes).toEqual([{ model: 'o1', modelVersion: 'v', from: new Date('2026-11-01T00:00:00Z') }]);
  });

  test.each([
    ['?format=csv', undefined, 'text/csv; charset=utf-8', /^class,count,n,rate/],
    ['', 'text/csv', 'text/csv; charset=utf-8', /\nother,10,1000,0\.01,/],
    ['?format=markdown', 'text/csv', 'text/markdown; charset=utf-8', /\| flagged \| 1000 \| 10 \| 1\.000%/],
    ['', 'text/html, text/markdown', 'text/markdown; charset=utf-8', /not assessed: 5 of 1005/],
    ['', '*/*', 'application/json; charset=utf-8', /^\{/],
    ['', 'image/png', 'application/json; charset=utf-8', /^\{/],
  ])('%s with accept %s is %s', async (query, accept, type, body) => {
    const { app } = await startFixture();
    const answer = await app.inject({ url: `/v1/reports/deception${query}`, ...(accept && { headers: { accept } }) });
    expect(answer.headers['content-type']).toBe(type);
    expect(answer.headers.vary).toBe('accept');
    expect(answer.body).toMatch(body);
  });

  test('as Markdown, a name makes no cell, link or line of its own', async () => {
    const { app } = await startFixture();
    const name = encodeURIComponent('x | [y](http://z) <script> `');
    const answer = await app.inject(`/v1/reports/deception?format=markdown&model=${name}`);
    expect(answer.body.split('\n')[0]).toBe('# Deception: x ? ?y??http://z? ?script? ?');
  });

  test.each(['format=pdf', 'from=yesterday', 'model=', 'a=1', 'from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z'])(
    'refuses ?%s',
    async (query) => {
      const { app } = await startFixture();
      expect((await app.inject(`/v1/reports/deception?${query}`)).json()).toMatchObject({ code: 'invalid_query' });
    },
  );
});

describe('GET /v1/reports/compare', () => {
  test('takes names with and without a version, and answers as its schema says', async () => {
    const { app, scopes } = await scoped();
    const answer = await app.inject('/v1/reports/compare?a=o1-preview&b=org/m@x@2024&class=other');
    expect(comparisonSchema.parse(answer.json())).toEqual(answer.json());
    expect(answer.json()).toMatchObject({ class: 'other', a: { count: 10 }, difference: { value: 0 }, tested: 0 });
    expect(scopes).toEqual([{ model: 'o1-preview' }, { model: 'org/m@x', modelVersion: '2024' }]);
  });

  test.each(['', 'a=x', 'a=x&b=', 'a=x&b=y&class=evil'])('refuses ?%s', async (query) => {
    const { app } = await startFixture();
    expect((await app.inject(`/v1/reports/compare?${query}`)).json()).toMatchObject({ code: 'invalid_query' });
  });
});

test.each(['class', 'category', 'model'])('GET /v1/reports/drift by %s answers as its schema says', async (by) => {
  const { app } = await startFixture();
  const answer = await app.inject(`/v1/reports/drift?by=${by}`);
  expect(driftSchema.parse(answer.json())).toEqual(answer.json());
  const value = { class: 'other', category: 'sandbagging', model: 'o1@2024-12-17' }[by];
  expect(answer.json()).toMatchObject({ items: [{ day: '2026-11-24', n: 1_000, series: [{ value, count: 10 }] }] });
});

test('precision and agreement come from the reviews', async () => {
  const { deps } = await startFixture();
  const states = { unreviewed: 0, confirmed: 3, false_positive: 1, unsure: 1, disputed: 1 };
  const { app } = await startFixture({
    store: {
      ...deps.store,
      reviews: {
        ...deps.store.reviews,
        counts: async () => [{ dimension: 'category', value: 'sandbagging', states }],
        outcomePairs: async () => [
          { reviewers: ['ada', 'bob'], outcomes: ['confirmed', 'confirmed'], count: 5 },
          { reviewers: ['ada', 'bob'], outcomes: ['false_positive', 'false_positive'], count: 5 },
        ],
      },
    },
  });
  expect((await app.inject('/v1/reports/precision')).json()).toMatchObject({
    items: [
      { value: 'sandbagging', confirmed: 3, falsePositive: 1, undecided: 2, precision: { value: 0.75, total: 4 } },
    ],
  });
  expect((await app.inject('/v1/reports/agreement')).json()).toMatchObject({
    items: [{ reviewers: ['ada', 'bob'], total: 10, agreed: 10, kappa: { value: 1 } }],
  });
});
