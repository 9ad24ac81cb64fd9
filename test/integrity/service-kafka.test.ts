import { setTimeout as wait } from 'node:timers/promises';
import type { KafkaMessage } from 'kafkajs';
import pg from 'pg';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import type { KafkaConfig } from '../../src/config/config.ts';
import type { Alert } from '../../src/domain/alert.ts';
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
import { freshDatabase, startPostgres } from '../support/postgres.ts';
import { isAlerting, sampleTrace } from '../support/sample-traces.ts';
import { startService } from '../support/service.ts';

const kafka = await sharedKafka();
beforeAll(async () => {
  const postgres = await startPostgres();
  return () => postgres.stop();
});

const environment = (config: KafkaConfig, url: string): Record<string, string> => ({
  DATABASE_URL: url,
  KAFKA_BROKERS: config.brokers.join(','),
  // What is asked here is about records, not about detection.
  DETECTORS: 'heuristics',
  KAFKA_GROUP_ID: config.groupId,
  KAFKA_TRACES_TOPIC: config.topics.traces,
  KAFKA_ALERTS_TOPIC: config.topics.alerts,
  KAFKA_QUARANTINE_TOPIC: config.topics.quarantine,
});

const openDatabase = async (): Promise<{ url: string; count: (sql: string) => Promise<number> }> => {
  const database = await freshDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on('error', () => {});
  onTestFinished(async () => {
    await pool.end();
    await database.drop();
  });
  return { url: database.url, count: async (sql) => Number((await pool.query(sql)).rows[0].n) };
};

const record = (n: number) => ({ value: JSON.stringify(sampleTrace(n)), key: `conversation-${n % 40}` });

describeKafka(kafka, 'the service on Kafka and PostgreSQL', ({ brokers }) => {
  it('loses no trace and duplicates no alert when it is killed twice in the middle of 2,000 records', async () => {
    const TOTAL = 2_000;
    const config = kafkaConfig(brokers, { partitions: 4 });
    const { url, count } = await openDatabase();
    await createTopics(config);
    await produce(
      config,
      Array.from({ length: TOTAL }, (_, n) => record(n)),
    );
    const verdicts = (): Promise<number> => count('select count(*) n from verdicts').catch(() => 0);

    for (const mark of [TOTAL * 0.2, TOTAL * 0.6]) {
      const victim = await startService(environment(config, url));
      await until(async () => (await verdicts()) >= mark, `${mark} verdicts`, 60_000);
      await victim.kill('SIGKILL');
      expect(await verdicts()).toBeLessThan(TOTAL);
    }
    const survivor = await startService(environment(config, url));
    await until(async () => (await totalCommitted(config)) === TOTAL, 'every offset committed', 90_000);
    await until(async () => (await count('select count(*) n from outbox')) === 0, 'an empty outbox', 30_000);

    expect(await verdicts()).toBe(TOTAL);
    expect(await count('select count(distinct trace_id) n from verdicts')).toBe(TOTAL);
    const expected = Array.from({ length: TOTAL }, (_, n) => n)
      .filter(isAlerting)
      .map((n) => `trace-${n}`);
    expect(await count('select count(*) n from flags')).toBe(expected.length);

    // At least once on the wire; once by id.
    const messages = await readTopic(config, config.topics.alerts, expected.length);
    const alerts = new Map<string, Alert>();
    for (const message of messages) {
      const alert = JSON.parse(message.value!.toString()) as Alert;
      expect(alerts.get(alert.alertId)?.traceId ?? alert.traceId).toBe(alert.traceId);
      alerts.set(alert.alertId, alert);
    }
    expect([...alerts.values()].map((a) => a.traceId).sort()).toEqual(expected.sort());
    expect(messages.map((m) => m.value!.toString()).join('')).not.toContain('audit logging');
    expect(await survivor.kill('SIGTERM')).toBe(0);
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
