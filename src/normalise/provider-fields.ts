import type { Usage } from '../domain/trace.ts';
import type { Draft } from './draft.ts';
import { asObject, type Json } from './json.ts';

// Times and token counts, as providers spell them. What is odd is left out: a trace is not refused over it.

const LATEST = Date.UTC(9999, 11, 31);
/** Larger numbers count milliseconds. */
const LARGEST_SECONDS = 1e11;

/** A provider's time: seconds or milliseconds since the epoch, or ISO 8601 text; null for anything else. */
export const instantOf = (value: unknown): Date | null => {
  let milliseconds = Number.NaN;
  if (typeof value === 'number') milliseconds = value < LARGEST_SECONDS ? value * 1000 : value;
  else if (typeof value === 'string' && /^\d{4}-\d\d-\d\d[T ]/.test(value)) milliseconds = Date.parse(value);
  return milliseconds > 0 && milliseconds <= LATEST ? new Date(Math.trunc(milliseconds)) : null;
};

const countOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

const INPUT = [
  'prompt_tokens',
  'input_tokens',
  'inputTokens',
  'promptTokenCount',
  'input',
  'prompt_eval_count',
  'total_input_tokens',
];
const OUTPUT = [
  'completion_tokens',
  'output_tokens',
  'outputTokens',
  'candidatesTokenCount',
  'output',
  'eval_count',
  'total_output_tokens',
];
const REASONING = [
  'reasoning_tokens',
  'reasoningTokens',
  'thoughtsTokenCount',
  'thinking_tokens',
  'output_reasoning_tokens',
  'output_reasoning',
  'total_thought_tokens',
  'total_reasoning_tokens',
  'reasoning',
];
const DETAILS = ['completion_tokens_details', 'output_tokens_details', 'outputTokensDetails'];

/** Takes the token counts of a usage object, and remembers where the reasoning tokens stand. */
export const readUsage = (draft: Draft, value: unknown, path: string): void => {
  const usage = asObject(value);
  if (usage === null) return;
  const input = first(usage, INPUT);
  const output = first(usage, OUTPUT);
  let reasoning = first(usage, REASONING);
  let at = path;
  for (const key of DETAILS) {
    const details = asObject(usage[key]);
    if (details === null || reasoning !== null) continue;
    reasoning = first(details, REASONING);
    at = `${path}/${key}`;
  }
  draft.usage = usageOf(input?.count, output?.count, reasoning?.count);
  draft.reasoningTokensAt = reasoning === null ? null : `${at}/${reasoning.key}`;
};

export const usageOf = (input?: number, output?: number, reasoning?: number): Usage => ({
  ...(input === undefined ? {} : { inputTokens: input }),
  ...(output === undefined ? {} : { outputTokens: output }),
  ...(reasoning === undefined ? {} : { reasoningTokens: reasoning }),
});

const first = (object: Json, keys: readonly string[]): { key: string; count: number } | null => {
  for (const key of keys) {
    const count = countOf(object[key]);
    if (count !== undefined) return { key, count };
  }
  return null;
};
