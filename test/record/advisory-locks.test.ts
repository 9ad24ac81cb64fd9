import { expect, test } from 'vitest';
import { ADVISORY_LOCKS } from '../../src/record/advisory-locks.ts';

test('no two kinds of work wait for one another because they share a lock', () => {
  const numbers = Object.values(ADVISORY_LOCKS);
  expect(new Set(numbers).size).toBe(numbers.length);
});
