import { isUtf8 } from 'node:buffer';
import { CodedError } from '../domain/errors.ts';
import { decodeUtf8, parseJsonBytes } from '../domain/json-bytes.ts';
import { MAX_NAME_LENGTH } from '../domain/limits.ts';
import type { Submission } from '../pipeline.ts';
import type { SourceRecord } from './contract.ts';

/** Names the wire format of a record's value, as the HTTP header of the same name does. */
export const FORMAT_HEADER = 'x-trace-format';

export interface ReadOptions {
  readonly tenant: string;
  /** Header that the operator declared trustworthy, or undefined. */
  readonly tenantHeader: string | undefined;
  readonly maxBodyBytes: number;
}

/** A header may stand more than once; the last one counts, as producers and proxies append. */
const headerText = (record: SourceRecord, name: string): string | undefined => {
  const value = Object.hasOwn(record.headers, name) ? record.headers[name] : undefined;
  if (value === undefined) return undefined;
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  const text = bytes.toString('utf8');
  if (!isUtf8(bytes) || text === '' || text.length > MAX_NAME_LENGTH || /\p{Cc}/u.test(text)) {
    throw new CodedError(
      'invalid_header',
      `The header ${name} is empty, too long, or holds what a name may not hold.`,
      {
        errors: [
          { path: name, message: `must be 1 to ${MAX_NAME_LENGTH} characters of UTF-8 without control characters` },
        ],
      },
    );
  }
  return text;
};

/** Whether a value is a recorded event stream: a field's name and a colon, or a comment. No JSON begins like that. */
const isEventStream = (value: Buffer): boolean =>
  /^(?:\u00ef\u00bb\u00bf)?[\r\n]*(?::|(?:data|event|id|retry):)/.test(value.toString('latin1', 0, 64));

/**
 * What a record submits. The tenant never comes from the value.
 * @throws CodedError (4xx) for what cannot be read; its message never holds any of the bytes.
 */
export const readSubmission = (record: SourceRecord, options: ReadOptions): Submission => {
  const { value } = record;
  if (value === null) throw new CodedError('invalid_body', 'The record has no value (a tombstone).');
  if (value.length > options.maxBodyBytes) {
    throw new CodedError(
      'body_too_large',
      `The record has ${value.length} bytes; the limit is ${options.maxBodyBytes} (MAX_BODY_BYTES).`,
    );
  }
  const format = headerText(record, FORMAT_HEADER);
  const tenant = options.tenantHeader === undefined ? undefined : headerText(record, options.tenantHeader);
  const place = { tenant: tenant ?? options.tenant, format };
  return isEventStream(value)
    ? { payload: decodeUtf8(value), media: 'event-stream', ...place }
    : { payload: parseJsonBytes(value), ...place };
};
