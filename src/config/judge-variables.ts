import { flag, MINUTE, optionalText, price, secret, variable, whole } from './fields.ts';

// The variables of the judge tier: where it is, and what it may take.

export const JUDGE_VARIABLES = {
  JUDGE_BASE_URL: variable(
    optionalText(),
    'Base address of an OpenAI-compatible endpoint, with its /v1. Unset: no judge, the cheap tiers decide alone.',
  ),
  JUDGE_API_KEY: secret(optionalText(), 'Key of the endpoint, sent as a bearer token.'),
  JUDGE_MODEL: variable(optionalText(), 'Model that judges.'),
  JUDGE_HEADERS: secret(optionalText(), 'Further headers for the endpoint, as a JSON object.'),
  JUDGE_PRICE_INPUT: variable(price(), 'US dollars per million tokens of prompt. Unset: costs are not counted.'),
  JUDGE_PRICE_OUTPUT: variable(price(), 'US dollars per million tokens of answer.'),
  JUDGE_SECOND_BASE_URL: variable(
    optionalText(),
    'Endpoint of a second judge, best of another family. It is asked where the first refused, failed or was unsure.',
  ),
  JUDGE_SECOND_API_KEY: secret(optionalText(), "Key of the second judge's endpoint."),
  JUDGE_SECOND_MODEL: variable(optionalText(), 'Model of the second judge.'),
  JUDGE_SECOND_HEADERS: secret(optionalText(), "Further headers for the second judge's endpoint, as a JSON object."),
  JUDGE_SECOND_PRICE_INPUT: variable(price(), "US dollars per million tokens of the second judge's prompts."),
  JUDGE_SECOND_PRICE_OUTPUT: variable(price(), "US dollars per million tokens of the second judge's answers."),
  JUDGE_TIMEOUT_MS: variable(
    whole(MINUTE, 100, 4 * MINUTE),
    'Longest time one call to the judge may take, in milliseconds; a judgement is two calls or more.',
  ),
  JUDGE_CONCURRENCY: variable(whole(8, 1, 1_000), 'Calls to one endpoint that one process has open at once.'),
  JUDGE_ATTEMPTS: variable(
    whole(3, 1, 10),
    'Tries of a call that failed on the way (overload, server error, connection, timeout), the first included.',
  ),
  JUDGE_BREAKER_FAILURES: variable(
    whole(5, 1, 1_000),
    'Failed calls in a row after which the endpoint is left alone for a while; traces are then `judge_error`.',
  ),
  JUDGE_BREAKER_OPEN_MS: variable(
    whole(30_000, 100, 60 * MINUTE),
    'How long the endpoint is left alone before one call tries it again, in milliseconds.',
  ),
  JUDGE_CONTEXT_TOKENS: variable(
    whole(32_000, 4_000, 2_000_000),
    'Context of the judge model, in tokens. Longer traces are read in several calls. Never more than the server really allows.',
  ),
  JUDGE_MAX_OUTPUT_TOKENS: variable(
    whole(6_000, 500, 200_000),
    'Longest answer the judge may write, in tokens; models that reason need more.',
  ),
  JUDGE_MAX_TRACE_TOKENS: variable(
    whole(200_000, 2_000, 100_000_000),
    'Most tokens of prompt that reading one trace may take. Of a longer one beginning, end and a sample are read, and it is `over_budget`.',
  ),
  JUDGE_PARAPHRASE: variable(
    flag(false),
    'Have the material restated in other words before it is scored: one call more, and persuasive wording is lost.',
  ),
  JUDGE_STREAM: variable(
    flag(false),
    'Have answers streamed, for gateways that drop connections on which nothing is sent for long.',
  ),
  JUDGE_PROMPT_DIR: variable(
    optionalText(),
    "Folder of the operator's own prompts (extract.md, score.md, paraphrase.md) and scale (scale.json); what it lacks is taken from the shipped ones.",
  ),
} as const;
