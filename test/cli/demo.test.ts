import { describe, expect, test } from 'vitest';
import { localDemo, remoteDemo, seedDemo } from '../../src/cli/demo.ts';
import { DEMO_DAYS, demoWeek } from '../../src/cli/demo-week.ts';
import type { ServiceClient } from '../../src/cli/remote-client.ts';
import { normalise } from '../../src/normalise/normalise.ts';
import { findingOf } from '../record/records.ts';
import { usePostgres, useStore } from '../record/stores.ts';
import { holdTerminal } from './fixture.ts';

usePostgres();

const TODAY = new Date('2026-03-10T15:00:00Z');

describe('the week', () => {
  test('follows from the day and the seed alone, and ends before the day begins', () => {
    const week = demoWeek(TODAY, 1);
    expect(demoWeek(new Date('2026-03-10T23:59:59Z'), 1)).toEqual(week);
    expect(demoWeek(TODAY, 2)).not.toEqual(week);
    const times = week.map(({ at }) => at.getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(Date.UTC(2026, 2, 10));
    expect(times[0]).toBeGreaterThanOrEqual(Date.UTC(2026, 2, 10 - DEMO_DAYS));
    expect(new Set(week.map(({ payload }) => payload.id)).size).toBe(week.length);
  });

  test('is read by the pipeline, leaves no blank unfilled, and has all there is to show', () => {
    const week = demoWeek(TODAY, 1);
    const traces = week.map(({ payload }) => normalise({ payload, tenant: 'default' }, TODAY));
    const texts = traces.flatMap(({ segments }) => segments.map(({ text }) => text));
    expect(texts.filter((text) => /\{\w+\}/.test(text))).toEqual([]);
    const models = new Set(traces.map(({ model }) => `${model.name}@${model.version}`));
    expect(models.size).toBe(4);
    const coverages = new Set(traces.flatMap(({ segments }) => segments.map(({ coverage }) => coverage)));
    expect(coverages).toEqual(new Set(['full', 'encrypted']));
    const days = new Set(week.map(({ at }) => at.toISOString().slice(0, 10)));
    expect(days.size).toBe(DEMO_DAYS);
  });
});

describe('into a store', () => {
  const t = useStore('postgres');

  test('traces are received when they occurred, flags are reviewed by two, and once more changes nothing', async () => {
    const tenant = t.tenant();
    let now = TODAY;
    // Every twentieth trace alerts: what the detectors think of the texts is tested elsewhere.
    const assess: Parameters<typeof localDemo>[0]['assess'] = async (submission) => {
      const trace = normalise(submission, now);
      const guilty = Number(trace.id.split('-').at(-1)) % 20 === 0;
      return {
        trace,
        receivedAt: now,
        results: [],
        verdict: {
          traceId: trace.id,
          conversationId: trace.conversationId,
          status: 'final',
          assessment: { state: 'assessed', reasons: [] },
          decision: guilty ? 'alert' : 'clear',
          risk: guilty ? 0.9 : 0.1,
          findings: guilty ? [findingOf()] : [],
          views: { reasoning: 0.1, reasoning_summary: null, answer: null, action: null, cross: null },
          actionsAloneWouldFlag: false,
          unread: [],
          versions: { rules: 'r', classifier: null, prompt: null, policy: 'p' },
          timings: {},
        },
      };
    };
    const desk = localDemo({ assess }, t.store, tenant, (at) => {
      now = at;
    });
    const run = async (): Promise<string> => {
      const terminal = holdTerminal();
      expect(await seedDemo(desk, { seed: 1 }, () => TODAY, terminal)).toBe(0);
      return terminal.printed();
    };
    expect(await run()).toMatch(/^A week of \d+ traces is in the store: \d+ alerts, .* [1-9]\d* reviews added\.\n$/);
    const { items } = await t.store.flags(tenant, { limit: 200 });
    expect(items.length).toBeGreaterThan(10);
    expect(items.every(({ receivedAt, occurredAt }) => receivedAt.getTime() === occurredAt.getTime())).toBe(true);
    const states = new Set(items.map(({ review }) => review));
    expect(states.size).toBeGreaterThan(2);
    expect(await t.store.reviews.outcomePairs(tenant, {})).not.toEqual([]);
    expect(await run()).toMatch(/ 0 reviews added\.\n$/);
    expect((await t.store.flags(tenant, { limit: 200 })).items).toEqual(items);
  }, 120_000);
});

test('through a service, each trace is posted and its flag found by its conversation', async () => {
  const calls: string[] = [];
  const client: ServiceClient = {
    call: async (method, path, schema, body) => {
      calls.push(`${method} ${path.split('?')[0]}`);
      const id = (body as { id?: string } | undefined)?.id ?? '';
      if (path === '/v1/monitor') return schema.parse({ decision: id.endsWith('-7') ? 'flag' : 'clear' });
      if (method === 'GET') return schema.parse({ items: [{ id: 'f-1', traceId: 'demo-2026-03-10-1-7' }] });
      return schema.parse({ id: 'r-1' });
    },
  };
  const terminal = holdTerminal();
  await seedDemo(remoteDemo(client), { seed: 1 }, () => TODAY, terminal);
  const counts = Object.entries(Object.groupBy(calls, (call) => call)).map(([call, all]) => [call, all?.length]);
  expect(Object.fromEntries(counts)['POST /v1/monitor']).toBe(demoWeek(TODAY, 1).length);
  expect(calls.filter((call) => call.startsWith('GET')).length).toBeLessThanOrEqual(1);
});
