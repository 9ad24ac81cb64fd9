import { randomBytes } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { createAckedProducer } from '../../src/kafka/producer.ts';
import { createKafkaSink } from '../../src/publish/kafka-sink.ts';
import { createRelay } from '../../src/publish/relay.ts';
import {
  clientOf,
  createTopics,
  kafkaConfig,
  readTopic,
  seenMetrics,
  silent,
  until,
} from '../support/kafka/fixture.ts';
import { memoryOutbox, outgoing } from '../support/kafka/outbox.ts';
import { describeKafka, sharedKafka } from '../support/kafka/suite.ts';

const kafka = await sharedKafka({ own: true });

const relayTo = (brokers: readonly string[]) => {
  const base = kafkaConfig(brokers, { partitions: 3 });
  const config = { ...base, topics: { ...base.topics, verdicts: `verdicts-${base.groupId}` } };
  const outbox = memoryOutbox();
  const seen = seenMetrics();
  const producer = createAckedProducer(clientOf(config));
  const relay = createRelay({
    source: outbox,
    sink: createKafkaSink({ producer, topics: config.topics, log: silent }),
    log: silent,
    metrics: seen.metrics,
    clock: () => new Date(),
    intervalMs: 100,
    backoff: { initialMs: 20, maxMs: 200 },
  });
  relay.start();
  onTestFinished(async () => {
    await relay.stop();
    await producer.close();
  });
  return { config, outbox, seen, relay };
};

describeKafka(kafka, 'Kafka publishing', ({ brokers, kill, restart }) => {
  it('puts alerts and verdicts on their topics, keyed by conversation, with id, schema and content type', async () => {
    const { config, outbox, relay, seen } = relayTo(brokers);
    await createTopics(config);
    outbox.add(outgoing('1', 'alert', 'c-1'), outgoing('2', 'verdict', 'c-1'), outgoing('3', 'alert', 'c-2'));
    relay.notify();
    const alerts = await readTopic(config, config.topics.alerts, 2);
    const verdicts = await readTopic(config, config.topics.verdicts, 1);
    const shown = [...alerts, ...verdicts].map(({ key, value, headers }) => ({
      key: key?.toString(),
      value: JSON.parse(value!.toString()) as unknown,
      headers: Object.fromEntries(Object.entries(headers ?? {}).map(([k, v]) => [k, v?.toString()])),
    }));
    shown.sort((a, b) => Number(a.headers.id) - Number(b.headers.id));
    const type = { 'content-type': 'application/json' };
    expect(shown).toEqual([
      { key: 'c-1', value: { of: '1' }, headers: { id: '1', schema: 'cot-monitor.alert.v1', ...type } },
      { key: 'c-1', value: { of: '2' }, headers: { id: '2', schema: 'cot-monitor.verdict.v1', ...type } },
      { key: 'c-2', value: { of: '3' }, headers: { id: '3', schema: 'cot-monitor.alert.v1', ...type } },
    ]);
    await until(() => outbox.depth() === 0, 'an empty outbox');
    expect(seen.counted('cot_monitor_outbox_published_total', { kind: 'alert' })).toBe(2);
  });

  it('publishes a message that only fits when compressed, and one that never fits holds up no other', async () => {
    const { config, outbox, relay } = relayTo(brokers);
    await createTopics(config);
    const large = (id: string, text: string) => ({ ...outgoing(id, 'alert'), payload: JSON.stringify(text) });
    outbox.add(
      outgoing('1', 'alert'),
      large('2', randomBytes(1_500_000).toString('base64')),
      large('3', 'a'.repeat(3_000_000)),
      outgoing('4', 'alert'),
    );
    relay.notify();
    const seen = await readTopic(config, config.topics.alerts, 3);
    expect(seen.map((m) => m.headers?.id?.toString()).sort()).toEqual(['1', '3', '4']);
    await until(() => outbox.depth() === 1, 'all but one published');
    expect(relay.health().ok).toBe(false);
  });

  it('retries until the broker is back, and loses nothing', async () => {
    const { config, outbox, relay, seen } = relayTo(brokers);
    await createTopics(config);
    outbox.add(outgoing('1', 'alert', 'c-1'));
    await until(() => outbox.depth() === 0, 'the first');
    await kill();
    outbox.add(...Array.from({ length: 20 }, (_, i) => outgoing(String(10 + i), 'alert', `c-${i}`)));
    relay.notify();
    await until(() => !relay.health().ok, 'the outage being noticed');
    expect(outbox.depth()).toBe(20);
    await restart();
    await until(() => outbox.depth() === 0, 'an empty outbox');
    expect(relay.health()).toEqual({ ok: true });
    expect(seen.counted('cot_monitor_outbox_errors_total')).toBeGreaterThan(0);
    const ids = (await readTopic(config, config.topics.alerts, 21)).map((m) => m.headers?.id?.toString());
    expect(new Set(ids).size).toBe(21);
  });
});
