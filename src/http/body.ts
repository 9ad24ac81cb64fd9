import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CodedError } from '../domain/errors.ts';
import { parseJsonBytes } from '../domain/json-bytes.ts';

const JSON_TYPE = 'application/json';
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]+)/i;
const UTF8_NAMES = new Set(['utf-8', 'utf8', 'us-ascii']);

const refuseForeignCharset = (request: FastifyRequest): void => {
  const charset = CHARSET.exec(request.headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !UTF8_NAMES.has(charset.toLowerCase())) {
    throw new CodedError('unsupported_media_type', 'JSON is read as UTF-8 only.');
  }
};

/** Makes JSON the only body that is read; everything else is 415. Oversized bodies are refused before they are read. */
export const registerBodyParser = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(JSON_TYPE, { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      refuseForeignCharset(request);
      done(null, parseJsonBytes(bytes));
    } catch (error) {
      done(error as Error);
    }
  });
};
