import { PassThrough, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { CodedError } from '../domain/errors.ts';

// Compressed bodies, as OpenTelemetry's exporters and batch clients send them. The body limit holds for what comes out of
// the decompressor, chunk by chunk, so that a few kilobytes cannot unpack to gigabytes.

/** The framework compares this with content-length, and bounds it like the decoded bytes. */
type Counted = Readable & { receivedEncodedLength: number };

const gunzipped = (payload: Readable): Counted => {
  const unpacked = Object.assign(new PassThrough(), { receivedEncodedLength: 0 });
  const gunzip = createGunzip();
  payload.on('data', (chunk: Buffer) => {
    unpacked.receivedEncodedLength += chunk.length;
  });
  payload.on('error', (error) => unpacked.destroy(error));
  payload.on('close', () => {
    if (!payload.readableEnded) unpacked.destroy();
  });
  gunzip.on('error', (cause) => {
    const detail = 'The body is not whole, valid gzip, though content-encoding says so.';
    unpacked.destroy(new CodedError('invalid_compression', detail, { cause }));
  });
  payload.pipe(gunzip).pipe(unpacked);
  return unpacked;
};

/** Reads gzip and plain bodies; any other content-encoding is 415, with those that are read in `accept-encoding`. */
export const registerContentEncoding = (app: FastifyInstance): void => {
  app.addHook('preParsing', (request, reply, payload, done) => {
    const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
    if (encoding === 'identity' || encoding === '') done(null, payload);
    else if (encoding === 'gzip' || encoding === 'x-gzip') done(null, gunzipped(payload as Readable));
    else {
      reply.header('accept-encoding', 'gzip, identity');
      done(new CodedError('unsupported_media_type', 'Bodies are read plain or with content-encoding gzip.'));
    }
  });
};
