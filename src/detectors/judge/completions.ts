import OpenAI, { APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import type {
  ChatCompletion,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionTokenLogprob,
} from 'openai/resources/chat/completions';
import type { ResponseFormatJSONSchema } from 'openai/resources/shared';
import { type AnswerSchema, type Codes, type Read, readAnswer } from './answer.ts';
import { createBoundedFetch, OversizedBody } from './bounded-fetch.ts';
import type { Dialect } from './dialect.ts';
import { JudgeFault, UnsupportedParameter } from './fault.ts';
import type { Ledger } from './ledger.ts';
import { estimateTokens } from './passages.ts';

// One request to an OpenAI-compatible endpoint, over the openai SDK, and what became of it.

export interface Endpoint {
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly model: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Question<T extends Codes> {
  readonly step: 'extract' | 'score' | 'paraphrase';
  /** The same for every trace, first in the request: providers cache it. */
  readonly system: string;
  readonly user: string;
  readonly schema: AnswerSchema<T>;
  readonly codes: Codes;
  /** Whether the answer's numbers are wanted with their probabilities. */
  readonly logprobs: boolean;
}

export interface Reply<T> extends Read<T> {
  readonly content: string;
  /** Null where the server gave none. */
  readonly tokens: readonly ChatCompletionTokenLogprob[] | null;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export interface CompletionsOptions {
  readonly endpoint: Endpoint;
  readonly maxOutputTokens: number;
  readonly stream: boolean;
}

export type Send = <T extends Codes>(
  question: Question<T>,
  dialect: Dialect,
  ledger: Ledger,
  signal: AbortSignal,
) => Promise<Reply<T>>;

/** Far above any answer to our prompts, with logprobs. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export const createSend = ({ endpoint, maxOutputTokens, stream }: CompletionsOptions): Send => {
  const client = new OpenAI({
    baseURL: endpoint.baseUrl,
    // Servers without keys take any; the SDK takes none.
    apiKey: endpoint.apiKey ?? 'none',
    // Named, or the SDK would read them from the environment.
    organization: null,
    project: null,
    defaultHeaders: endpoint.headers,
    maxRetries: 0,
    // The SDK would log bodies on request of an environment variable.
    logLevel: 'off',
    fetch: createBoundedFetch(MAX_BODY_BYTES),
  });

  return async (question, dialect, ledger, signal) => {
    const body = requestOf(question, dialect, endpoint.model, maxOutputTokens);
    ledger.sent();
    let completion: ChatCompletion;
    try {
      completion = stream
        ? await client.chat.completions
            .stream({ ...body, stream: true, stream_options: { include_usage: true } }, { signal })
            .finalChatCompletion()
        : await client.chat.completions.create(body, { signal });
    } catch (error) {
      throw faultOf(error);
    }
    return replyOf(completion, question, ledger);
  };
};

/** A schema of every category takes longer to write down than the rest of a request together: once is enough. */
const formats = new WeakMap<object, ResponseFormatJSONSchema>();

const formatOf = <T extends Codes>(schema: AnswerSchema<T>, name: string): ResponseFormatJSONSchema => {
  const known = formats.get(schema);
  if (known !== undefined) return known;
  const format = zodResponseFormat(schema, name);
  formats.set(schema, format);
  return format;
};

const requestOf = <T extends Codes>(
  { step, system, user, schema, logprobs }: Question<T>,
  dialect: Dialect,
  model: string,
  maxOutputTokens: number,
): ChatCompletionCreateParamsNonStreaming => ({
  model,
  messages: [
    { role: 'system', content: system },
    { role: 'user', content: user },
  ],
  [dialect.limit]: maxOutputTokens,
  ...(dialect.temperature ? { temperature: 0 } : {}),
  ...(dialect.format === 'json_schema' ? { response_format: formatOf(schema, step) } : {}),
  ...(dialect.format === 'json_object' ? { response_format: { type: 'json_object' } } : {}),
  ...(logprobs && dialect.logprobs ? { logprobs: true, top_logprobs: 10 } : {}),
});

/** @throws JudgeFault for a completion that is no whole answer */
const replyOf = <T extends Codes>(completion: ChatCompletion, question: Question<T>, ledger: Ledger): Reply<T> => {
  // Compatible is a claim, not a type: each step down is one that some server leaves out.
  const choice = completion?.choices?.[0];
  const content = choice?.message?.content ?? '';
  if (typeof content !== 'string') throw new JudgeFault('malformed');
  const counted = (given: unknown, text: string): number =>
    typeof given === 'number' && Number.isFinite(given) && given >= 0 ? given : estimateTokens(text);
  const promptTokens = counted(completion?.usage?.prompt_tokens, question.system + question.user);
  const completionTokens = counted(completion?.usage?.completion_tokens, content);
  ledger.used(promptTokens, completionTokens);
  if (choice === undefined) throw new JudgeFault('malformed');
  if (choice.message?.refusal || choice.finish_reason === 'content_filter') throw new JudgeFault('refused');
  if (choice.finish_reason === 'length') throw new JudgeFault('cut');
  const read = readAnswer(content, question.schema, question.codes);
  const tokens = choice.logprobs?.content;
  return { ...read, content, tokens: Array.isArray(tokens) ? tokens : null, promptTokens, completionTokens };
};

const TOO_LONG = /context.{0,12}length|maximum context|context window|context size|too many tokens|prompt is too long/;

const NAMES_PARAMETER = /response_format|json_schema|logprobs|max_tokens/;

/** What an error of the SDK means. Errors of servers can quote the prompt: they are kept as causes and never shown. */
const faultOf = (error: unknown): JudgeFault => {
  if (error instanceof JudgeFault) return error;
  if (isOversized(error)) return new JudgeFault('oversized', { cause: error });
  if (error instanceof APIUserAbortError || error instanceof APIConnectionTimeoutError)
    return new JudgeFault('timeout', { retryable: true, cause: error });
  if (!(error instanceof APIError) || error.status === undefined)
    return new JudgeFault('connection', { retryable: true, cause: error });
  return faultOfStatus(error, error.status);
};

const faultOfStatus = (error: APIError, status: number): JudgeFault => {
  const { headers, code, param, message, type } = error;
  const said = `${code ?? ''} ${param ?? ''} ${type ?? ''} ${message}`.toLowerCase();
  const retryAfterMs = retryAfterOf(headers);
  if (status === 402 || /insufficient_quota|billing/.test(`${code ?? ''} ${type ?? ''}`))
    return new JudgeFault('quota', { cause: error, retryAfterMs });
  if (status === 429) return new JudgeFault('rate_limited', { retryable: true, retryAfterMs, cause: error });
  // Some servers fall over a parameter they do not know, and say which.
  if (status === 500 && NAMES_PARAMETER.test(said)) return new UnsupportedParameter(said, error);
  if (status === 408 || status === 409 || status >= 500)
    return new JudgeFault('server_error', { retryable: true, retryAfterMs, cause: error });
  if (/content_filter|content_policy|responsibleai|flagged|safety/.test(said))
    return new JudgeFault('refused', { cause: error });
  if (TOO_LONG.test(said)) return new JudgeFault('too_long', { cause: error });
  if (status === 400 || status === 422) return new UnsupportedParameter(said, error);
  return new JudgeFault('rejected', { cause: error });
};

const isOversized = (error: unknown): boolean =>
  error instanceof OversizedBody || (error instanceof Error && error.cause !== undefined && isOversized(error.cause));

/** Seconds or a date, as HTTP has it; milliseconds as OpenAI adds. Undefined where there is no sense in it. */
const retryAfterOf = (headers: Headers | undefined): number | undefined => {
  const precise = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (precise >= 0) return precise;
  const value = headers?.get('retry-after') ?? '';
  const after = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return after >= 0 ? after : undefined;
};
