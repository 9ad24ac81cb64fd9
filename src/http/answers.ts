import type { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../domain/errors.ts';
import { PROBLEM_TYPE } from './problems.ts';
import { problemSchema } from './schemas/problem.ts';

// How routes declare what they answer: every status, with the codes that may stand in it.

/** One answer of one content type. */
export const answer = <T extends z.ZodType, const C extends string = 'application/json'>(
  description: string,
  schema: T,
  contentType: C = 'application/json' as C,
) => ({ description, content: { [contentType]: { schema } } as Record<C, { schema: T }> });

type ProblemAnswer = ReturnType<typeof answer<typeof problemSchema, typeof PROBLEM_TYPE>>;

const describeCode = (code: ErrorCode): string =>
  `\`${code}\`: ${ERROR_CODES[code].title}. ${ERROR_CODES[code].remedy}`;

type ProblemStatus = (typeof ERROR_CODES)[ErrorCode]['status'];

/** The problems of a route, by status. */
export const problems = (...codes: readonly ErrorCode[]): Partial<Record<ProblemStatus, ProblemAnswer>> => {
  const byStatus = Map.groupBy(codes, (code) => ERROR_CODES[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, these]) => [
      status,
      answer(these.map(describeCode).join('\n\n'), problemSchema, PROBLEM_TYPE),
    ]),
  );
};

/** Codes that any route of the API may answer. */
export const COMMON_PROBLEMS = [
  'unauthenticated',
  'forbidden',
  'invalid_query',
  'rate_limited',
  'internal',
  'identity_unavailable',
  'shutting_down',
] as const satisfies readonly ErrorCode[];

/** Codes that any route may answer which reads a JSON body. */
export const BODY_PROBLEMS = [
  'malformed_json',
  'invalid_encoding',
  'invalid_body',
  'too_deep',
  'body_too_large',
  'unsupported_media_type',
] as const satisfies readonly ErrorCode[];
