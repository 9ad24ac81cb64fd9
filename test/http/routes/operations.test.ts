import { describe, expect, test } from 'vitest';
import { livenessSchema, readinessSchema } from '../../../src/http/schemas/health.ts';
import { createHealth, type HealthSource } from '../../../src/observe/health.ts';
import { startFixture } from '../fixture.ts';

const part = (name: string, ok: boolean, required: boolean): HealthSource => ({
  name,
  required,
  check: () => (ok ? { ok } : { ok, reason: `${name} is down` }),
});

describe('GET /readyz', () => {
  test.each([
    ['ready', 200, [part('store', true, true), part('kafka', true, false)], []],
    ['degraded', 200, [part('store', true, true), part('kafka', false, false)], ['kafka: kafka is down']],
    ['unavailable', 503, [part('store', false, true), part('kafka', true, false)], ['store: store is down']],
  ] as const)('is %s (%i) with the reasons', async (status, code, parts, reasons) => {
    const { app } = await startFixture({ health: createHealth(parts, []) });
    const answer = await app.inject('/readyz');
    expect(answer.statusCode).toBe(code);
    expect(readinessSchema.parse(answer.json())).toEqual(answer.json());
    expect(answer.json()).toMatchObject({ status, reasons });
  });
});

describe('GET /livez', () => {
  test('is 200 while there is progress and 503 when it stalled', async () => {
    const { app } = await startFixture({ health: createHealth([part('store', false, true)], []) });
    expect((await app.inject('/livez')).json()).toEqual({ status: 'live', reasons: [] });
    const { app: stuck } = await startFixture({ health: createHealth([], [part('consumer', false, true)]) });
    const answer = await stuck.inject('/livez');
    expect(answer.statusCode).toBe(503);
    expect(livenessSchema.parse(answer.json())).toEqual({ status: 'stalled', reasons: ['consumer: consumer is down'] });
  });
});

describe('GET /metrics', () => {
  test('answers the text format as it is', async () => {
    const { app } = await startFixture();
    const answer = await app.inject('/metrics');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(answer.body.startsWith('# HELP ')).toBe(true);
  });
});

test.each(['/livez', '/readyz', '/metrics'])('%s takes whatever query a scraper adds', async (url) => {
  const { app } = await startFixture();
  expect((await app.inject(`${url}?target=x`)).statusCode).toBe(200);
});
