import { z } from 'zod';
import { CodedError } from '../domain/errors.ts';
import { invalidBody, parseBody, placeFields } from './caller-fields.ts';
import type { Posted } from './format.ts';
import { isObject } from './json.ts';

// `{request, response}`: a provider's answer beside the question, so that system and user text are known. Identity, turn
// and labels may stand beside them.

const placeSchema = z.object(placeFields);

export interface Opened {
  readonly posted: Posted;
  /** What the caller says beside request and response; null where nothing was wrapped. */
  readonly place: z.output<typeof placeSchema> | null;
}

/** Takes a `{request, response}` apart; anything else is the body itself. Throws `invalid_body`. */
export const openPosted = (payload: unknown): Opened => {
  if (typeof payload !== 'object' || payload === null) {
    throw new CodedError('invalid_body', 'The payload must be a JSON object.', {
      errors: [{ path: '', message: 'must be an object' }],
    });
  }
  if (!isObject(payload) || !isObject(payload.response) || Object.hasOwn(payload, 'segments')) {
    return { posted: { body: payload, path: '', request: null, requestPath: '' }, place: null };
  }
  const request = payload.request ?? null;
  if (request !== null && !isObject(request)) throw invalidBody([{ path: '/request', message: 'must be an object' }]);
  return {
    posted: { body: payload.response, path: '/response', request, requestPath: '/request' },
    place: parseBody(placeSchema, payload, ''),
  };
};
