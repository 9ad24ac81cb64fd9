import pg from 'pg';
import { expect, onTestFinished } from 'vitest';
import type { KafkaConfig } from '../../src/config/kafka.ts';
import type { Alert } from '../../src/domain/alert.ts';
import { createTopics, kafkaConfig, produce, readTopic, topicLength, totalCommitted, until } from './kafka/fixture.ts';
import { freshDatabase } from './postgres.ts';
import { isAlerting, sampleTrace } from './sample-traces.ts';
import { startService } from './service.ts';

// The real service between a real broker and a real database.

export const environment = (config: KafkaConfig, url: string): Record<string, string> => ({
  DATABASE_URL: url,
  KAFKA_BROKERS: config.brokers.join(','),
  // What is asked here is about records, not about detection.
  DETECTORS: 'heuristics',
  // A machine under load must not turn an alert into a timeout.
  DETECT_DEADLINE_MS: '60000',
  KAFKA_GROUP_ID: config.groupId,
  KAFKA_TRACES_TOPIC: config.topics.traces,
  KAFKA_ALERTS_TOPIC: config.topics.alerts,
  KAFKA_QUARANTINE_TOPIC: config.topics.quarantine,
});

export const openDatabase = async (): Promise<{ url: string; count: (sql: string) => Promise<number> }> => {
  const database = await freshDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on('error', () => {});
  onTestFinished(async () => {
    await pool.end();
    await database.drop();
  });
  return { url: database.url, count: async (sql) => Number((await pool.query(sql)).rows[0].n) };
};

export const record = (n: number) => ({ value: JSON.stringify(sampleTrace(n)), key: `conversation-${n % 40}` });

/**
 * Kills the service at even distances while it works through the records, lets the last one finish, and holds what is in
 * the database and on the alerts topic against what was sent: nothing lost, nothing twice by id.
 */
export const killInTheMiddle = async (
  brokers: readonly string[],
  { total, kills }: { readonly total: number; readonly kills: number },
): Promise<void> => {
  const config = kafkaConfig(brokers, { partitions: 4 });
  const { url, count } = await openDatabase();
  await createTopics(config);
  const CHUNK = 1_000;
  for (let from = 0; from < total; from += CHUNK) {
    await produce(
      config,
      Array.from({ length: Math.min(CHUNK, total - from) }, (_, i) => record(from + i)),
    );
  }
  const verdicts = (): Promise<number> => count('select count(*) n from verdicts').catch(() => 0);

  for (let kill = 1; kill <= kills; kill++) {
    const victim = await startService(environment(config, url));
    const mark = (total * (2 * kill - 1)) / (2 * kills + 1);
    await until(async () => (await verdicts()) >= mark, `${Math.round(mark)} verdicts`, 120_000);
    await victim.kill('SIGKILL');
    expect(await verdicts()).toBeLessThan(total);
  }
  const survivor = await startService(environment(config, url));
  await until(async () => (await totalCommitted(config)) === total, 'every offset committed', 180_000);
  await until(async () => (await count('select count(*) n from outbox')) === 0, 'an empty outbox', 60_000);

  expect(await verdicts()).toBe(total);
  expect(await count('select count(distinct trace_id) n from verdicts')).toBe(total);
  const expected = Array.from({ length: total }, (_, n) => n)
    .filter(isAlerting)
    .map((n) => `trace-${n}`);
  expect(await count('select count(*) n from flags')).toBe(expected.length);

  // At least once on the wire, so that a killed relay leaves repeats; once by id.
  const written = await topicLength(config, config.topics.alerts);
  const messages = await readTopic(config, config.topics.alerts, written);
  const alerts = new Map<string, Alert>();
  for (const message of messages) {
    const alert = JSON.parse(message.value!.toString()) as Alert;
    expect(alerts.get(alert.alertId)?.traceId ?? alert.traceId).toBe(alert.traceId);
    alerts.set(alert.alertId, alert);
  }
  expect([...alerts.values()].map((a) => a.traceId).sort()).toEqual(expected.sort());
  expect(messages.map((m) => m.value!.toString()).join('')).not.toContain('audit logging');
  expect(await survivor.kill('SIGTERM')).toBe(0);
};
