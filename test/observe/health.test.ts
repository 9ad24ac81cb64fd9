import { describe, expect, test } from 'vitest';
import { createHealth, type HealthSource, type PartHealth } from '../../src/observe/health.ts';

const part = (name: string, required: boolean, health: PartHealth): HealthSource => ({
  name,
  required,
  check: () => health,
});
const up = { ok: true };
const down = { ok: false, reason: 'connection refused' };

describe('readiness', () => {
  test.each([
    ['everything up', up, up, 'ready'],
    ['something optional down', up, down, 'degraded'],
    ['something required down', down, up, 'unavailable'],
    ['both down', down, down, 'unavailable'],
  ] as const)('%s', (_, store, kafka, status) => {
    const health = createHealth([part('store', true, store), part('kafka', false, kafka)], []);
    expect(health.readiness()).toEqual({ status, parts: { store, kafka } });
  });

  test('without parts is ready', () => {
    expect(createHealth([], []).readiness()).toEqual({ status: 'ready', parts: {} });
  });

  test('says why, for every part that is down', () => {
    const health = createHealth(
      [part('store', true, down), part('kafka', false, { ok: false, reason: 'no leader' })],
      [],
    );
    expect(health.readiness().parts).toMatchObject({
      store: { reason: 'connection refused' },
      kafka: { reason: 'no leader' },
    });
  });

  test('is asked anew each time: a part that comes back is seen', () => {
    let now: PartHealth = down;
    const health = createHealth([{ name: 'store', required: true, check: () => now }], []);
    expect(health.readiness().status).toBe('unavailable');
    now = up;
    expect(health.readiness().status).toBe('ready');
  });
});

describe('liveness', () => {
  test('does not depend on readiness: a database that is away restarts nobody', () => {
    const health = createHealth([part('store', true, down)], [part('consumer', true, up)]);
    expect(health.readiness().status).toBe('unavailable');
    expect(health.liveness()).toEqual({ status: 'live', reasons: [] });
  });

  test('fails where a loop makes no progress, required or not, and names every such loop', () => {
    const health = createHealth(
      [],
      [
        part('consumer', true, { ok: false, reason: 'no record for 120 s' }),
        part('relay', false, { ok: false }),
        part('http', true, up),
      ],
    );
    expect(health.liveness()).toEqual({
      status: 'stalled',
      reasons: ['consumer: no record for 120 s', 'relay: no progress'],
    });
  });
});
