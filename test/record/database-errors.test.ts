import { describe, expect, test } from 'vitest';
import { CodedError } from '../../src/domain/errors.ts';
import { codedDatabaseError, isPartitionMissing, isTransient, sqlState } from '../../src/record/database-errors.ts';

const failure = (code: string | undefined, message = 'x'): Error => Object.assign(new Error(message), { code });

describe('what a failure of the database means', () => {
  test.each([
    '08006',
    '08P01',
    '53300',
    '57P01',
    '57P03',
    '57014',
    '58030',
    '40001',
    '40P01',
    '25006',
    '28P01',
    '3D000',
  ])('state %s: the database is to blame, try again', (code) => {
    expect(codedDatabaseError(failure(code))).toMatchObject({ code: 'store_unavailable', retryAfter: 1 });
  });

  test.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', undefined])('%s: no connection', (code) => {
    expect(codedDatabaseError(failure(code)).code).toBe('store_unavailable');
  });

  test.each(['22021', '22P02', '23505', '42P01', '54000', 'XX000'])('state %s: the record is to blame', (code) => {
    expect(codedDatabaseError(failure(code)).code).toBe('internal');
  });

  test.each([new TypeError('x'), new RangeError('x'), 'a string', null])('a bug is not an outage', (error) => {
    expect(codedDatabaseError(error).code).toBe('internal');
  });

  test('what is coded already stays as it is', () => {
    const coded = new CodedError('invalid_cursor', 'x');
    expect(codedDatabaseError(coded)).toBe(coded);
  });

  test('a message of the server, which can quote a row, is not repeated', () => {
    for (const code of ['22P02', '57P01', undefined]) {
      expect(codedDatabaseError(failure(code, 'invalid: "SECRET"')).message).not.toContain('SECRET');
    }
  });

  test('deadlocks and missing partitions are told from the rest', () => {
    expect([isTransient(failure('40P01')), isTransient(failure('57P01'))]).toEqual([true, false]);
    expect([isPartitionMissing(failure('23514')), isPartitionMissing(failure('23505'))]).toEqual([true, false]);
    expect([sqlState(failure('EPIPE')), sqlState(failure('22P02')), sqlState('22P02')]).toEqual([null, '22P02', null]);
  });
});
