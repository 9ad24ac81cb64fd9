import { join } from 'node:path';
import protobuf from 'protobufjs';
import { CodedError } from '../../domain/errors.ts';

// OTLP's messages in protobuf, read and written by the protocol's own schema. Its JSON encoding has the same fields, so that
// what is decoded here and what was posted as JSON look alike, but for ids (bytes here, hexadecimal text there).

const root = new protobuf.Root().loadSync(join(import.meta.dirname, 'otlp.proto'));
const exportRequest = root.lookupType('ExportTraceServiceRequest');
const exportResponse = root.lookupType('ExportTraceServiceResponse');

/** gRPC's status, which OTLP answers failures with; code and details are optional and left out. */
const status = new protobuf.Type('Status').add(new protobuf.Field('message', 2, 'string'));

/**
 * The request as plain objects: 64-bit numbers as decimal text, ids as bytes, absent fields absent.
 * @throws CodedError `malformed_protobuf`, also for values nested beyond what the decoder follows
 */
export const decodeExportRequest = (bytes: Uint8Array): unknown => {
  try {
    return exportRequest.toObject(exportRequest.decode(bytes), { longs: String });
  } catch (cause) {
    throw new CodedError('malformed_protobuf', 'The body is not an ExportTraceServiceRequest in protobuf.', { cause });
  }
};

/** What was not taken of a request, and why; or, where all was taken, what the sender should know. */
export interface PartialSuccess {
  readonly rejectedSpans: number;
  readonly errorMessage: string;
}

const withPartialSuccess = (partial: PartialSuccess | null, rejectedSpans: number | string): object =>
  partial === null ? {} : { partialSuccess: { rejectedSpans, errorMessage: partial.errorMessage } };

export const encodeExportResponse = (partial: PartialSuccess | null): Buffer =>
  Buffer.from(
    exportResponse.encode(exportResponse.create(withPartialSuccess(partial, partial?.rejectedSpans ?? 0))).finish(),
  );

/** The same in OTLP's JSON, where 64-bit numbers are text. */
export const exportResponseBody = (partial: PartialSuccess | null): object =>
  withPartialSuccess(partial, String(partial?.rejectedSpans ?? 0));

export const encodeStatus = (message: string): Buffer =>
  Buffer.from(status.encode(status.create({ message })).finish());
