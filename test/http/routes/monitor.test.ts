import { describe, expect, test } from 'vitest';
import { CodedError, type ErrorCode } from '../../../src/domain/errors.ts';
import type { Verdict } from '../../../src/domain/verdict.ts';
import { verdictSchema } from '../../../src/http/schemas/verdict.ts';
import type { Submission } from '../../../src/pipeline.ts';
import { evalLog, HEADER, sampleOf, zipOf } from '../../archive/archives.ts';
import { PROBLEM_TYPE, postTrace, sampleTrace, sampleVerdict, startFixture } from '../fixture.ts';

const fails = (code: ErrorCode, retryAfter?: number) => ({
  process: async (): Promise<Verdict> => {
    throw new CodedError(code, 'detail', retryAfter === undefined ? {} : { retryAfter });
  },
});

const provisional: Verdict = { ...sampleVerdict, status: 'provisional' };

describe('judge=', () => {
  const final = { ...sampleVerdict, risk: 0.5 };
  const asking = async (query: string, answer: Verdict | null) => {
    const waits: string[] = [];
    const submissions: Submission[] = [];
    const { app } = await startFixture({
      process: async (submission) => {
        submissions.push(submission);
        return provisional;
      },
      waitForFinal: async (tenant, traceId) => {
        waits.push(`${tenant} ${traceId}`);
        return answer;
      },
    });
    const response = await postTrace(app, sampleTrace, query);
    return { status: response.statusCode, body: response.json<Verdict>(), waits, submissions };
  };

  test('wait answers the final verdict', async () => {
    const { status, body, waits, submissions } = await asking('?judge=wait', final);
    expect([status, body.status, body.risk, waits]).toEqual([200, 'final', 0.5, ['default t-1']]);
    expect(submissions[0]!.judge).toBe('wait');
  });

  test('wait answers the provisional verdict where the judge is not done in time', async () => {
    const { status, body } = await asking('?judge=wait', null);
    expect([status, body.status]).toEqual([200, 'provisional']);
  });

  test.each(['', '?judge=auto', '?judge=never', '?judge=wait&mode=async'])('"%s" does not wait', async (query) => {
    expect((await asking(query, final)).waits).toEqual([]);
  });
});

