import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { CodedError } from '../../../src/domain/errors.ts';
import type { Trace } from '../../../src/domain/trace.ts';
import { normalise } from '../../../src/normalise/normalise.ts';
import type { Submission } from '../../../src/pipeline.ts';
import { type Fixture, sampleVerdict, startFixture } from '../fixture.ts';
import { chatSpan, type Encoding, exportTo, openinferenceSpan, spansOf } from '../otlp/exporters.ts';

const ENCODINGS: readonly Encoding[] = ['protobuf', 'json'];
const CANARY = 'canary-0c9e';

/** A server on a socket that normalises what it gets, and keeps the traces. */
const listening = async (overrides: Parameters<typeof startFixture>[0] = {}) => {
  const traces: Trace[] = [];
  const fixture = await startFixture({
    process: async (submission, source) => {
      expect(source).toBe('otlp');
      traces.push(normalise(submission, new Date(0)));
      return sampleVerdict;
    },
    ...overrides,
  });
  await fixture.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = fixture.app.server.address() as AddressInfo;
  return { ...fixture, traces, base: `http://127.0.0.1:${port}` };
};

const shown = ({ segments }: Trace) =>
  segments.map(({ kind, coverage, text }) => `${kind}${coverage === 'full' ? '' : ` ${coverage}`}: ${text}`);

const counted = async ({ metricLines }: Pick<Fixture, 'metricLines'>) =>
  Object.fromEntries(
    (await metricLines('cot_monitor_otlp_spans_total')).map((line) => {
      const [, result, value] = /result="(\w+)"} (\d+)/.exec(line)!;
      return [result, Number(value)];
    }),
  );

const post = ({ app }: Pick<Fixture, 'app'>, type: string, body: string | Buffer) =>
  app.inject({ method: 'POST', url: '/v1/traces', headers: { 'content-type': type }, body });

const schema = fileURLToPath(new URL('../../../src/http/otlp/otlp.proto', import.meta.url));
const exportRequest = new protobuf.Root().loadSync(schema).lookupType('ExportTraceServiceRequest');

/** An export request in protobuf. */
const encoded = (...spans: object[]): Buffer =>
  Buffer.from(
    exportRequest.encode(exportRequest.fromObject({ resourceSpans: [{ scopeSpans: [{ spans }] }] })).finish(),
  );

/** Bytes as a field of a message. */
const within = (field: number, bytes: Buffer): Buffer =>
  Buffer.from(
    protobuf.Writer.create()
      .uint32((field << 3) | 2)
      .bytes(bytes)
      .finish(),
  );

const statusMessage = (bytes: Buffer): string => {
  const type = new protobuf.Type('Status').add(new protobuf.Field('message', 2, 'string'));
  return (type.toObject(type.decode(bytes)) as { message: string }).message;
};

