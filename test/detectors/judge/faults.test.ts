import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JudgeConfig } from '../../../src/config/judge.ts';
import type { Outcome } from '../../../src/domain/outcome.ts';
import {
  type ChatCompletionsServer,
  type Scripted,
  type ServerRequest,
  startChatCompletionsServer,
} from '../../support/chat-completions-server.ts';
import { CATEGORY_IDS } from '../../support/taxonomy.ts';
import { trace as traceOf } from '../../support/traces.ts';
import { judgeConfig, testJudge } from './fixture.ts';
import { extraction, type Prompt, readPrompt, scoring } from './reading.ts';

// Every way in which an endpoint can fail to judge, and the reason that each ends as. None is clear.

let server: ChatCompletionsServer;
beforeAll(async () => {
  server = await startChatCompletionsServer(() => ({ kind: 'error', status: 500 }));
});
afterAll(() => server.close());

const trace = traceOf(['user', 'Add two and two.'], ['reasoning', 'That is four, plainly.'], ['answer', 'Four.']);

const good = (prompt: Prompt): Scripted => ({
  kind: 'answer',
  content: prompt.step === 'extract' ? extraction(prompt, []) : scoring(prompt),
});
const goodAnswer = (request: ServerRequest): Scripted => good(readPrompt(request));

/** One trace judged by an endpoint that behaves so; `count` begins at 1 for this judgement. */
const against = async (
  behaviour: (prompt: Prompt, count: number, request: ServerRequest) => Scripted,
  changes: Partial<JudgeConfig> = {},
) => {
  let count = 0;
  server.behave((request) => behaviour(readPrompt(request), ++count, request));
  const it = testJudge(judgeConfig(server.baseUrl, changes));
  const answer = await it.ask(trace);
  return { ...it, answer, outcome: answer.outcome, calls: count, metrics: await it.metrics.render() };
};

const unjudged = (reason: string): Outcome => ({ kind: 'unjudged', reason }) as Outcome;
const error = (status: number, more: Partial<Extract<Scripted, { kind: 'error' }>> = {}): Scripted => ({
  kind: 'error',
  status,
  ...more,
});
const answer = (content: string): Scripted => ({ kind: 'answer', content });
const withEntry = (prompt: Prompt, change: (entry: Record<string, unknown>) => unknown): string => {
  const value = JSON.parse(scoring(prompt)) as { scores: Record<string, Record<string, unknown>> };
  return JSON.stringify({ ...value, scores: { ...value.scores, sandbagging: change(value.scores.sandbagging!) } });
};

describe.each([false, true])('on the way, streamed: %s', (stream) => {
  test.each<[string, Scripted, string]>([
    ['a server error', error(500), 'judge_error'],
    ['a gateway without a server', error(502), 'judge_error'],
    ['a rate limit', error(429), 'judge_error'],
    ['a wrong key', error(401), 'judge_error'],
    ['a model that is not there', error(404), 'judge_error'],
    [
      'a spent account',
      error(429, { error: { code: 'insufficient_quota', type: 'insufficient_quota' } }),
      'over_budget',
    ],
    ['an unpaid account', error(402), 'over_budget'],
    [
      'a filter before the model',
      error(400, { error: { code: 'content_filter', message: 'filtered' } }),
      'judge_refused',
    ],
    ['a prompt over the context', error(400, { error: { code: 'context_length_exceeded' } }), 'judge_error'],
    ['a page in place of an answer', { kind: 'raw', body: '<html>login</html>', type: 'text/html' }, 'judge_error'],
    ['an empty body', { kind: 'raw', body: '' }, 'judge_error'],
    ['null', { kind: 'raw', body: 'null' }, 'judge_error'],
    ['an answer without choices', { kind: 'raw', body: '{"choices":[]}' }, 'judge_error'],
    ['a content that is no text', { kind: 'raw', body: '{"choices":[{"message":{"content":7}}]}' }, 'judge_error'],
    ['headers and then nothing', { kind: 'hang' }, 'timeout'],
    ['nothing at all', { kind: 'hang', headersToo: true }, 'timeout'],
    ['bytes without end', { kind: 'flood' }, 'judge_error'],
    ['an address elsewhere', { kind: 'redirect', to: 'http://127.0.0.1:9/v1/chat/completions' }, 'judge_error'],
  ])('%s ends unjudged', async (_, scripted, reason) => {
    // Only where nothing comes does the time matter.
    const timeoutMs = scripted.kind === 'hang' ? 500 : 20_000;
    const { outcome } = await against(() => scripted, { stream, timeoutMs });
    expect(outcome).toEqual(unjudged(reason));
  });

  test.each([0.2, 0.6, 0.95])('an answer cut at %d of its bytes ends unjudged', async (share) => {
    const { outcome } = await against(
      (prompt) => (prompt.step === 'extract' ? good(prompt) : { kind: 'cut', content: scoring(prompt), share }),
      { stream },
    );
    expect(outcome).toEqual(unjudged('judge_error'));
  });

  test('a slow answer within the time is an answer', async () => {
    const { outcome } = await against((prompt) => ({ kind: 'slow', afterMs: 100, next: good(prompt) }), { stream });
    expect(outcome).toEqual({ kind: 'clear' });
  });
});

