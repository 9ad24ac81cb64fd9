import { z } from 'zod';
import { CodedError } from '../domain/errors.ts';
import { MAX_LABELS } from '../domain/limits.ts';
import type { Draft } from './draft.ts';
import { pointerToken } from './json.ts';
import { mendPointer, nameSchema } from './names.ts';
import { usageOf } from './provider-fields.ts';

// What a caller may say about a trace in our own words: in the canonical body, in the short form, and beside
// `{request, response}`. Absent and null mean the same. Wrong types are refused by name, unknown keys are let be.

const name = nameSchema(false).nullish();
/** PostgreSQL's largest integer. */
const MAX_TURN = 2 ** 31 - 1;
const tokens = z.int('must be a whole number').min(0, 'must not be negative').nullish();

const instant = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 time with its offset, such as 2026-01-31T10:00:00Z' })
  .transform((text) => new Date(text))
  .refine((date) => date.getTime() > 0, 'must be later than 1970-01-01T00:00:00Z');

const model = z.preprocess(
  (value) => (typeof value === 'string' ? { name: value } : value),
  z.object({ provider: name, name, version: name }, 'must be an object or a string').nullish(),
);

const labels = z
  .record(nameSchema(false), nameSchema(true), 'must be an object')
  .refine((record) => Object.keys(record).length <= MAX_LABELS, `must not hold more than ${MAX_LABELS} labels`)
  .nullish();

/** What may be said beside a provider's payload. */
export const placeFields = {
  id: name,
  conversationId: name,
  turn: z.int('must be a whole number').min(0, 'must not be negative').max(MAX_TURN, 'is too large').nullish(),
  occurredAt: instant.nullish(),
  model,
  labels,
};

export const callerFields = {
  ...placeFields,
  usage: z
    .object({ inputTokens: tokens, outputTokens: tokens, reasoningTokens: tokens }, 'must be an object')
    .nullish(),
};

type Place = z.output<z.ZodObject<typeof placeFields>>;
type CallerFields = z.output<z.ZodObject<typeof callerFields>>;

/** Puts down what the caller said. What is said of a provider's payload goes before what the payload says. */
export const applyPlace = (draft: Draft, place: Place): void => {
  draft.id = place.id ?? draft.id;
  draft.conversationId = place.conversationId ?? draft.conversationId;
  draft.turn = place.turn ?? draft.turn;
  draft.occurredAt = place.occurredAt ?? draft.occurredAt;
  draft.labels = place.labels ?? draft.labels;
  const { provider, name: said, version } = place.model ?? {};
  draft.model = {
    provider: provider ?? draft.model.provider,
    name: said ?? draft.model.name,
    version: version ?? draft.model.version,
  };
};

export const applyCallerFields = (draft: Draft, fields: CallerFields, at: string): void => {
  applyPlace(draft, fields);
  const { usage } = fields;
  const reasoning = usage?.reasoningTokens ?? undefined;
  draft.usage = usageOf(usage?.inputTokens ?? undefined, usage?.outputTokens ?? undefined, reasoning);
  draft.reasoningTokensAt = reasoning === undefined ? null : `${at}/usage/reasoningTokens`;
};

const MAX_ERRORS = 20;

/** Throws `invalid_body` naming the fields at fault, without their values. `at` is the pointer of `body`. */
export const parseBody = <T extends z.ZodType>(schema: T, body: unknown, at: string): z.output<T> => {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw invalidBody(
    result.error.issues.slice(0, MAX_ERRORS).map((issue) => ({
      path: mendPointer(at + issue.path.map((key) => `/${pointerToken(String(key))}`).join('')),
      message: issue.message,
    })),
  );
};

export const invalidBody = (errors: readonly { readonly path: string; readonly message: string }[]): CodedError =>
  new CodedError('invalid_body', 'The payload does not have the expected shape.', { errors });