describe.each(ENCODINGS)('the OpenTelemetry SDK’s %s exporter', (encoding) => {
  test.each([true, false])('gets its GenAI and OpenInference spans read as traces (gzip: %s)', async (gzip) => {
    const service = await listening();
    const spans = await spansOf(
      chatSpan('I look.', { 'gen_ai.conversation.id': 'c-9' }),
      openinferenceSpan('I listen.', { 'session.id': 's-9' }),
    );
    expect(await exportTo(encoding, service.base, spans, { gzip })).toBe(true);
    expect(service.traces.map(shown)).toEqual([
      ['user: Run the job.', 'reasoning: I look.', 'answer: Done.'],
      ['user: Run the job.', 'reasoning: I listen.', 'answer: Done.'],
    ]);
    expect(service.traces).toMatchObject([
      { format: 'otel.genai', conversationId: 'c-9', model: { provider: 'perch', name: 'robin-2' } },
      { format: 'openinference', conversationId: 's-9', model: { name: 'tern' } },
    ]);
    expect(service.traces.map(({ usage, occurredAt }) => [usage.reasoningTokens, occurredAt.toISOString()])).toEqual([
      [40, '2026-05-28T20:26:40.250Z'],
      [7, '2026-05-28T20:26:40.250Z'],
    ]);
    expect(await counted(service)).toEqual({ stored: 2, without_content: 0, other: 0, rejected: 0 });
  });

  test('may send a request again: the same spans are the same traces, and other spans with the same text are not', async () => {
    const service = await listening();
    const [first, second] = [await spansOf(chatSpan('I look.')), await spansOf(chatSpan('I look.'))];
    for (const spans of [first, first, second]) expect(await exportTo(encoding, service.base, spans)).toBe(true);
    const ids = service.traces.map(({ id }) => id);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  test('gets the messages read that an instrumentation keeps in an event', async () => {
    const service = await listening();
    const { attributes = {} } = chatSpan('I look.');
    const name = 'gen_ai.client.inference.operation.details';
    const spans = await spansOf({ attributes: { 'gen_ai.request.model': 'robin-2' }, events: [{ name, attributes }] });
    expect(await exportTo(encoding, service.base, spans)).toBe(true);
    expect(service.traces.map(shown)).toEqual([['user: Run the job.', 'reasoning: I look.', 'answer: Done.']]);
  });

  test('is acknowledged for everything else, and calls of a model without messages are counted apart', async () => {
    const service = await listening();
    const spans = await spansOf(
      { name: 'GET /', attributes: { 'http.request.method': 'GET' } },
      { name: 'execute_tool', attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'ls' } },
      { attributes: { 'gen_ai.request.model': 'robin-2' } },
      { attributes: { 'gen_ai.request.model': 'robin-2', 'gen_ai.output.messages': '[]' } },
      { attributes: { 'openinference.span.kind': 'LLM' } },
    );
    expect(await exportTo(encoding, service.base, spans)).toBe(true);
    expect(service.traces).toEqual([]);
    expect(await counted(service)).toEqual({ stored: 0, without_content: 3, other: 2, rejected: 0 });
  });

  test('counts a batch as delivered although one of its spans could not be read', async () => {
    const service = await listening();
    const deep = `${'['.repeat(100)}${']'.repeat(100)}`;
    const spans = await spansOf(chatSpan('I look.'), { attributes: { 'gen_ai.output.messages': deep } });
    expect(await exportTo(encoding, service.base, spans)).toBe(true);
    expect(service.traces.map(shown)).toHaveLength(1);
    expect(await counted(service)).toEqual({ stored: 1, without_content: 0, other: 0, rejected: 1 });
  });

  test('is told to come back while the store is away, and its retry brings every span through once', async () => {
    const seen = new Set<string>();
    let failures = 0;
    const service = await listening({
      process: async (submission) => {
        const trace = normalise(submission, new Date(0));
        if (seen.size === 5 && failures++ === 0) throw new CodedError('store_unavailable', 'down', { retryAfter: 1 });
        seen.add(trace.id);
        return sampleVerdict;
      },
    });
    const spans = await spansOf(...Array.from({ length: 20 }, (_, i) => chatSpan(`Step ${i}.`)));
    expect(await exportTo(encoding, service.base, spans)).toBe(true);
    expect([seen.size, failures > 0]).toEqual([20, true]);
  }, 15_000);
});

describe('an answer', () => {
  const request = (...spans: object[]) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
  const output = (stringValue: string) => ({ attributes: [{ key: 'gen_ai.output.messages', value: { stringValue } }] });
  const refusing = async (code: 'too_deep' | 'store_unavailable' | 'overloaded') =>
    startFixture({
      process: async () => {
        throw new CodedError(code, CANARY);
      },
    });

  test('names how many spans were rejected and why, and repeats nothing of them', async () => {
    const answer = await post(await refusing('too_deep'), 'application/json', request(output(CANARY), output(CANARY)));
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      partialSuccess: { rejectedSpans: '2', errorMessage: 'Of 2 spans some could not be read (too_deep: 2).' },
    });
    expect(answer.body).not.toContain(CANARY);
  });

  test('warns, with nothing rejected, of calls whose messages were not recorded', async () => {
    const bare = { attributes: [{ key: 'gen_ai.request.model', value: { stringValue: 'm' } }] };
    const { partialSuccess } = (await post(await startFixture(), 'application/json', request(bare))).json();
    expect(partialSuccess).toMatchObject({ rejectedSpans: '0', errorMessage: expect.stringContaining('1 spans') });
  });

  test('is empty where all is well, also for an empty request', async () => {
    const fixture = await startFixture();
    for (const body of ['{}', '{"resourceSpans":[]}', request(), request(output('Hello.'))]) {
      const answer = await post(fixture, 'application/json', body);
      expect([answer.statusCode, answer.json()]).toEqual([200, {}]);
    }
    const answer = await post(fixture, 'application/x-protobuf', Buffer.alloc(0));
    expect([answer.statusCode, answer.rawPayload.length]).toEqual([200, 0]);
    expect(answer.headers['content-type']).toBe('application/x-protobuf');
  });

  test('to an outage is a 503 with retry-after, in either encoding', async () => {
    const json = await post(await refusing('store_unavailable'), 'application/json', request(output('x')));
    expect([json.statusCode, json.headers['retry-after'], json.json().code]).toEqual([503, '1', 'store_unavailable']);
    const protobuf = await post(await refusing('overloaded'), 'application/x-protobuf', encoded(output('x')));
    expect([protobuf.statusCode, protobuf.headers['retry-after']]).toEqual([503, '1']);
    expect(statusMessage(protobuf.rawPayload)).toMatch(/^overloaded: /);
  });

  test('to protobuf that cannot be read is a status in protobuf', async () => {
    const fixture = await startFixture();
    const answer = await post(fixture, 'application/x-protobuf', Buffer.from(`\u000a\u00ff${CANARY}`));
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toBe('application/x-protobuf');
    expect(statusMessage(answer.rawPayload)).toMatch(/^malformed_protobuf: /);
    expect(statusMessage(answer.rawPayload)).not.toContain(CANARY);
  });

  test.each([
    ['application/json', '[]', 'invalid_body'],
    ['application/json', '{"resourceSpans":7}', 'invalid_body'],
    ['application/json', '{"resource', 'malformed_json'],
    ['application/json', `${'['.repeat(70)}${']'.repeat(70)}`, 'too_deep'],
    ['text/event-stream', 'data: {}', 'unsupported_media_type'],
    ['application/grpc', 'x', 'unsupported_media_type'],
  ])('to a body of %s that holds %s is a problem', async (type, body, code) => {
    const answer = await post(await startFixture(), type, body);
    expect(answer.json()).toMatchObject({ code });
  });

  test('a fault that one span meets does not cost the others their verdicts', async () => {
    const submissions: Submission[] = [];
    const fixture = await startFixture({
      process: async (submission) => {
        submissions.push(submission);
        if (submissions.length === 1) throw new Error(CANARY);
        return sampleVerdict;
      },
    });
    const answer = await post(fixture, 'application/json', request(...Array.from({ length: 30 }, () => output('x'))));
    expect(answer.json()).toMatchObject({ status: 500, code: 'internal' });
    expect(answer.body).not.toContain(CANARY);
    expect(submissions).toHaveLength(30);
    await expect(fixture.metricLines('cot_monitor_http_in_flight')).resolves.toEqual(['cot_monitor_http_in_flight 0']);
  });
});

