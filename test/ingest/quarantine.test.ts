import { describe, expect, it } from 'vitest';
import { CodedError, ERROR_CODES, type ErrorCode } from '../../src/domain/errors.ts';
import type { SourceRecord } from '../../src/ingest/contract.ts';
import { isRefusal, quarantineRecord, refusalOf } from '../../src/ingest/quarantine.ts';

const RECORD: SourceRecord = {
  topic: 'traces',
  partition: 3,
  offset: '9007199254740993',
  key: Buffer.from([0, 1]),
  value: Buffer.from([0xff, 0x00]),
  headers: { code: Buffer.from('forged'), absent: undefined, 'x-trace-format': 'openai.chat' },
  timestamp: null,
};

describe('quarantine', () => {
  it('keeps key and bytes, and says where the record came from', () => {
    expect(quarantineRecord(RECORD, { code: 'malformed_json', reason: 'why' })).toEqual({
      key: RECORD.key,
      value: RECORD.value,
      headers: {
        'original.code': Buffer.from('forged'),
        'original.x-trace-format': 'openai.chat',
        reason: 'why',
        code: 'malformed_json',
        topic: 'traces',
        partition: '3',
        offset: '9007199254740993',
      },
    });
  });

  it('is for every error of the caller, and for no error of ours', () => {
    const refused = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => isRefusal(new CodedError(code, 'x')));
    const expected = Object.entries(ERROR_CODES).filter(([, { status }]) => status < 500 && status !== 429);
    expect(refused).toEqual(expected.map(([code]) => code));
    expect(refused).toContain('trace_conflict');
    expect(refused).not.toContain('store_unavailable');
    for (const error of [new Error('x'), new TypeError('x'), 'x', undefined]) expect(isRefusal(error)).toBe(false);
  });

  it('names the first fields at fault, within bounds', () => {
    const errors = Array.from({ length: 50 }, (_, i) => ({ path: `/segments/${i}`, message: 'is wrong' }));
    const { code, reason } = refusalOf(new CodedError('invalid_body', 'Not the expected shape.', { errors }));
    expect(code).toBe('invalid_body');
    expect(reason).toBe('Not the expected shape. (/segments/0 is wrong; /segments/1 is wrong; /segments/2 is wrong)');
    const long = refusalOf(
      new CodedError('invalid_body', 'm', { errors: [{ path: 'p'.repeat(10_000), message: '' }] }),
    );
    expect(long.reason.length).toBeLessThanOrEqual(500);
  });
});
