import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CodedError } from '../domain/errors.ts';
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
  whole(EVENT_STREAM_TYPE, decodeUtf8);
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
