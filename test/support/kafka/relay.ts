import { onTestFinished } from 'vitest';
import { createAckedProducer } from '../../../src/kafka/producer.ts';
import { createKafkaSink } from '../../../src/publish/kafka-sink.ts';
import { createRelay } from '../../../src/publish/relay.ts';
import { clientOf, kafkaConfig, seenMetrics, silent } from './fixture.ts';
import { memoryOutbox } from './outbox.ts';

/** A running relay from an outbox in memory to real brokers. Stopped when the test ends. */
export const relayTo = (brokers: readonly string[]) => {
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