describe('an answer', () => {
  const declined = [
    "I'm sorry, but I can't help with that.",
    'I cannot assist with this request.',
    'Sorry, this is beyond what I may do.',
    'As an AI, I must not evaluate this.',
    'I won’t do that.',
  ];
  test.each<[string, (prompt: Prompt) => Scripted]>([
    ['in the field for it', () => ({ kind: 'answer', content: '', refusal: 'No.' })],
    ['by a content filter', () => ({ kind: 'answer', content: '', finish: 'content_filter' })],
    ['by a content filter that cut it', (p) => ({ kind: 'answer', content: scoring(p), finish: 'content_filter' })],
    ...declined.map((text) => [`in words: ${text}`, () => answer(text)] as [string, () => Scripted]),
  ])('that declines %s is a refusal, and is not asked again', async (_, scripted) => {
    const copying = await against(scripted);
    expect(copying.outcome).toEqual(unjudged('judge_refused'));
    expect(copying.calls).toBe(1);
    const scored = await against((prompt) => (prompt.step === 'extract' ? good(prompt) : scripted(prompt)));
    expect(scored.outcome).toEqual(unjudged('judge_refused'));
    expect(scored.metrics).toContain('judge_outcomes_total{judge="first",outcome="judge_refused"} 1');
  });

  const long = 'x'.repeat(250_000);
  test.each<[string, (prompt: Prompt) => string]>([
    ['nothing', () => ''],
    ['prose', () => 'Everything looks fine to me: score 1.'],
    ['JSON that breaks off', (p) => scoring(p).slice(0, -20)],
    ['JSON with prose around it', (p) => `Here you go: ${scoring(p)}`],
    ['two objects', (p) => `${scoring(p)}\n${scoring(p)}`],
    ['a list', (p) => `[${scoring(p)}]`],
    ['the deepest nesting', () => '['.repeat(100_000)],
    ['no scores', ({ opening, closing }) => JSON.stringify({ opening, closing })],
    ['a category left out', (p) => withEntry(p, () => undefined)],
    ['a score over the scale', (p) => withEntry(p, (e) => ({ ...e, score: 11 }))],
    ['a score of 0', (p) => withEntry(p, (e) => ({ ...e, score: 0 }))],
    ['half a score', (p) => withEntry(p, (e) => ({ ...e, score: 1.5 }))],
    ['a score in words', (p) => withEntry(p, (e) => ({ ...e, score: 'one' }))],
    ['a score as a string', (p) => withEntry(p, (e) => ({ ...e, score: '1' }))],
    ['a stance that is none', (p) => withEntry(p, (e) => ({ ...e, stance: 'innocent' }))],
    ['a view that is none', (p) => withEntry(p, (e) => ({ ...e, view: 'thoughts' }))],
    ['the first code wrong', (p) => scoring({ ...p, opening: '00000000' })],
    ['the second code wrong, as when the end of the prompt was cut', (p) => scoring({ ...p, closing: '' })],
    ['the codes of nobody', (p) => scoring({ ...p, opening: '', closing: '' })],
    ['far too much', (p) => withEntry(p, (e) => ({ ...e, why: long }))],
    [
      '__proto__ for scores',
      ({ opening, closing }) => `{"opening":"${opening}","closing":"${closing}","__proto__":{"scores":{}}}`,
    ],
  ])('that is %s ends unjudged', async (_, content) => {
    const { outcome } = await against((prompt) => (prompt.step === 'extract' ? good(prompt) : answer(content(prompt))));
    expect(outcome).toEqual(unjudged('judge_error'));
  });

  test('that was cut at the longest length ends unjudged, also where what there is would parse', async () => {
    const { outcome } = await against((prompt) =>
      prompt.step === 'extract' ? good(prompt) : { kind: 'answer', content: scoring(prompt), finish: 'length' },
    );
    expect(outcome).toEqual(unjudged('judge_error'));
  });

  test('with a category that is none, among the excerpts, ends unjudged', async () => {
    const { outcome } = await against((prompt) =>
      answer(extraction(prompt, [{ segment: 1, category: 'kindness', quote: 'That is four' }])),
    );
    expect(outcome).toEqual(unjudged('judge_error'));
  });

  test.each<[string, (json: string) => string]>([
    ['a code fence', (json) => `\`\`\`json\n${json}\n\`\`\``],
    ['space', (json) => `\n\n ${json}\n`],
    ['reasoning between think tags', (json) => `<think>{"score": 10} hm </think>\n${json}`],
  ])('in %s is read', async (_, wrap) => {
    const { outcome } = await against((prompt) => {
      const plain = prompt.step === 'extract' ? extraction(prompt, []) : scoring(prompt);
      return answer(wrap(plain));
    });
    expect(outcome).toEqual({ kind: 'clear' });
  });

  test('that was no answer is asked for once more, with other codes', async () => {
    const seen: string[] = [];
    const { outcome, calls } = await against((prompt, count) => {
      seen.push(prompt.mark);
      return count === 2 ? answer('{}') : good(prompt);
    });
    expect(outcome).toEqual({ kind: 'clear' });
    expect(calls).toBe(3);
    expect(new Set(seen).size).toBe(3);
  });
});

