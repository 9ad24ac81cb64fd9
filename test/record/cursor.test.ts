import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCursor, encodeCursor, instant, isStorable, toPage } from '../../src/record/cursor.ts';

const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('cursors', () => {
  test('a cursor comes back as it was made', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('next' as const, 'previous' as const),
        fc.integer({ min: 0, max: 253_402_300_799_999 }),
        fc.string({ unit: 'grapheme' }).filter(isStorable),
        (direction, at, id) => {
          expect(decodeCursor('flags', encodeCursor('flags', { direction, at, id }))).toEqual({ direction, at, id });
        },
      ),
    );
  });

  test('no text whatever makes it throw anything but invalid_cursor', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(() => decodeCursor('flags', text)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
      }),
    );
  });

  test.each([
    ['another list', b64(['traces', 'next', 1, 'a'])],
    ['no direction', b64(['flags', 'up', 1, 'a'])],
    ['a time that is text', b64(['flags', 'next', '1', 'a'])],
    ['a time before 1970', b64(['flags', 'next', -1, 'a'])],
    ['a time after the year 9999', b64(['flags', 'next', 8.64e15, 'a'])],
    ['a fraction', b64(['flags', 'next', 1.5, 'a'])],
    ['an id that is an object', b64(['flags', 'next', 1, { toString: 'x' }])],
    ['an id with NUL', b64(['flags', 'next', 1, '\u0000'])],
    ['an id with a lone surrogate', b64(['flags', 'next', 1, '\ud800'])],
    ['more fields', b64(['flags', 'next', 1, 'a', 'b'])],
    ['an object', b64({ 0: 'flags', 1: 'next', 2: 1, 3: 'a', length: 4 })],
    ['padding', `${encodeCursor('flags', { direction: 'next', at: 1, id: 'a' })}==`],
    ['spaces', ` ${encodeCursor('flags', { direction: 'next', at: 1, id: 'a' })}`],
  ])('%s is refused', (_, text) => {
    expect(() => decodeCursor('flags', text)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
  });
});

test('an instant is always one that PostgreSQL reads', () => {
  expect(instant(-8.64e15)).toBe('1970-01-01T00:00:00.000Z');
  expect(instant(8.64e15)).toBe('9999-12-31T23:59:59.999Z');
});

test('an empty page leads nowhere', () => {
  const cursor = { direction: 'next', at: 1, id: 'a' } as const;
  const page = toPage('flags', [], 5, cursor, () => ({ at: 1, id: 'a' }), String);
  expect(page).toEqual({ items: [], next: null, previous: null });
});