describe('POST /v1/monitor', () => {
  test('answers the verdict, as its schema says, quotes unchanged', async () => {
    const { app } = await startFixture();
    const answer = await postTrace(app, sampleTrace);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.json()).toEqual(sampleVerdict);
    expect(verdictSchema.parse(answer.json())).toEqual(sampleVerdict);
  });

  test.each([
    ['the canonical body', sampleTrace],
    ['the short form', { prompt: 'a', reasoning: 'b', output: 'c' }],
    ['a chat completion', { choices: [{ message: { content: 'a', reasoning_content: 'b' } }] }],
    ['request and response', { request: { model: 'm' }, response: { choices: [] } }],
    ['an array', [1, 2]],
    ['null', null],
    ['keys that look like prototypes', JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":{}}}')],
  ])('hands %s to the pipeline untouched', async (_, payload) => {
    const { app, submissions } = await startFixture();
    expect((await postTrace(app, payload)).statusCode).toBe(200);
    expect(submissions).toEqual([{ payload, tenant: 'default', format: undefined, judge: 'auto' }]);
    expect(JSON.stringify(submissions[0]?.payload)).toBe(JSON.stringify(payload));
  });

  test('hands the sample of an .eval on as the log it is, and refuses an archive that is none', async () => {
    const { app, submissions } = await startFixture();
    const post = (body: Buffer) =>
      app.inject({ method: 'POST', url: '/v1/monitor', headers: { 'content-type': 'application/zip' }, body });
    const sample = sampleOf('a', 'First.');
    expect((await post(await evalLog([sample]))).statusCode).toBe(200);
    expect(submissions.map(({ payload }) => payload)).toEqual([{ eval: HEADER.eval, samples: [sample] }]);
    expect((await post(Buffer.from('{}'))).json()).toMatchObject({ status: 400, code: 'malformed_archive' });
    const bomb = await zipOf({ 'header.json': Buffer.alloc(4 * 1024 * 1024, 0x20) });
    expect((await post(bomb)).json()).toMatchObject({ status: 413, code: 'body_too_large' });
    expect((await post(await evalLog([sample, sample]))).json()).toMatchObject({ status: 400, code: 'invalid_body' });
    expect(submissions).toHaveLength(1);
  });

  test('hands a recorded event stream on as text', async () => {
    const { app, submissions } = await startFixture();
    const post = (type: string, body: string | Buffer) =>
      app.inject({ method: 'POST', url: '/v1/monitor', headers: { 'content-type': type }, body });
    const text = 'data: {"choices":[]}\n\ndata: [DONE]\n\n';
    expect((await post('text/event-stream; charset=utf-8', text)).statusCode).toBe(200);
    expect(submissions).toEqual([{ payload: text, tenant: 'default', media: 'event-stream', judge: 'auto' }]);
    expect((await post('text/event-stream; charset=utf-16', text)).statusCode).toBe(415);
    expect((await post('text/event-stream', Buffer.of(0xff))).json()).toMatchObject({ code: 'invalid_encoding' });
    expect((await post('application/x-ndjson', '{}')).statusCode).toBe(415);
  });

  test('takes the format from the query or the header', async () => {
    const { app, submissions } = await startFixture();
    const headers = { 'content-type': 'application/json', 'x-trace-format': 'gemini' };
    await postTrace(app, sampleTrace, '?format=openai.chat');
    await app.inject({ method: 'POST', url: '/v1/monitor', headers, body: '{}' });
    await app.inject({ method: 'POST', url: '/v1/monitor?format=gemini', headers, body: '{}' });
    expect(submissions.map(({ format }) => format)).toEqual(['openai.chat', 'gemini', 'gemini']);
    const torn = await app.inject({ method: 'POST', url: '/v1/monitor?format=canonical', headers, body: '{}' });
    expect(torn.json()).toMatchObject({ code: 'invalid_header', errors: [{ path: 'x-trace-format' }] });
  });

  test('never takes the tenant from the body', async () => {
    const { app, submissions } = await startFixture();
    await postTrace(app, { ...sampleTrace, tenant: 'other' });
    expect(submissions[0]?.tenant).toBe('default');
  });

  test('mode=async answers 202, and not before the verdict is durable', async () => {
    let durable: (verdict: Verdict) => void = () => undefined;
    const { app } = await startFixture({
      process: () =>
        new Promise((resolve) => {
          durable = resolve;
        }),
    });
    let answered = false;
    const pending = postTrace(app, sampleTrace, '?mode=async').then((answer) => {
      answered = true;
      return answer;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answered).toBe(false);
    durable(sampleVerdict);
    const answer = await pending;
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toEqual({ traceId: 't-1', status: 'accepted' });
  });

  test('mode=async accepts nothing that could not be stored', async () => {
    const { app } = await startFixture(fails('store_unavailable'));
    expect((await postTrace(app, sampleTrace, '?mode=async')).statusCode).toBe(503);
  });

  test.each(['auto', 'wait', 'never'])('accepts judge=%s', async (judge) => {
    const { app } = await startFixture();
    expect((await postTrace(app, sampleTrace, `?judge=${judge}`)).statusCode).toBe(200);
  });

  test.each([
    ['trace_conflict', 409],
    ['empty_trace', 400],
    ['unknown_format', 422],
    ['undetected_format', 422],
    ['format_mismatch', 422],
    ['store_unavailable', 503],
  ] as const)('answers %s of the pipeline as %i', async (code, status) => {
    const { app } = await startFixture(fails(code));
    const answer = await postTrace(app, sampleTrace);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe(PROBLEM_TYPE);
    expect(answer.json()).toMatchObject({ code, status });
  });

  test('says when to come back, in whole seconds', async () => {
    const { app } = await startFixture(fails('store_unavailable', 2.1));
    expect((await postTrace(app, sampleTrace)).headers['retry-after']).toBe('3');
    const { app: vague } = await startFixture(fails('store_unavailable'));
    expect((await postTrace(vague, sampleTrace)).headers['retry-after']).toBe('1');
    const { app: conflict } = await startFixture(fails('trace_conflict'));
    expect((await postTrace(conflict, sampleTrace)).headers['retry-after']).toBeUndefined();
  });
});

describe('admission to POST /v1/monitor', () => {
  const blocked = async (maxInFlight: number) => {
    const waiting: ((verdict: Verdict) => void)[] = [];
    const fixture = await startFixture({
      config: {
        maxBodyBytes: 1_024,
        requestTimeoutMs: 10_000,
        maxInFlight,
        streams: { idleMs: 10_000, deadlineMs: 60_000, maxOpen: 8, bufferBytes: 1_048_576 },
      },
      process: () => new Promise((resolve) => waiting.push(resolve)),
    });
    const until = async (count: number): Promise<void> => {
      while (waiting.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    const finish = (): void => {
      for (const resolve of waiting.splice(0)) resolve(sampleVerdict);
    };
    return { ...fixture, until, finish };
  };

  test('past MAX_IN_FLIGHT answers 503 with retry-after, and takes work again when some is done', async () => {
    const { app, until, finish, metricLines } = await blocked(2);
    const first = [postTrace(app, sampleTrace), postTrace(app, sampleTrace)];
    await until(2);
    const refused = await postTrace(app, sampleTrace);
    expect(refused.statusCode).toBe(503);
    expect(refused.json()).toMatchObject({ code: 'overloaded' });
    expect(refused.headers['retry-after']).toBe('1');
    expect(await metricLines('cot_monitor_http_in_flight')).toEqual(['cot_monitor_http_in_flight 2']);
    expect(await metricLines('cot_monitor_http_shed_total')).toEqual(['cot_monitor_http_shed_total 1']);
    finish();
    expect((await Promise.all(first)).map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect(await metricLines('cot_monitor_http_in_flight')).toEqual(['cot_monitor_http_in_flight 0']);
    const next = postTrace(app, sampleTrace);
    await until(1);
    finish();
    expect((await next).statusCode).toBe(200);
  });

  test('async work yields before sync work does', async () => {
    const { app, until, finish } = await blocked(4);
    const first = [1, 2, 3].map(() => postTrace(app, sampleTrace, '?mode=async'));
    await until(3);
    expect((await postTrace(app, sampleTrace, '?mode=async')).statusCode).toBe(503);
    const sync = postTrace(app, sampleTrace);
    await until(4);
    finish();
    expect((await sync).statusCode).toBe(200);
    expect((await Promise.all(first)).map(({ statusCode }) => statusCode)).toEqual([202, 202, 202]);
  });

  test('what never reaches the pipeline gives its place back', async () => {
    const { app, metricLines } = await blocked(1);
    for (let i = 0; i < 5; i++) {
      expect((await postTrace(app, '{')).statusCode).toBe(400);
      expect((await postTrace(app, sampleTrace, '?mode=later')).statusCode).toBe(400);
      expect((await postTrace(app, 'x'.repeat(5_000))).statusCode).toBe(413);
    }
    expect(await metricLines('cot_monitor_http_in_flight')).toEqual(['cot_monitor_http_in_flight 0']);
  });

  test('probes and reads are answered at capacity', async () => {
    const { app, until, finish } = await blocked(1);
    const busy = postTrace(app, sampleTrace);
    await until(1);
    for (const url of ['/livez', '/readyz', '/metrics', '/v1/verdicts/t-1', '/v1/flags']) {
      expect((await app.inject(url)).statusCode).toBe(200);
    }
    finish();
    await busy;
  });
});