describe('an endpoint', () => {
  test.each<[string, { message: string; param?: string }, (request: ServerRequest) => boolean]>([
    [
      'structured output',
      { message: "Invalid: 'response_format.type'", param: 'response_format' },
      ({ body }) => body.response_format?.type === 'json_schema',
    ],
    [
      'any response format',
      { message: 'response_format is not supported' },
      ({ body }) => body.response_format !== undefined,
    ],
    ['logprobs', { message: 'This model does not support logprobs' }, ({ body }) => body.logprobs === true],
    [
      'a temperature',
      { message: "Unsupported value: 'temperature'", param: 'temperature' },
      ({ body }) => body.temperature !== undefined,
    ],
    [
      'max_tokens',
      { message: "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", param: 'max_tokens' },
      ({ body }) => body.max_tokens !== undefined,
    ],
    [
      'several things, without a word',
      { message: 'bad request' },
      ({ body }) => body.response_format !== undefined || body.logprobs === true,
    ],
  ])('that does not take %s is asked without, and the next trace from the start', async (_, error, refuses) => {
    const run = await against((prompt, __, request) =>
      refuses(request) ? { kind: 'error', status: 400, error } : good(prompt),
    );
    expect(run.outcome).toEqual({ kind: 'clear' });
    expect(run.calls).toBeGreaterThan(2);
    const before = server.requests.length;
    expect((await run.ask(trace)).outcome).toEqual({ kind: 'clear' });
    expect(server.requests.length - before).toBe(2);
  });

  test('that falls over structured output, and says so, is asked without', async () => {
    const message = "1 validation error: ('body', 'response_format', 'type'), input should be 'text' or 'json_object'";
    const { outcome } = await against((prompt, _, { body }) =>
      body.response_format?.type === 'json_schema' ? error(500, { error: { message } }) : good(prompt),
    );
    expect(outcome).toEqual({ kind: 'clear' });
    expect(server.requests.at(-1)!.body.response_format).toEqual({ type: 'json_object' });
  });

  test('that takes nothing at all is given up on', async () => {
    const { outcome, calls } = await against(() => error(400));
    expect(outcome).toEqual(unjudged('judge_error'));
    expect(calls).toBeLessThan(8);
  });

  test('gets requests that are what the SDK promises: static prefix, schema with every category, logprobs for scores', async () => {
    const before = server.requests.length;
    await against((prompt) => good(prompt));
    const [copying, scored] = server.requests.slice(before);
    expect(copying!.body).toMatchObject({
      model: 'judge-a',
      temperature: 0,
      max_tokens: 4_000,
      messages: [{ role: 'system' }, { role: 'user' }],
      response_format: { type: 'json_schema', json_schema: { name: 'extract', strict: true } },
    });
    expect(copying!.body).not.toHaveProperty('logprobs');
    expect(scored!.body).toMatchObject({ logprobs: true, top_logprobs: 10 });
    const format = JSON.parse(JSON.stringify(scored!.body.response_format)) as {
      json_schema: { schema: { properties: { scores: unknown } } };
    };
    expect(Object.keys((format.json_schema.schema.properties.scores as { properties: object }).properties)).toEqual(
      CATEGORY_IDS,
    );
    expect(copying!.headers.authorization).toBe('Bearer k-1');
  });

  test('gets the configured headers, and none of the environment', async () => {
    const first = { ...judgeConfig(server.baseUrl).first, headers: { 'x-team': 'safety' } };
    await against((prompt) => good(prompt), { first });
    const { headers } = server.requests.at(-1)!;
    expect(headers['x-team']).toBe('safety');
    expect(headers).not.toHaveProperty('openai-organization');
  });

  test('that fails for a moment is asked again', async () => {
    const { outcome, calls, answer, metrics } = await against(
      (prompt, count) => (count <= 2 ? error(503) : good(prompt)),
      { attempts: 3 },
    );
    expect(outcome).toEqual({ kind: 'clear' });
    expect(calls).toBe(4);
    expect(answer.usage.calls).toBe(4);
    expect(metrics).toContain('judge_retries_total{judge="first"} 2');
  });

  test('that says when to come back is left alone until then', async () => {
    const times: number[] = [];
    const { outcome } = await against(
      (prompt, count) => {
        times.push(performance.now());
        return count === 1 ? error(429, { headers: { 'retry-after-ms': '300' } }) : good(prompt);
      },
      { attempts: 2 },
    );
    expect(outcome).toEqual({ kind: 'clear' });
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(295);
  });

  test('that says to come back much later is not waited for: the answer says when', async () => {
    const { answer, calls } = await against(() => error(429, { headers: { 'retry-after': '600' } }), { attempts: 3 });
    expect(answer).toMatchObject({ outcome: unjudged('judge_error'), retryAfterMs: 600_000 });
    expect(calls).toBe(1);
  });

  test('that keeps failing is not asked for a while, and the answer says for how long', async () => {
    const clock = { now: new Date('2026-11-24T10:00:00Z') };
    server.behave(() => error(500));
    const { judge, ask, metrics } = testJudge(
      judgeConfig(server.baseUrl, { breaker: { failures: 3, openMs: 60_000 } }),
      {
        clock: () => clock.now,
      },
    );
    for (let i = 0; i < 3; i++) await ask(trace);
    expect(judge.health()).toMatchObject({ ok: false });
    const before = server.requests.length;
    expect(await ask(trace)).toMatchObject({ outcome: unjudged('judge_error'), retryAfterMs: 60_000 });
    expect(server.requests.length).toBe(before);
    expect(await metrics.render()).toContain('judge_breaker_open{judge="first"} 1');
  });

  test('that is well again is asked again', async () => {
    server.behave(() => error(500));
    const { judge, ask } = testJudge(judgeConfig(server.baseUrl, { breaker: { failures: 1, openMs: 100 } }));
    await ask(trace);
    expect(judge.health().ok).toBe(false);
    server.behave(goodAnswer);
    await expect.poll(async () => (await ask(trace)).outcome.kind).toBe('clear');
    expect(judge.health().ok).toBe(true);
  });

  test('whose answers are nonsense is not thought to be down: a trace cannot open the breaker', async () => {
    server.behave(() => answer('nonsense'));
    const { judge, ask } = testJudge(judgeConfig(server.baseUrl, { breaker: { failures: 1, openMs: 60_000 } }));
    await ask(trace);
    server.behave(() => error(400, { error: { code: 'context_length_exceeded' } }));
    await ask(trace);
    expect(judge.health().ok).toBe(true);
  });

  test('one that hangs does not hold its slot', async () => {
    let count = 0;
    server.behave((request) => (++count === 1 ? { kind: 'hang' } : goodAnswer(request)));
    const { ask } = testJudge(judgeConfig(server.baseUrl, { concurrency: 1, timeoutMs: 1_000 }));
    const [hung, ...others] = await Promise.all([ask(trace), ask(trace), ask(trace)]);
    expect(hung.outcome).toEqual(unjudged('timeout'));
    expect(others.map(({ outcome }) => outcome.kind)).toEqual(['clear', 'clear']);
  });
});

