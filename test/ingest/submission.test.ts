import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../src/domain/errors.ts';
import type { SourceRecord } from '../../src/ingest/contract.ts';
import { readSubmission } from '../../src/ingest/submission.ts';

const OPTIONS = { tenant: 'default', tenantHeader: 'x-tenant', maxBodyBytes: 1_000 };

const record = (value: Buffer | string | null, headers: SourceRecord['headers'] = {}): SourceRecord => ({
  topic: 't',
  partition: 0,
  offset: '0',
  key: null,
  value: typeof value === 'string' ? Buffer.from(value) : value,
  headers,
  timestamp: null,
});

const codeOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
  return 'none';
};

describe('readSubmission', () => {
  it('reads JSON, with or without a byte order mark', () => {
    const expected = { payload: { a: 'é\u0000\ud800' }, tenant: 'default', format: undefined };
    const text = '{"a":"é\\u0000\\ud800"}';
    expect(readSubmission(record(text), OPTIONS)).toEqual(expected);
    expect(readSubmission(record(`\uFEFF${text}`), OPTIONS)).toEqual(expected);
  });

  it('takes a recorded event stream for what it is, as text', () => {
    for (const text of [
      'data: {"a":"é"}\n\n',
      'event: x\ndata: 1\n\n',
      ': comment\n\n',
      '\r\nid: 1\r\n',
      'retry: 9\n',
    ]) {
      const expected = { payload: text, media: 'event-stream', tenant: 'default', format: undefined };
      expect(readSubmission(record(text), OPTIONS)).toEqual(expected);
      expect(readSubmission(record(`\uFEFF${text}`), OPTIONS)).toEqual(expected);
    }
    expect(codeOf(() => readSubmission(record('database'), OPTIONS))).toBe('malformed_json');
    const invalid = Buffer.concat([Buffer.from('data: '), Buffer.of(0xff)]);
    expect(codeOf(() => readSubmission(record(invalid), OPTIONS))).toBe('invalid_encoding');
  });

  it('takes the tenant from the trusted header, or else from the configuration, never from the value', () => {
    const body = '{"tenant":"forged"}';
    expect(readSubmission(record(body, { 'x-tenant': Buffer.from('acme') }), OPTIONS).tenant).toBe('acme');
    expect(readSubmission(record(body), OPTIONS).tenant).toBe('default');
    const untrusting = { ...OPTIONS, tenantHeader: undefined };
    expect(readSubmission(record(body, { 'x-tenant': 'acme' }), untrusting).tenant).toBe('default');
  });

  it('passes the format on', () => {
    expect(readSubmission(record('{}', { 'x-trace-format': 'openai.chat' }), OPTIONS).format).toBe('openai.chat');
  });

  it.each([
    ['no value', null, {}, 'invalid_body'],
    ['nothing in it', '', {}, 'malformed_json'],
    ['a truncated body', '{"a":', {}, 'malformed_json'],
    ['two bodies', '{}{}', {}, 'malformed_json'],
    ['a lone surrogate as bytes', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), {}, 'invalid_encoding'],
    ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), {}, 'invalid_encoding'],
    ['one byte too many', `"${'x'.repeat(999)}"`, {}, 'body_too_large'],
    ['an empty tenant', '{}', { 'x-tenant': '' }, 'invalid_header'],
    ['a tenant that is not text', '{}', { 'x-tenant': Buffer.from([0xff]) }, 'invalid_header'],
    ['a tenant with a line break', '{}', { 'x-tenant': 'a\nb' }, 'invalid_header'],
    ['a format without end', '{}', { 'x-trace-format': 'f'.repeat(257) }, 'invalid_header'],
  ] as const)('refuses %s', (_, value, headers, code) => {
    expect(codeOf(() => readSubmission(record(value as Buffer | string | null, headers), OPTIONS))).toBe(code);
  });

  it('accepts a value of exactly the limit', () => {
    expect(codeOf(() => readSubmission(record(`"${'x'.repeat(998)}"`), OPTIONS))).toBe('none');
  });

  it('never finds a header that only every object has', () => {
    const options = { ...OPTIONS, tenantHeader: 'constructor' };
    expect(readSubmission(record('{}'), options).tenant).toBe('default');
  });

  it('answers any bytes with a submission or a caller error that holds none of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          readSubmission(record(Buffer.from(bytes)), OPTIONS);
        } catch (error) {
          expect(error).toBeInstanceOf(CodedError);
          expect((error as CodedError).status).toBeLessThan(500);
          expect((error as CodedError).message).toMatch(/^The (value|record|body) /);
        }
      }),
    );
  });
});
