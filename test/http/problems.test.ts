import { describe, expect, test } from 'vitest';
import { CodedError, ERROR_CODES, type ErrorCode } from '../../src/domain/errors.ts';
import { problemOf, toCodedError } from '../../src/http/problems.ts';
import { problemSchema } from '../../src/http/schemas/problem.ts';

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

describe('problemOf', () => {
  test.each(CODES)('%s becomes a problem that conforms to its schema', (code) => {
    const problem = problemOf(new CodedError(code, 'detail', { errors: [{ path: '/a', message: 'is wrong' }] }));
    expect(problemSchema.parse(problem)).toEqual(problem);
    expect(problem.status).toBe(ERROR_CODES[code].status);
    expect(problem.type.endsWith(problem.code)).toBe(true);
  });

  test('shows the detail of what the caller can mend, and of nothing else', () => {
    expect(problemOf(new CodedError('invalid_body', 'mend it')).detail).toBe('mend it');
    for (const code of CODES.filter((each) => ERROR_CODES[each].status >= 500)) {
      expect(problemOf(new CodedError(code, 'secret')).detail).toBe(ERROR_CODES[code].remedy);
    }
  });
});

describe('toCodedError', () => {
  test('passes our own errors through', () => {
    const error = new CodedError('trace_conflict', 'x');
    expect(toCodedError(error)).toBe(error);
  });

  test.each(['invalid_config', 'invalid_rule', 'invalid_policy', 'store_locked', 'store_newer'] as const)(
    'hides %s, which means nothing to a caller',
    (code) => {
      expect(toCodedError(new CodedError(code, 'secret')).code).toBe('internal');
    },
  );

  test.each([
    [{ code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }, 'body_too_large'],
    [{ code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }, 'unsupported_media_type'],
    [{ code: 'FST_ERR_CTP_INVALID_CONTENT_LENGTH', statusCode: 400 }, 'invalid_header'],
    [{ code: 'FST_ERR_BAD_URL', statusCode: 400 }, 'not_found'],
    [{ statusCode: 404 }, 'not_found'],
    [{ statusCode: 418 }, 'internal'],
    [{ code: 'toString' }, 'internal'],
    [new TypeError('secret'), 'internal'],
    ['secret', 'internal'],
    [null, 'internal'],
    [undefined, 'internal'],
  ])('maps %o', (error, code) => {
    const coded = toCodedError(error);
    expect(coded.code).toBe(code);
    expect(coded.message).not.toContain('secret');
  });
});
