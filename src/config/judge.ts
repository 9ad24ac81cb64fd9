import { z } from 'zod';
import type { FieldError } from '../domain/errors.ts';
import type { Values } from './variables.ts';

// The judge tier's part of the configuration: one endpoint, or two.

export interface JudgeEndpoint {
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly model: string;
  readonly headers: Readonly<Record<string, string>>;
  /** US dollars per million tokens. */
  readonly price: { readonly input: number; readonly output: number } | undefined;
}

export interface JudgeConfig {
  readonly first: JudgeEndpoint;
  /** Of another family: asked where the first refused, failed or was unsure. */
  readonly second: JudgeEndpoint | undefined;
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly attempts: number;
  readonly breaker: { readonly failures: number; readonly openMs: number };
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly maxTraceTokens: number;
  readonly paraphrase: boolean;
  readonly stream: boolean;
  readonly promptDir: string | undefined;
}

/** How the queue of judge work is worked off; docs/judging.md. Limits are by tenant and day, null where there is none. */
export interface JudgingConfig {
  readonly waitMs: number;
  readonly concurrency: number;
  readonly perTenant: number;
  readonly leaseMs: number;
  readonly deadlineMs: number;
  readonly maxAttempts: number;
  readonly maxAgeMs: number;
  readonly limits: { readonly tokens: number | null; readonly costUsd: number | null };
}

export const judgingConfig = (v: Values): JudgingConfig => ({
  waitMs: v.JUDGE_WAIT_MS,
  concurrency: v.JUDGE_WORKERS,
  perTenant: v.JUDGE_TENANT_WORKERS,
  leaseMs: v.JUDGE_LEASE_MS,
  deadlineMs: v.JUDGE_DEADLINE_MS,
  maxAttempts: v.JUDGE_TRIES,
  maxAgeMs: v.JUDGE_MAX_AGE_MS,
  limits: { tokens: v.JUDGE_DAILY_TOKENS || null, costUsd: v.JUDGE_DAILY_COST_USD || null },
});

const PREFIXES = ['JUDGE', 'JUDGE_SECOND'] as const;
type Prefix = (typeof PREFIXES)[number];

const headersSchema = z.record(
  z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/),
  z.string().regex(/^[\t\x20-\x7e]{0,4096}$/),
);

/** One JSON object, as values can hold any separator. Undefined where it is not one. */
const headersOf = (text = '{}'): Record<string, string> | undefined => {
  try {
    return headersSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};

const endpoint = (v: Values, prefix: Prefix): JudgeEndpoint | undefined => {
  const baseUrl = v[`${prefix}_BASE_URL`];
  const model = v[`${prefix}_MODEL`];
  if (baseUrl === undefined || model === undefined) return undefined;
  const input = v[`${prefix}_PRICE_INPUT`];
  const output = v[`${prefix}_PRICE_OUTPUT`];
  return {
    baseUrl: baseUrl.replace(/\/+$/, ''),
    apiKey: v[`${prefix}_API_KEY`],
    model,
    headers: headersOf(v[`${prefix}_HEADERS`]) ?? {},
    price: input === undefined || output === undefined ? undefined : { input, output },
  };
};

/** Undefined where no judge is configured. Expects values without contradictions. */
export const judgeConfig = (v: Values): JudgeConfig | undefined => {
  const first = endpoint(v, 'JUDGE');
  if (first === undefined) return undefined;
  return {
    first,
    second: endpoint(v, 'JUDGE_SECOND'),
    timeoutMs: v.JUDGE_TIMEOUT_MS,
    concurrency: v.JUDGE_CONCURRENCY,
    attempts: v.JUDGE_ATTEMPTS,
    breaker: { failures: v.JUDGE_BREAKER_FAILURES, openMs: v.JUDGE_BREAKER_OPEN_MS },
    contextTokens: v.JUDGE_CONTEXT_TOKENS,
    maxOutputTokens: v.JUDGE_MAX_OUTPUT_TOKENS,
    maxTraceTokens: v.JUDGE_MAX_TRACE_TOKENS,
    paraphrase: v.JUDGE_PARAPHRASE,
    stream: v.JUDGE_STREAM,
    promptDir: v.JUDGE_PROMPT_DIR,
  };
};

export const judgeContradictions = (v: Values): FieldError[] => {
  const problems: FieldError[] = [];
  for (const prefix of PREFIXES) {
    const [url, model] = [`${prefix}_BASE_URL`, `${prefix}_MODEL`] as const;
    const [input, output] = [`${prefix}_PRICE_INPUT`, `${prefix}_PRICE_OUTPUT`] as const;
    const address = v[url];
    if ((address === undefined) !== (v[model] === undefined))
      problems.push({ path: url, message: `and ${model} go together: set both or neither` });
    if (address !== undefined && !isHttpUrl(address))
      problems.push({ path: url, message: 'must be an http:// or https:// address without credentials or query' });
    if (headersOf(v[`${prefix}_HEADERS`]) === undefined)
      problems.push({ path: `${prefix}_HEADERS`, message: 'must be a JSON object of header names and values' });
    if ((v[input] === undefined) !== (v[output] === undefined))
      problems.push({ path: input, message: `and ${output} go together: set both or neither` });
    for (const name of [`${prefix}_API_KEY`, `${prefix}_HEADERS`, input] as const) {
      if (address === undefined && v[name] !== undefined) problems.push({ path: name, message: `needs ${url}` });
    }
  }
  if (v.JUDGE_SECOND_BASE_URL !== undefined && v.JUDGE_BASE_URL === undefined)
    problems.push({ path: 'JUDGE_SECOND_BASE_URL', message: 'needs JUDGE_BASE_URL' });
  return problems;
};

const isHttpUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username + password + search + hash === '';
};
