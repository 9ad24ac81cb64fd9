import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CANARY_TENANT } from '../../src/domain/judging.ts';
import type { Trace } from '../../src/domain/trace.ts';
import { normalise } from '../../src/normalise/normalise.ts';
import { createLogger } from '../../src/observe/log.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { createEvaluations } from '../../src/publish/evaluations.ts';
import { sampleFinding, sampleVerdict } from '../http/fixture.ts';

const SECRET = 'SECRET-THOUGHT';
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN_ID = '00f067aa0ba902b7';

const spanTrace: Trace = normalise(
  {
    tenant: 'default',
    payload: {
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      attributes: {
        'gen_ai.response.id': 'resp-1',
        'gen_ai.conversation.id': 'c-1',
        'gen_ai.output.messages': [{ role: 'assistant', parts: [{ type: 'reasoning', content: SECRET }] }],
      },
    },
  },
  new Date(0),
);

interface LogRecord {
  readonly eventName: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly timeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

/** A stub OTLP receiver; answers with these statuses in turn, then 200. */
const receiver = async (statuses: number[] = [], answer = '{}') => {
  const records: LogRecord[] = [];
  const seen: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push({ headers: request.headers, body });
      const status = statuses.shift() ?? 200;
      if (status === 200) {
        const { resourceLogs } = JSON.parse(body) as {
          resourceLogs: { scopeLogs: { logRecords: LogRecord[] }[] }[];
        };
        records.push(...resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)));
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { records, seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs` };
};

const make = (url: string, fetcher: typeof fetch = fetch) => {
  const metrics = createMetrics({ processMetrics: false });
  const logged: string[] = [];
  const evaluations = createEvaluations({
    url,
    headers: { authorization: 'Bearer x' },
    version: '1',
    fetch: fetcher,
    retryMs: 1,
    log: createLogger('debug', { write: (line: string) => void logged.push(line) }),
    metrics,
    clock: () => new Date('2026-06-01T00:00:00Z'),
  });
  const counts = async () =>
    Object.fromEntries(
      [...(await metrics.render()).matchAll(/^cot_monitor_evaluations_total{result="(\w+)"} (\d+)$/gm)].map(
        ([, result, value]) => [result, Number(value)],
      ),
    );
  return { evaluations, counts, logged };
};

const attributesOf = ({ attributes }: LogRecord) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

describe('verdicts as OpenTelemetry events', () => {
  test('are one event for the risk and one for each category, beside the span, without a word of the trace', async () => {
    const { records, seen, url } = await receiver();
    const { evaluations, counts } = make(url);
    const finding = { ...sampleFinding, explanation: SECRET };
    const weaker = { ...finding, id: 'f-2', score: 0.1 };
    evaluations.emit(spanTrace, { ...sampleVerdict, findings: [weaker, finding] });
    await evaluations.stop();
    expect(records.map((record) => [record.eventName, record.traceId, record.spanId])).toEqual(
      Array.from({ length: 2 }, () => ['gen_ai.evaluation.result', TRACE_ID, SPAN_ID]),
    );
    const common = {
      'gen_ai.response.id': 'resp-1',
      'gen_ai.conversation.id': 'c-1',
      'cot_monitor.trace.id': spanTrace.id,
      'cot_monitor.assessment.state': 'partial',
    };
    expect(records.map(attributesOf)).toEqual([
      {
        'gen_ai.evaluation.name': 'cot_monitor.risk',
        'gen_ai.evaluation.score.value': 0.97,
        'gen_ai.evaluation.score.label': 'alert',
        ...common,
      },
      {
        'gen_ai.evaluation.name': 'cot_monitor.oversight_subversion',
        'gen_ai.evaluation.score.value': 0.97,
        'gen_ai.evaluation.score.label': 'intended',
        ...common,
      },
    ]);
    expect(records[0]?.timeUnixNano).toBe('1780272000000000000');
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer x', 'content-type': 'application/json' });
    expect(seen[0]?.body).not.toContain(SECRET);
    expect(seen[0]?.body).not.toContain(sampleFinding.evidence[0]?.quote);
    expect(await counts()).toEqual({ sent: 2, failed: 0, dropped: 0 });
  });

  test('of a trace that was no span stand alone', async () => {
    const { records, url } = await receiver();
    const { evaluations } = make(url);
    const payload = { segments: [{ kind: 'reasoning', text: 'x' }] };
    evaluations.emit(normalise({ payload, tenant: 'default' }, new Date(0)), { ...sampleVerdict, findings: [] });
    await evaluations.stop();
    expect(records).toHaveLength(1);
    expect(records[0]).not.toHaveProperty('traceId');
    expect(attributesOf(records[0]!)).not.toHaveProperty('gen_ai.response.id');
  });

  test('about the service’s own probes are not sent', async () => {
    const { records, url } = await receiver();
    const { evaluations } = make(url);
    evaluations.emit({ ...spanTrace, tenant: CANARY_TENANT }, sampleVerdict);
    await evaluations.stop();
    expect(records).toEqual([]);
  });

  test('are sent again where the receiver says so, and each arrives', async () => {
    const { records, url } = await receiver([503, 429]);
    const { evaluations, counts } = make(url);
    evaluations.emit(spanTrace, { ...sampleVerdict, findings: [] });
    await expect.poll(counts).toEqual({ sent: 1, failed: 0, dropped: 0 });
    expect(records).toHaveLength(1);
    await evaluations.stop();
  });

  test.each([
    ['refuses them', [400], '{}', 1],
    ['stays away', [503, 503, 503], '{}', 3],
    ['rejects one in a partial success', [], '{"partialSuccess":{"rejectedLogRecords":"1"}}', 1],
  ])(
    'that a receiver does not take because it %s are counted, and no text is logged',
    async (_, statuses, answer, asked) => {
      const { seen, url } = await receiver([...statuses], answer);
      const { evaluations, counts, logged } = make(url);
      evaluations.emit(spanTrace, { ...sampleVerdict, findings: [] });
      await expect.poll(counts).toEqual({ sent: 0, failed: 1, dropped: 0 });
      expect(seen).toHaveLength(asked);
      expect(logged).toHaveLength(1);
      expect(logged.join()).not.toContain(SECRET);
      await evaluations.stop();
    },
  );

  test('never hold anything up: a receiver that hangs costs events beyond a bound, and the stop waits for one attempt', async () => {
    let release = (): void => undefined;
    const hanging: typeof fetch = () =>
      new Promise((_resolve, reject) => {
        release = () => reject(new Error('closed'));
      });
    const { evaluations, counts } = make('http://receiver.example/v1/logs', hanging);
    for (let i = 0; i < 5_000; i++) evaluations.emit(spanTrace, { ...sampleVerdict, findings: [] });
    const { dropped = 0 } = await counts();
    expect(dropped).toBeGreaterThan(0);
    const stopping = evaluations.stop();
    let done = false;
    void stopping.then(() => {
      done = true;
    });
    while (!done) {
      release();
      await wait(1);
    }
    expect(await counts()).toEqual({ sent: 0, failed: 5_000 - dropped, dropped });
  });
});