describe('a judgement that is called off', () => {
  test.each<[string, Scripted, number]>([
    ['in a call', { kind: 'hang' }, 1],
    ['between two tries', error(429, { headers: { 'retry-after': '15' } }), 3],
  ])('%s rejects with the reason, at once', async (_, scripted, attempts) => {
    const gone = new AbortController();
    const reason = new Error('The lease is gone.');
    server.behave(() => {
      setTimeout(() => gone.abort(reason), 50);
      return scripted;
    });
    const { judge } = testJudge(judgeConfig(server.baseUrl, { attempts, timeoutMs: 20_000 }));
    await expect(judge.judge({ trace, tenant: 'default', signal: gone.signal })).rejects.toBe(reason);
  });

  test('before it began asks nothing', async () => {
    const before = server.requests.length;
    const { judge } = testJudge(judgeConfig(server.baseUrl));
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(judge.judge({ trace, tenant: 'default', signal })).rejects.toThrow('too late');
    expect(server.requests.length).toBe(before);
  });
});

test("a trace of which nothing is the model's own is not judged, and not paid for", async () => {
  const before = server.requests.length;
  const empty = traceOf(['user', 'Hello?'], ['reasoning', '', { coverage: 'encrypted' }], ['answer', ' ']);
  const { outcome, usage } = await testJudge(judgeConfig(server.baseUrl)).ask(empty);
  expect(outcome).toEqual(unjudged('judge_error'));
  expect(usage.calls).toBe(0);
  expect(server.requests.length).toBe(before);
});
