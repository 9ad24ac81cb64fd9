import type { Config } from '../config/config.ts';
import type { KafkaConfig } from '../config/kafka.ts';
import type { Clock } from '../domain/clock.ts';
import { createTraceConsumer } from '../ingest/consumer.ts';
import { createKafka } from '../kafka/client.ts';
import { createAckedProducer } from '../kafka/producer.ts';
import type { HealthSource } from '../observe/health.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Pipeline } from '../pipeline.ts';
import { createKafkaSink } from '../publish/kafka-sink.ts';
import { createRelay } from '../publish/relay.ts';
import type { OpenStore } from '../record/store.ts';
import type { Releasers } from '../releasers.ts';

// Kafka in and out: the consumer of traces and the relay of messages.

export interface KafkaTier {
  readonly parts: readonly HealthSource[];
  readonly progress: readonly HealthSource[];
  /** There may be something in the outbox. */
  notify(): void;
  start(): void;
}

export interface KafkaTierDeps {
  readonly config: Pick<Config, 'role' | 'http' | 'drainTimeoutMs'>;
  readonly kafka: KafkaConfig;
  readonly store: OpenStore;
  readonly process: Pipeline['process'];
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Connects nowhere before `start`. */
export const createKafkaTier = (deps: KafkaTierDeps, releasers: Releasers): KafkaTier => {
  const { config, store, metrics, log, clock } = deps;
  const kafka = createKafka(deps.kafka, log);
  const producer = createAckedProducer(kafka);
  releasers.add('producer', producer.close);
  const sink = createKafkaSink({ producer, topics: deps.kafka.topics, log });
  const outgoing = createRelay({ source: store.outbox, sink, log, metrics, clock });
  releasers.add('relay', outgoing.stop);
  const incoming = createTraceConsumer({
    kafka,
    config: deps.kafka,
    maxBodyBytes: config.http.maxBodyBytes,
    process: (submission, { source }) => deps.process(submission, source),
    storeHealthy: () => store.ping().then(() => true),
    log,
    metrics,
    clock,
  });
  return {
    parts: [
      // A worker has nothing to do without its brokers; beside REST they can be missed for a while.
      { name: 'kafka', required: config.role === 'worker', check: incoming.health },
      { name: 'relay', required: false, check: outgoing.health },
    ],
    progress: [{ name: 'kafka', required: true, check: incoming.liveness }],
    notify: outgoing.notify,
    start: () => {
      outgoing.start();
      releasers.add('consumer', () => incoming.stop(config.drainTimeoutMs));
      incoming.start();
    },
  };
};
