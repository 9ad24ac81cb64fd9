import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodedError, ERROR_CODES, type ErrorCode } from '../domain/errors.ts';
import type { Problem } from './schemas/problem.ts';

// Every error becomes an RFC 9457 problem with a stable code. What went wrong inside stays inside: only errors of our own
// catalogue speak, and of those only the ones the caller can act on; no answer quotes what was sent.

export const PROBLEM_TYPE = 'application/problem+json';

/** The framework's own errors, by its code. */
const FRAMEWORK: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_header',
  FST_ERR_BAD_URL: 'not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_NOT_FOUND: 'not_found',
};

/** For client errors of plugins (the docs page's file server), which have a status only. */
const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_body',
  403: 'not_found',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'body_too_large',
  414: 'not_found',
  415: 'unsupported_media_type',
};

const codeOf = (error: unknown): ErrorCode => {
  if (typeof error !== 'object' || error === null) return 'internal';
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (typeof code === 'string' && Object.hasOwn(FRAMEWORK, code)) return FRAMEWORK[code]!;
  return (typeof statusCode === 'number' ? BY_STATUS[statusCode] : undefined) ?? 'internal';
};

/** Any thrown value as a coded error. Start-up codes (a bad rule, a bad policy) mean nothing to a caller: `internal`. */
export const toCodedError = (error: unknown): CodedError => {
  if (!(error instanceof CodedError)) {
    const code = codeOf(error);
    return new CodedError(code, ERROR_CODES[code].remedy, { cause: error });
  }
  return error.status === 500 && error.code !== 'internal'
    ? new CodedError('internal', ERROR_CODES.internal.remedy, { cause: error })
    : error;
};

const isServerError = (status: number): boolean => status >= 500;

export const problemOf = (error: CodedError): Problem => {
  const { status, title, remedy } = ERROR_CODES[error.code];
  return {
    type: `urn:cot-monitor:problem:${error.code}`,
    title,
    status,
    detail: isServerError(status) || error.message === '' ? remedy : error.message,
    code: error.code,
    errors: error.errors,
  };
};

/** Seconds, for statuses that ask the caller to come back. */
const retryAfterOf = (error: CodedError): number | undefined =>
  error.retryAfter === undefined
    ? error.status === 503 || error.status === 429
      ? 1
      : undefined
    : Math.max(1, Math.ceil(error.retryAfter));

export const sendProblem = (reply: FastifyReply, error: CodedError): FastifyReply => {
  const retryAfter = retryAfterOf(error);
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  return reply
    .code(error.status)
    .header('cache-control', 'no-store')
    .header('content-type', `${PROBLEM_TYPE}; charset=utf-8`)
    .send(JSON.stringify(problemOf(error)));
};

export type ProblemListener = (error: CodedError, request: FastifyRequest) => void;

/** The one error handler: tells `listen`, then the caller. */
export const errorHandler =
  (listen: ProblemListener) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const coded = toCodedError(error);
    listen(coded, request);
    return sendProblem(reply, coded);
  };
