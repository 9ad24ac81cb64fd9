import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CodedError, ERROR_CODES } from '../domain/errors.ts';
import { decodeUtf8, parseJsonBytes } from '../domain/json-bytes.ts';

export const JSON_TYPE = 'application/json';
export const PROTOBUF_TYPE = 'application/x-protobuf';
export const ZIP_TYPE = 'application/zip';
export const EVENT_STREAM_TYPE = 'text/event-stream';
export const NDJSON_TYPES: readonly string[] = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Media types that the route reads; JSON alone where it says nothing. */
    readonly bodies?: readonly string[];
  }
}

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]+)/i;
const UTF8_NAMES = new Set(['utf-8', 'utf8', 'us-ascii']);

const refuseForeignCharset = (request: FastifyRequest): void => {
  const charset = CHARSET.exec(request.headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !UTF8_NAMES.has(charset.toLowerCase())) {
    throw new CodedError('unsupported_media_type', 'Text is read as UTF-8 only.');
  }
};

/** The media type of a request's body, without parameters. */
export const mediaTypeOf = (request: FastifyRequest): string | undefined =>
  request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();

const refuseUnread = (request: FastifyRequest): void => {
  const read = request.routeOptions.config.bodies ?? [JSON_TYPE];
  if (!read.includes(mediaTypeOf(request) ?? '')) {
    throw new CodedError('unsupported_media_type', `Bodies are read here as ${read.join(', ')}.`);
  }
  refuseForeignCharset(request);
};

/** Throws `body_too_large` as soon as there is more than `limit`; the rest is read and dropped by whoever answers. */
const gather = async (payload: Readable, limit: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) {
      payload.resume();
      throw new CodedError('body_too_large', ERROR_CODES.body_too_large.remedy);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/**
 * Makes JSON the only body that is read, but for routes that name others; everything else is 415. Oversized bodies are
 * refused before they are read. Lines of JSON are not read here: the route takes them as they come.
 */
export const registerBodyParser = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers();
  const whole = (type: string, parse: (bytes: Buffer) => unknown): void => {
    app.addContentTypeParser<Buffer>(type, { parseAs: 'buffer' }, (request, bytes, done) => {
      try {
        refuseUnread(request);
        done(null, parse(bytes));
      } catch (error) {
        done(error as Error);
      }
    });
  };
  whole(JSON_TYPE, parseJsonBytes);
  app.addContentTypeParser(EVENT_STREAM_TYPE, (request, payload, done) => {
    try {
      refuseUnread(request);
    } catch (error) {
      done(error as Error);
      return;
    }
    if (request.routeOptions.config.longRequest === true) done(null, payload);
    else
      gather(payload, request.routeOptions.bodyLimit).then(
        (bytes) => {
          try {
            done(null, decodeUtf8(bytes));
          } catch (error) {
            done(error as Error);
          }
        },
        (error: Error) => done(error),
      );
  });
  whole(PROTOBUF_TYPE, (bytes) => bytes);
  whole(ZIP_TYPE, (bytes) => bytes);
  app.addContentTypeParser([...NDJSON_TYPES], (request, payload, done) => {
    try {
      refuseUnread(request);
      done(null, payload);
    } catch (error) {
      done(error as Error);
    }
  });
};
