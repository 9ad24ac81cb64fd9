import { describe, expect, it } from 'vitest';
import { createProgressWatch, evaluateStall } from '../../src/ingest/progress.ts';

const STALLED = { now: 1_000, lastProgressAt: 0, lag: 5, paused: false, stallMs: 1_000 };

describe('evaluateStall', () => {
  it('sees a stall when records wait and nothing moved for long enough', () => {
    expect(evaluateStall(STALLED)).toBe(true);
  });

  it.each([
    ['nothing waits', { lag: 0 }],
    ['nobody knows whether something waits', { lag: null }],
    ['the reason is known', { paused: true }],
    ['something moved lately', { lastProgressAt: 1 }],
  ])('sees none when %s', (_, change) => {
    expect(evaluateStall({ ...STALLED, ...change })).toBe(false);
  });
});

describe('progress watch', () => {
  it('asks once for a new consumer, then fails, and recovers with the first progress', () => {
    const watch = createProgressWatch(1_000, 0);
    expect(watch.look(500, 5, false)).toBe('none');
    expect(watch.look(1_000, 5, false)).toBe('recreate');
    expect(watch.stalled()).toBe(false);
    expect(watch.look(1_900, 5, false)).toBe('none');
    expect(watch.look(2_000, 5, false)).toBe('fail');
    expect(watch.stalled()).toBe(true);
    expect(watch.look(2_500, 5, false)).toBe('fail');
    watch.progressed(2_600);
    expect(watch.stalled()).toBe(false);
    expect(watch.look(3_599, 5, false)).toBe('none');
    expect(watch.look(3_600, 5, false)).toBe('recreate');
  });

  it('does not take a long quiet time for a stall when records come at last', () => {
    const watch = createProgressWatch(1_000, 0);
    for (let now = 0; now <= 100_000; now += 500) expect(watch.look(now, 0, false)).toBe('none');
    expect(watch.look(100_500, 9, false)).toBe('none');
  });

  it('does not count an outage of the brokers or of the store as a stall', () => {
    const watch = createProgressWatch(1_000, 0);
    for (let now = 0; now <= 10_000; now += 500) expect(watch.look(now, null, false)).toBe('none');
    for (let now = 10_000; now <= 20_000; now += 500) expect(watch.look(now, 7, true)).toBe('none');
    expect(watch.look(20_500, 7, false)).toBe('none');
    expect(watch.look(21_000, 7, false)).toBe('recreate');
  });
});
