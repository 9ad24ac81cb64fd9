import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLowWater } from '../../src/ingest/low-water.ts';

describe('low water', () => {
  it('has no mark before anything was taken in', () => {
    expect(createLowWater().mark()).toBeUndefined();
  });

  it('stands at the first record until that is settled, whatever is settled after it', () => {
    const water = createLowWater();
    const settle = [5n, 6n, 7n].map(water.track);
    settle[2]!();
    settle[1]!();
    expect(water.mark()).toBe(5n);
    settle[0]!();
    expect(water.mark()).toBe(8n);
  });

  it('passes gaps that compaction and transactions leave', () => {
    const water = createLowWater();
    const settle = [10n, 20n].map(water.track);
    water.extend(25n);
    settle[0]!();
    expect(water.mark()).toBe(20n);
    settle[1]!();
    expect(water.mark()).toBe(25n);
  });

  it('counts a record once, however often it is settled', () => {
    const water = createLowWater();
    const settle = water.track(1n);
    water.track(2n);
    settle();
    settle();
    expect(water.pending()).toBe(1);
  });

  it('waits for both deliveries of a record that was delivered again', () => {
    const water = createLowWater();
    const first = [0n, 1n].map(water.track);
    const second = [0n, 1n].map(water.track);
    for (const settle of second) settle();
    expect(water.mark()).toBe(0n);
    for (const settle of first) settle();
    expect(water.mark()).toBe(2n);
  });

  it('never passes an unsettled record, and reaches the end when all are settled', () => {
    type Step =
      | { readonly kind: 'track'; readonly gap: number }
      | { readonly kind: 'again' }
      | { readonly kind: 'settle'; readonly pick: number };
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('track' as const), gap: fc.integer({ min: 0, max: 3 }) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const) }) },
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('settle' as const), pick: fc.nat() }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const water = createLowWater();
        let open: { offset: bigint; settle: () => void }[] = [];
        let next = 0n;
        let runs = 1;
        let before: bigint | undefined;
        for (const s of steps) {
          if (s.kind === 'track') {
            const offset = next + BigInt(s.gap);
            open.push({ offset, settle: water.track(offset) });
            next = offset + 1n;
          } else if (s.kind === 'again') {
            // A rebalance: delivery begins again at the mark.
            next = water.mark() ?? next;
            runs += 1;
          } else if (open.length > 0) {
            const [done] = open.splice(s.pick % open.length, 1);
            done!.settle();
          }
          const mark = water.mark();
          const lowest = open.reduce<bigint | undefined>(
            (m, { offset }) => (m === undefined || offset < m ? offset : m),
            undefined,
          );
          if (lowest !== undefined) expect(mark! <= lowest).toBe(true);
          if (runs === 1) {
            // Within one delivery the mark is exact and never goes back.
            if (lowest !== undefined) expect(mark).toBe(lowest);
            if (before !== undefined) expect(mark! >= before).toBe(true);
          }
          before = mark;
          expect(water.pending()).toBe(open.length);
        }
        for (const { settle } of open) settle();
        open = [];
        if (water.mark() !== undefined) expect(water.mark()! >= 0n).toBe(true);
        const last = water.track(next);
        last();
        expect(water.mark()).toBe(next + 1n);
      }),
    );
  });

  it('keeps its books small over a million records', () => {
    const water = createLowWater();
    for (let i = 0n; i < 1_000_000n; i++) {
      water.track(i)();
      if (i % 1000n === 0n) expect(water.mark()).toBe(i + 1n);
    }
    expect(water.mark()).toBe(1_000_000n);
  });
});
