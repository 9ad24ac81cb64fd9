import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CodedError } from '../../src/domain/errors.ts';
import { createSampler } from '../../src/http/traffic.ts';
import { postTrace, sampleTrace, startFixture } from './fixture.ts';

describe('createSampler', () => {
  test('lets one event per key and period pass, and says how many it stands for', () => {
    let now = 0;
    const sample = createSampler(() => new Date(now), 1_000);
    expect(sample('a')).toBe(1);
    expect(sample('a')).toBeUndefined();
    expect(sample('b')).toBe(1);
    expect(sample('a')).toBeUndefined();
    now = 1_000;
    expect(sample('a')).toBe(3);
    now = 2_000;
    expect(sample('a')).toBe(1);
  });
});

describe('the counters', () => {
  test('count each answer by method, pattern and status', async () => {
    const { app, metricLines } = await startFixture();
    await postTrace(app, sampleTrace);
    await app.inject('/v1/verdicts/t-1');
    await app.inject('/v1/verdicts/unknown');
    expect(await metricLines('cot_monitor_http_requests_total')).toEqual([
      'cot_monitor_http_requests_total{method="POST",route="/v1/monitor",status="200"} 1',
      'cot_monitor_http_requests_total{method="GET",route="/v1/verdicts/:traceId",status="200"} 1',
      'cot_monitor_http_requests_total{method="GET",route="/v1/verdicts/:traceId",status="404"} 1',
    ]);
    const durations = await metricLines('cot_monitor_http_request_duration_seconds_count');
    expect(durations).toContain(
      'cot_monitor_http_request_duration_seconds_count{method="GET",route="/v1/verdicts/:traceId"} 2',
    );
  });

  test('take no label value from a request', async () => {
    const { app, deps, metricLines } = await startFixture();
    const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'] as const;
    const prefix = fc.constantFrom('/', '/v1/', '/v1/verdicts/', '/v1/flags/', '/docs/static/', '/%');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...methods), prefix, fc.webSegment(), async (method, start, rest) => {
        await app.inject({ method, url: `${start}planted-word${rest}` });
      }),
      { numRuns: 80 },
    );
    expect(await deps.metrics.render()).not.toContain('planted-word');
    const routes = (await metricLines('cot_monitor_http_requests_total')).map(
      (line) => /route="([^"]*)"/.exec(line)?.[1],
    );
    const known = ['other', '/v1/verdicts/:traceId', '/v1/flags/:id', '/docs/static/*'];
    expect([...new Set(routes)].filter((route) => !known.includes(route ?? ''))).toEqual([]);
    expect(routes).toContain('other');
  });
});

describe('the log', () => {
  test('stays silent while requests are answered or refused as they should be', async () => {
    const { app, logged } = await startFixture();
    await postTrace(app, sampleTrace);
    await postTrace(app, '{');
    await app.inject('/nowhere');
    expect(logged).toEqual([]);
  });

  test('tells of a failure once per second, with its request id and place, without its message', async () => {
    const { app, logged } = await startFixture({
      process: async () => {
        throw new TypeError('planted-word');
      },
    });
    for (let i = 0; i < 20; i++) expect((await postTrace(app, sampleTrace)).statusCode).toBe(500);
    expect(logged).toHaveLength(1);
    const line = JSON.parse(logged[0]!) as { error: { type: string; stack: string[] } };
    expect(line).toMatchObject({
      level: 'error',
      requestId: 'r-1',
      route: '/v1/monitor',
      method: 'POST',
      code: 'internal',
      count: 1,
      error: { type: 'TypeError' },
    });
    expect(line.error.stack.join()).toContain('traffic.test.ts');
    expect(logged[0]).not.toContain('planted-word');
  });

  test('warns when the store cannot be reached', async () => {
    const { app, logged } = await startFixture({
      process: async () => {
        throw new CodedError('store_unavailable', 'planted-word');
      },
    });
    await postTrace(app, sampleTrace);
    expect(JSON.parse(logged[0]!)).toMatchObject({ level: 'warn', code: 'store_unavailable' });
    expect(logged[0]).not.toContain('planted-word');
  });
});
