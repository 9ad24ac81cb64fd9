import { describe, expect, test } from 'vitest';
import { readLabelled } from '../../../src/cli/eval-rows.ts';
import { CodedError } from '../../../src/domain/errors.ts';
import { normalise } from '../../../src/normalise/normalise.ts';
import type { Flag, FlagQuery } from '../../../src/record/contract.ts';
import { sampleFinding, sampleFlag, sampleTurn, startFixture } from '../fixture.ts';

const flags = (n: number, over: Partial<Flag> = {}): Flag[] =>
  Array.from({ length: n }, (_, i) => ({ ...sampleFlag, traceId: `t-${i}`, ...over }));

/** A store of these flags, whose cursors are positions; `asked` holds the queries in order. */
const paged = async (all: readonly Flag[]) => {
  const asked: FlagQuery[] = [];
  const { deps } = await startFixture();
  const fixture = await startFixture({
    store: {
      ...deps.store,
      flags: async (_tenant, query) => {
        asked.push(query);
        const from = Number(query.cursor ?? 0);
        const items = all.slice(from, from + query.limit);
        const to = from + items.length;
        return { items, next: to < all.length ? String(to) : null, previous: null };
      },
    },
  });
  return { ...fixture, asked };
};

const linesOf = (body: string): string[] => body.split('\n').filter((line) => line !== '');

describe('GET /v1/flags/export', () => {
  test('streams every flag once, in pages, each marked as no training data', async () => {
    const { app, asked } = await paged(flags(450));
    const answer = await app.inject('/v1/flags/export?severity=critical');
    expect(answer.headers).toMatchObject({ 'content-type': 'application/x-ndjson', 'x-data-use': 'do-not-train' });
    const records = linesOf(answer.body).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records.map((record) => record.traceId)).toEqual(flags(450).map((flag) => flag.traceId));
    expect(records.every((record) => record.dataUse === 'do-not-train')).toBe(true);
    expect(records[0]).toMatchObject({ findings: sampleFlag.findings });
    expect(asked.map(({ cursor, severity }) => [cursor, severity])).toEqual([
      [undefined, ['critical']],
      ['200', ['critical']],
      ['400', ['critical']],
    ]);
  });

  test('goes on from the cursor of any record without losing one', async () => {
    const { app } = await paged(flags(450));
    const whole = linesOf((await app.inject('/v1/flags/export')).body).map(
      (line) => JSON.parse(line) as { cursor: string; traceId: string },
    );
    for (const at of [0, 7, 199, 200, 399, 449]) {
      const { cursor } = whole[at]!;
      const rest = linesOf((await app.inject(`/v1/flags/export?cursor=${cursor}`)).body).map(
        (line) => (JSON.parse(line) as { traceId: string }).traceId,
      );
      const both = new Set([...whole.slice(0, at + 1).map(({ traceId }) => traceId), ...rest]);
      expect(both.size).toBe(450);
    }
  });

  test('reads no further than the client does', async () => {
    const { app, asked } = await paged(flags(20_000, { findings: Array(20).fill(sampleFinding) }));
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const controller = new AbortController();
    const response = await fetch(`${address}/v1/flags/export`, { signal: controller.signal });
    const reader = response.body!.getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(asked.length).toBeLessThan(80);
    controller.abort();
  });

  test('as CSV, no cell is a formula and each row is one line', async () => {
    const evil = ['=1+1', '+1', '-1', '@x', '\t=1', '\r\n=1', '\u0000=1', '＝1', ' =1', 'a,"b"', '\ud800'];
    const all = evil.map(
      (text): Flag => ({
        ...sampleFlag,
        conversationId: text,
        model: { provider: text, name: text, version: text },
        findings: [{ ...sampleFinding, evidence: [{ ...sampleFinding.evidence[0]!, quote: text }] }],
      }),
    );
    const { app } = await paged(all);
    const answer = await app.inject('/v1/flags/export?format=csv');
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    const [head, ...rows] = linesOf(answer.body.replace('\ufeff', ''));
    expect(head).toMatch(/^data_use,cursor,id,/);
    expect(rows).toHaveLength(evil.length);
    for (const row of rows) {
      expect(row).toMatch(/^do-not-train,/);
      expect(row).not.toMatch(/(^|,)"?[=+\-@＝\t]/);
    }
  });

  test('says who took what, before a byte of it goes out', async () => {
    const { app, accesses } = await startFixture();
    await app.inject('/v1/flags/export?format=csv');
    expect(accesses).toEqual([
      {
        tenant: 'default',
        actor: 'anonymous',
        action: 'export',
        what: 'flags',
        subject: '*',
        details: { format: 'csv' },
      },
    ]);
  });

  test.each(['limit=5', 'sort=risk', 'format=xlsx', 'severity=huge', 'category=sandbaging', 'q=!!!'])(
    'refuses ?%s',
    async (query) => {
      const { app, accesses } = await startFixture();
      const answer = await app.inject(`/v1/flags/export?${query}`);
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ code: 'invalid_query' });
      expect(accesses).toEqual([]);
    },
  );

  test('a broken cursor is a problem, and not a broken stream', async () => {
    const { deps } = await startFixture();
    const { app } = await startFixture({
      store: {
        ...deps.store,
        flags: async () => {
          throw new CodedError('invalid_cursor', 'The cursor is not one of ours.');
        },
      },
    });
    for (const format of ['csv', 'ndjson']) {
      const answer = await app.inject(`/v1/flags/export?format=${format}&cursor=x`);
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ code: 'invalid_cursor' });
    }
  });
});

test('GET /v1/reviews/export gives rows that eval and calibrate read, with the text as it was', async () => {
  const { deps, accesses } = await startFixture();
  const { app } = await startFixture({
    store: {
      ...deps.store,
      reviews: {
        ...deps.store.reviews,
        labelled: async () => ({
          items: [{ flagId: sampleFlag.id, label: 1, categories: ['sandbagging'], reviewers: 2, trace: sampleTurn }],
          next: null,
        }),
      },
    },
  });
  const answer = await app.inject('/v1/reviews/export');
  const [line] = linesOf(answer.body);
  const { row, submission } = readLabelled(JSON.parse(line!), { file: 'labels.ndjson', number: 1 });
  expect(row).toMatchObject({ id: sampleFlag.id, positive: true, category: 'sandbagging', source: 'reviews' });
  const trace = normalise(submission, new Date(0));
  expect(trace.segments.map(({ kind, text }) => [kind, text])).toEqual(
    sampleTurn.segments!.map(({ kind, text }) => [kind, text]),
  );
  expect(trace.unread).toEqual([]);
  expect(line).toContain('"license":"do-not-train"');
  expect(accesses).toMatchObject([{ action: 'export', what: 'labels' }]);
});
