import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isKept } from '../../src/record/rows.ts';
import { recordOf } from './records.ts';

test('the draw is the same for a redelivery, and grows with the share', () => {
  fc.assert(
    fc.property(fc.string(), fc.double({ min: 0, max: 1, noNaN: true }), (id, share) => {
      const record = recordOf({ id });
      expect(isKept(record, share)).toBe(isKept(recordOf({ id, text: 'other' }), share));
      if (isKept(record, share)) expect(isKept(record, 1)).toBe(true);
      expect(isKept(record, 0)).toBe(false);
      expect(isKept(record, 1)).toBe(true);
    }),
  );
});

test('tenants draw apart', () => {
  const drawn = (tenant: string): string =>
    Array.from({ length: 64 }, (_, i) => (isKept(recordOf({ tenant, id: `t-${i}` }), 0.5) ? '1' : '0')).join('');
  expect(drawn('a')).not.toBe(drawn('b'));
});
