import { describe, expect, test } from 'vitest';
import { CodedError, ERROR_CODES, type ErrorCode, isCallerError } from '../../src/domain/errors.ts';

const codes = Object.keys(ERROR_CODES) as ErrorCode[];

describe('the catalogue', () => {
  test('has codes in one style, statuses that are errors, and a remedy for each', () => {
    for (const code of codes) {
      const { status, title, remedy } = ERROR_CODES[code];
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      expect(title).toMatch(/^[A-Z].*[^.]$/);
      expect(remedy).toMatch(/^[A-Z].*\.$/);
      expect(Object.isFrozen(ERROR_CODES[code])).toBe(true);
    }
  });
});

describe('a coded error', () => {
  test('carries code, status, detail, fields, cause and when to try again', () => {
    const cause = new Error('inner');
    const errors = [{ path: '/segments/0', message: 'is missing' }];
    const error = new CodedError('overloaded', 'No room', { errors, cause, retryAfter: 2 });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'CodedError',
      code: 'overloaded',
      status: 503,
      message: 'No room',
      retryAfter: 2,
    });
    expect(error.errors).toBe(errors);
    expect(error.cause).toBe(cause);
  });

  test('has no cause where none was given, and no fields', () => {
    const error = new CodedError('not_found', 'Nothing here');
    expect(Object.hasOwn(error, 'cause')).toBe(false);
    expect(error.errors).toEqual([]);
    expect(error.retryAfter).toBeUndefined();
  });

  test('is the caller’s to mend exactly where its status is 4xx', () => {
    for (const code of codes) {
      expect(isCallerError(new CodedError(code, 'x'))).toBe(ERROR_CODES[code].status < 500);
    }
  });

  test('is told from anything else that was thrown: a foreign 4xx would quarantine a record that could be retried', () => {
    for (const foreign of [new Error('x'), { status: 400, code: 'invalid_body' }, 'x', null, undefined]) {
      expect(isCallerError(foreign)).toBe(false);
    }
  });
});
