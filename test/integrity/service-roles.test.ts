import { beforeAll, expect, it } from 'vitest';
import type { Alert } from '../../src/domain/alert.ts';
import { createTopics, kafkaConfig, produce, readTopic, totalCommitted, until } from '../support/kafka/fixture.ts';
import { describeKafka, sharedKafka } from '../support/kafka/suite.ts';
import { startPostgres } from '../support/postgres.ts';
import { sampleTrace } from '../support/sample-traces.ts';
import { runToEnd, startService } from '../support/service.ts';
import { environment, openDatabase, record } from '../support/service-on-kafka.ts';

// One image, two roles: the API takes traces and answers, the worker reads the topic and sends what is to be sent.

const kafka = await sharedKafka();
beforeAll(async () => {
  const postgres = await startPostgres();
  return () => postgres.stop();
});

describeKafka(kafka, 'the service in two roles', ({ brokers }) => {
  it('the API consumes nothing, and the worker relays the alerts of both', async () => {
    const config = kafkaConfig(brokers);
    const { url } = await openDatabase();
    await createTopics(config);
    const settings = environment(config, url);
    const api = await startService({ ...settings, ROLE: 'api' });
    await produce(config, [record(0), record(1)]);
    expect((await api.post(sampleTrace(5))).body).toMatchObject({ decision: 'alert' });
    expect((await api.get('/readyz')).body).toMatchObject({ status: 'ready', parts: { store: { ok: true } } });
    expect(await totalCommitted(config)).toBe(0);

    const worker = await startService({ ...settings, ROLE: 'worker' });
    await until(async () => (await totalCommitted(config)) === 2, 'both records', 60_000);
    const messages = await readTopic(config, config.topics.alerts, 2);
    const alerts = messages.map((m) => (JSON.parse(m.value!.toString()) as Alert).traceId);
    expect(alerts.sort()).toEqual(['trace-0', 'trace-5']);
    // What came over Kafka is read where REST is.
    expect((await api.get('/v1/verdicts/trace-0')).status).toBe(200);
    expect((await worker.get('/v1/verdicts/trace-0')).status).toBe(404);
    expect((await worker.post(sampleTrace(6))).status).toBe(404);
    const metrics = await (await fetch(`${worker.address}/metrics`)).text();
    expect(metrics).toContain('cot_monitor_kafka_records_total{result="stored"} 2');
    expect(await worker.kill('SIGTERM')).toBe(0);
    expect(await api.kill('SIGTERM')).toBe(0);
  }, 240_000);

  it('a worker without its brokers is not ready, an API is', async () => {
    const config = kafkaConfig(['127.0.0.1:1']);
    const { url } = await openDatabase();
    const settings = environment(config, url);
    const [api, worker] = await Promise.all(
      ['api', 'worker'].map((ROLE) => startService({ ...settings, ROLE, LOG_LEVEL: 'silent' })),
    );
    expect((await api!.get('/readyz')).status).toBe(200);
    expect(await worker!.get('/readyz')).toMatchObject({ status: 503, body: { status: 'unavailable' } });
    expect((await worker!.get('/livez')).status).toBe(200);
  }, 240_000);

  it('a start that may not migrate is refused until somebody did', async () => {
    const { url } = await openDatabase();
    const settings = { DATABASE_URL: url, DATABASE_MIGRATE: 'false', DETECTORS: 'heuristics' };
    const refused = await runToEnd(settings);
    expect(refused).toMatchObject({ code: 2, output: expect.stringContaining('store_older') });
    const migrated = await runToEnd(settings, 'migrate');
    expect(migrated).toMatchObject({ code: 0, output: expect.stringContaining('up to date') });
    const service = await startService(settings);
    expect((await service.post(sampleTrace(0))).status).toBe(200);
  }, 240_000);
});
