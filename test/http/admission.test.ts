import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAdmission, type Slot } from '../../src/http/admission.ts';

const setup = (limit: number) => {
  const seen = { inFlight: 0, shed: 0 };
  const admission = createAdmission(limit, {
    set: (_name, value) => {
      seen.inFlight = value;
    },
    count: () => {
      seen.shed++;
    },
  });
  return { admission, seen };
};

describe('admission', () => {
  test('refuses past the limit, with a time to come back', () => {
    const { admission, seen } = setup(2);
    admission.acquire('sync');
    admission.acquire('sync');
    expect(() => admission.acquire('sync')).toThrow(expect.objectContaining({ code: 'overloaded', retryAfter: 1 }));
    expect(seen).toEqual({ inFlight: 2, shed: 1 });
  });

  test('keeps the last quarter of the places for callers who wait', () => {
    const { admission } = setup(8);
    for (let i = 0; i < 6; i++) admission.acquire('async');
    expect(() => admission.acquire('async')).toThrow(expect.objectContaining({ code: 'overloaded' }));
    expect(() => admission.acquire('sync')).not.toThrow();
  });

  test('lets async work through however small the limit is', () => {
    expect(() => setup(1).admission.acquire('async')).not.toThrow();
  });

  test('never counts a place twice, whatever the order of taking and giving back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(20))), fc.integer({ min: 1, max: 6 }), (steps, limit) => {
        const { admission, seen } = setup(limit);
        const slots: Slot[] = [];
        const held = new Set<number>();
        for (const [take, which] of steps) {
          if (!take) {
            slots[which]?.release();
            held.delete(which);
          } else if (held.size < limit) {
            held.add(slots.push(admission.acquire('sync')) - 1);
          } else {
            expect(() => admission.acquire('sync')).toThrow();
          }
          expect(seen.inFlight).toBe(held.size);
        }
      }),
    );
  });
});

test('whoever waits gets the next free place, in order, and leaves the last quarter free', async () => {
  const { admission, seen } = setup(4);
  const held = await Promise.all([admission.turn(), admission.turn(), admission.turn()]);
  const order: string[] = [];
  const wait = async (name: string): Promise<Slot> => {
    const slot = await admission.turn();
    order.push(name);
    return slot;
  };
  const first = wait('first');
  const second = wait('second');
  const caller = admission.acquire('sync');
  caller.release();
  await Promise.resolve();
  expect(order).toEqual([]);
  held[0]!.release();
  (await first).release();
  (await second).release();
  expect(order).toEqual(['first', 'second']);
  held[1]!.release();
  held[2]!.release();
  expect(seen.inFlight).toBe(0);
});