describe('hostile requests', () => {
  test('rubbish in either encoding is read or refused with a code, never a crash', async () => {
    const fixture = await startFixture();
    const spanish = fc.oneof(
      fc.jsonValue({ maxDepth: 4 }),
      fc.constantFrom<unknown>(null, 7, { attributes: 7 }, { attributes: [{ key: '__proto__', value: {} }] }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.record({
            type: fc.constant('application/x-protobuf'),
            body: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
          }),
          fc.record({
            type: fc.constant('application/json'),
            body: fc
              .array(spanish, { maxLength: 3 })
              .map((spans) => Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }, ...spans] }] }))),
          }),
        ),
        async ({ type, body }) => {
          const answer = await post(fixture, type, body);
          expect([200, 400]).toContain(answer.statusCode);
        },
      ),
      { numRuns: 400 },
    );
    expect(fixture.logged).toEqual([]);
  });

  test('values nested without end are refused', async () => {
    const fixture = await startFixture();
    // By hand: the encoder would refuse it too. Field 5 of a value is an array, field 1 of an array its members.
    let value: Buffer = Buffer.from('\n\u0001x');
    for (let depth = 0; depth < 8_000; depth++) value = within(depth % 2 === 0 ? 1 : 5, value);
    const span = within(9, Buffer.concat([Buffer.from('\n\u0001k'), within(2, value)]));
    const answer = await post(fixture, 'application/x-protobuf', within(1, within(2, within(2, span))));
    expect(answer.statusCode).toBe(400);
    expect(statusMessage(answer.rawPayload)).toMatch(/^malformed_protobuf: /);
  });

  test('keys such as __proto__ stay plain attributes, and bytes and odd numbers are let go', async () => {
    const fixture = await startFixture();
    const text = { stringValue: 'Hello.' };
    const attributes = [
      { key: '__proto__', value: text },
      { key: 'gen_ai.output.messages', value: text },
      { key: 'bytes', value: { bytesValue: 'AAAA' } },
      { key: 'big', value: { intValue: '9223372036854775807' } },
      { key: 'odd', value: 7 },
      { key: 7, value: text },
      7,
    ];
    const span = { traceId: '00', spanId: 'zz', startTimeUnixNano: '9'.repeat(21), attributes };
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    expect((await post(fixture, 'application/json', body)).json()).toEqual({});
    const [submission] = fixture.submissions;
    expect(JSON.stringify(submission?.payload)).toBe(
      '{"attributes":{"__proto__":"Hello.","gen_ai.output.messages":"Hello.","bytes":null,"big":"9223372036854775807","odd":null}}',
    );
  });
});
