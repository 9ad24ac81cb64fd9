import { setTimeout as wait } from 'node:timers/promises';
import type { KafkaMessage } from 'kafkajs';
import { beforeAll, expect, it } from 'vitest';
import {
  clientOf,
  createTopics,
  kafkaConfig,
  produce,
  readTopic,
  totalCommitted,
  until,
} from '../support/kafka/fixture.ts';
import { describeKafka, sharedKafka } from '../support/kafka/suite.ts';
import { startPostgres } from '../support/postgres.ts';
import { sampleTrace } from '../support/sample-traces.ts';
import { startService } from '../support/service.ts';
import { environment, killInTheMiddle, openDatabase, record } from '../support/service-on-kafka.ts';

const kafka = await sharedKafka();
beforeAll(async () => {
  const postgres = await startPostgres();
  return () => postgres.stop();
});

describeKafka(kafka, 'the service on Kafka and PostgreSQL', ({ brokers }) => {
  it('loses no trace and duplicates no alert when it is killed twice in the middle of 2,000 records', async () => {
    await killInTheMiddle(brokers, { total: 2_000, kills: 2 });
  }, 240_000);

  it('redelivery changes nothing: the same records again leave the same verdicts, flags and alerts', async () => {
    const config = kafkaConfig(brokers);
    const { url, count } = await openDatabase();
    await createTopics(config);
    const records = Array.from({ length: 50 }, (_, n) => record(n));
    await produce(config, [...records, ...records]);
    const service = await startService(environment(config, url));
    await until(async () => (await totalCommitted(config)) === 100, 'all 100 offsets', 60_000);
    expect(await count('select count(*) n from verdicts')).toBe(50);
    expect(await count('select count(*) n from flags')).toBe(10);
    expect(await count("select count(*) n from audit_log where kind = 'verdict'")).toBe(50);
    const metrics = await (await fetch(`${service.address}/metrics`)).text();
    expect(metrics).toContain('cot_monitor_duplicates_total{source="kafka"} 50');
  }, 120_000);

  it('a poison record is quarantined with its reason, and its partition goes on', async () => {
    const config = kafkaConfig(brokers);
    const { url } = await openDatabase();
    await createTopics(config);
    const broken = Buffer.from([0x7b, 0xff, 0xfe]);
    await produce(config, [record(1), { value: broken, key: 'k' }, { value: '{"segments":[]}' }, record(2)]);
    const service = await startService(environment(config, url));
    await until(async () => (await totalCommitted(config)) === 4, 'all four offsets', 60_000);
    expect((await service.get('/v1/verdicts/trace-1')).status).toBe(200);
    expect((await service.get('/v1/verdicts/trace-2')).status).toBe(200);
    const header = (m: KafkaMessage, name: string): string => String(m.headers?.[name]);
    const quarantined = await readTopic(config, config.topics.quarantine, 2);
    quarantined.sort((x, y) => Number(header(x, 'offset')) - Number(header(y, 'offset')));
    expect(quarantined[0]!.value).toEqual(broken);
    expect(quarantined.map((m) => header(m, 'code'))).toEqual(['invalid_encoding', 'empty_trace']);
    expect(quarantined.map((m) => header(m, 'offset'))).toEqual(['1', '2']);
  }, 120_000);

  it('stops on SIGTERM with everything it took committed, and starts again where it was', async () => {
    const config = kafkaConfig(brokers);
    const { url, count } = await openDatabase();
    await createTopics(config);
    const first = await startService(environment(config, url));
    await produce(
      config,
      Array.from({ length: 400 }, (_, n) => record(n)),
    );
    await until(async () => (await count('select count(*) n from verdicts')) > 50, 'work in hand', 60_000);
    expect(await first.kill('SIGTERM')).toBe(0);
    expect(await totalCommitted(config)).toBe(await count('select count(*) n from verdicts'));
    await startService(environment(config, url));
    await until(async () => (await totalCommitted(config)) === 400, 'the rest', 60_000);
    expect(await count('select count(*) n from verdicts')).toBe(400);
  }, 180_000);

  it('without brokers at its address REST works, readiness says degraded and why, and nothing is lost', async () => {
    const config = kafkaConfig(['127.0.0.1:9']);
    const { url, count } = await openDatabase();
    const service = await startService(environment(config, url));
    const { status, body } = await service.get('/readyz');
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'degraded', parts: { kafka: { ok: false }, store: { ok: true } } });
    expect((await service.post(sampleTrace(0))).body).toMatchObject({ decision: 'alert' });
    await wait(1_500);
    expect(await count('select count(*) n from outbox')).toBe(1);
    expect((await service.get('/livez')).status).toBe(200);
    expect(await service.kill('SIGTERM')).toBe(0);
    // The alert waits for a broker that answers.
    const there = kafkaConfig(brokers, { topics: config.topics });
    await createTopics(there);
    await startService(environment(there, url));
    expect(await readTopic(there, there.topics.alerts, 1)).toHaveLength(1);
    await clientOf(there).admin().disconnect();
  }, 120_000);
});
