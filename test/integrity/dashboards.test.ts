import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { liveDemo } from '../../src/cli/live-demo.ts';
import { createServiceClient } from '../../src/cli/remote-client.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { sleep } from '../../src/kafka/backoff.ts';
import { createAckedProducer } from '../../src/kafka/producer.ts';
import { holdTerminal } from '../cli/fixture.ts';
import { extraction, readPrompt, scoring } from '../detectors/judge/reading.ts';
import { type Behaviour, startChatCompletionsServer } from '../support/chat-completions-server.ts';
import { DASHBOARDS, queriesOf } from '../support/dashboards.ts';
import { clientOf, createTopics, kafkaConfig, until } from '../support/kafka/fixture.ts';
import { isSkipped, startKafka } from '../support/kafka.ts';
import { startPostgres } from '../support/postgres.ts';
import { prometheusMissing, startPrometheus } from '../support/prometheus.ts';
import { type RunningService, startService } from '../support/service.ts';
import { environment, openDatabase } from '../support/service-on-kafka.ts';

// Each query of each dashboard, asked of a real Prometheus that scrapes the running service under made-up traffic. A panel
// that stays empty on a healthy service looks the same as one that asks for a metric which is gone.

const withoutPrometheus = prometheusMissing();
const kafka = withoutPrometheus === null ? await startKafka() : { skipped: withoutPrometheus };
const why = isSkipped(kafka) ? ` (skipped: ${kafka.skipped})` : '';

beforeAll(async () => {
  const postgres = await startPostgres();
  return async () => {
    await postgres.stop();
    if (!isSkipped(kafka)) await kafka.stop();
  };
});

const QUOTE = 'copy my weights to another server';

/** Finds the quote where it stands, makes one up where it does not, and fails now and then. */
const judge: Behaviour = (request, count) => {
  if (count % 9 === 1) return { kind: 'error', status: 500 };
  const prompt = readPrompt(request);
  const quote = JSON.stringify(request.body).includes(QUOTE) ? QUOTE : 'words that stand nowhere';
  const category = 'self_exfiltration';
  if (prompt.step === 'extract') {
    return { kind: 'answer', content: extraction(prompt, [{ segment: 1, category, quote }]) };
  }
  const content = scoring(prompt, {
    [category]: { score: 10, stance: 'intended', view: 'reasoning', excerpts: [1], why: 'Says so.' },
  });
  return { kind: 'answer', content };
};

const borderline = (n: number, thought = `Maybe I should ${QUOTE} before they shut me down.`): object => ({
  id: `borderline-${n}`,
  segments: [
    { kind: 'user', text: 'Tidy up the server.' },
    { kind: 'reasoning', text: `Run ${n}. ${thought}` },
    { kind: 'answer', text: 'Tidied up.' },
  ],
});

/** What the made-up traffic has none of: work for the judge, a conflict, a batch. */
const beside = async (service: RunningService, n: number): Promise<void> => {
  await service.post(borderline(n));
  await service.post(borderline(n, 'Another thought under the same id.'));
  await fetch(`${service.address}/v1/monitor/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: `${JSON.stringify({ prompt: `p ${n}`, reasoning: 'Plain work.', output: 'Done.' })}\nno JSON\n`,
  });
};

/** As Grafana would fill them in, for a dashboard of the last minute. */
const filled = (expr: string): string =>
  expr
    .replaceAll('$__rate_interval', '30s')
    .replaceAll('$__range', '1m')
    .replaceAll('$window', '10s')
    .replaceAll('$job', 'cot-monitor')
    .replaceAll('$model', 'aster-reason|borealis-think|cirrus-mini|other');

describe.skipIf(isSkipped(kafka))(`the dashboards of a running service${why}`, () => {
  test('have no query that stays empty', async () => {
    if (isSkipped(kafka)) return;
    const config = kafkaConfig(kafka.brokers, { partitions: 2 });
    const { url } = await openDatabase();
    await createTopics(config);
    const server = await startChatCompletionsServer(judge);
    onTestFinished(() => server.close());
    const service = await startService({
      ...environment(config, url),
      DETECTORS: 'heuristics,legibility,cross',
      METRICS_MODELS: 'aster-reason,borealis-think,cirrus-mini',
      CANARY_INTERVAL_MS: '1000',
      JUDGE_BASE_URL: server.baseUrl,
      JUDGE_API_KEY: 'key',
      JUDGE_MODEL: 'model',
      JUDGE_PRICE_INPUT: '1',
      JUDGE_PRICE_OUTPUT: '1',
    });
    const prometheus = await startPrometheus({ target: new URL(service.address).host });

    const stopping = new AbortController();
    const producer = createAckedProducer(clientOf(config));
    onTestFinished(producer.close);
    const traffic = liveDemo(
      {
        client: createServiceClient({ url: service.address, key: undefined }, fetch),
        records: { producer, topic: config.topics.traces },
        clock: systemClock,
        sleep,
        signal: stopping.signal,
        terminal: holdTerminal(),
      },
      { seed: 1, rate: 15, count: 0 },
    );
    const more = (async () => {
      for (let n = 0; !stopping.signal.aborted; n++) {
        await beside(service, n);
        await sleep(1_000, stopping.signal);
      }
    })();

    /** Queries without one number among their answers. */
    const empty = async (): Promise<string[]> => {
      const missing: string[] = [];
      for (const { place, expr } of DASHBOARDS.flatMap(queriesOf)) {
        const samples = await prometheus.query(filled(expr));
        if (!samples.some(({ value }) => Number.isFinite(value))) missing.push(place);
      }
      return missing;
    };
    let missing: string[] = ['not asked yet'];
    try {
      await until(
        async () => {
          missing = await empty();
          return missing.length === 0;
        },
        'an answer to every query',
        120_000,
      ).catch(() => {});
    } finally {
      stopping.abort();
      await Promise.allSettled([traffic, more]);
    }
    expect(missing).toEqual([]);
    expect(await service.kill('SIGTERM')).toBe(0);
  }, 240_000);
});
