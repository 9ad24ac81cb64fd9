import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import kafkajs, { type IHeaders, type Kafka, type KafkaMessage } from 'kafkajs';
import type { KafkaConfig } from '../../../src/config/kafka.ts';
import { createTraceConsumer, type TraceConsumer, type TraceConsumerDeps } from '../../../src/ingest/consumer.ts';
import type { Timing } from '../../../src/ingest/timing.ts';
import { createKafka } from '../../../src/kafka/client.ts';
import type { Logger } from '../../../src/observe/log.ts';
import type { Metrics } from '../../../src/observe/metrics.ts';
import type { Submission } from '../../../src/pipeline.ts';

export const silent: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};

/** The production waits, shortened. */
export const FAST: Timing = {
  sessionMs: 6_000,
  heartbeatMs: 300,
  fetchWaitMs: 100,
  patienceMs: 100,
  commitMs: 50,
  lagMs: 300,
  closeMs: 3_000,
  reconnect: { initialMs: 50, maxMs: 1_000 },
  retry: { initialMs: 20, maxMs: 200 },
};

/** Topics and group of their own, so that suites can share a broker. */
export const kafkaConfig = (brokers: readonly string[], overrides: Partial<KafkaConfig> = {}): KafkaConfig => {
  const name = randomUUID().slice(0, 8);
  return {
    brokers,
    clientId: 'test',
    groupId: `group-${name}`,
    topics: {
      traces: `traces-${name}`,
      alerts: `alerts-${name}`,
      quarantine: `quarantine-${name}`,
      verdicts: undefined,
    },
    tenant: 'default',
    tenantHeader: undefined,
    createTopics: true,
    partitions: 1,
    replication: 1,
    fromBeginning: true,
    concurrency: 8,
    stallMs: 60_000,
    tls: undefined,
    sasl: undefined,
    ...overrides,
  };
};

export interface SeenMetrics {
  readonly metrics: Pick<Metrics, 'count' | 'observe' | 'set' | 'reset'>;
  counted(name: string, labels?: Readonly<Record<string, string>>): number;
  gauge(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
  observed(name: string, labels?: Readonly<Record<string, string>>): readonly number[];
}

const seriesOf = (name: string, labels: Readonly<Record<string, string>> = {}): string =>
  `${name}${JSON.stringify(labels)}`;

export const seenMetrics = (): SeenMetrics => {
  const counters = new Map<string, number>();
  const gauges = new Map<string, number>();
  const observed = new Map<string, readonly number[]>();
  return {
    metrics: {
      count: (name, labels, by = 1) => {
        const series = seriesOf(name, labels);
        counters.set(series, (counters.get(series) ?? 0) + by);
      },
      observe: (name, value, labels) => {
        const series = seriesOf(name, labels);
        observed.set(series, [...(observed.get(series) ?? []), value]);
      },
      set: (name, value, labels) => void gauges.set(seriesOf(name, labels), value),
      reset: (name) => {
        for (const series of gauges.keys()) if (series.startsWith(name)) gauges.delete(series);
      },
    },
    counted: (name, labels) => counters.get(seriesOf(name, labels)) ?? 0,
    gauge: (name, labels) => gauges.get(seriesOf(name, labels)),
    observed: (name, labels) => observed.get(seriesOf(name, labels)) ?? [],
  };
};

/** Polls until it holds. The bound is a safety net, not a promise. */
export const until = async (
  holds: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 60_000,
): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`did not come about: ${what}`);
    await wait(20);
  }
};

export interface ConsumerUnderTest extends TraceConsumer {
  readonly seen: SeenMetrics;
}

export const startConsumer = (
  config: KafkaConfig,
  process: TraceConsumerDeps['process'],
  overrides: Partial<TraceConsumerDeps> = {},
): ConsumerUnderTest => {
  const seen = seenMetrics();
  const consumer = createTraceConsumer({
    kafka: createKafka(config, silent),
    config,
    maxBodyBytes: 64 * 1024,
    process,
    storeHealthy: async () => true,
    log: silent,
    metrics: seen.metrics,
    clock: () => new Date(),
    timing: FAST,
    ...overrides,
  });
  consumer.start();
  return { ...consumer, seen };
};

/** The `n` of the test records `{"n":…}`. */
export const numberOf = ({ payload }: Submission): number => (payload as { n: number }).n;

export interface TestRecord {
  readonly value: string | Buffer | null;
  readonly key?: string | Buffer;
  readonly partition?: number;
  readonly headers?: IHeaders;
}

export const numbered = (count: number, from = 0, partitions = 1): TestRecord[] =>
  Array.from({ length: count }, (_, i) => ({
    value: JSON.stringify({ n: from + i }),
    key: `key-${from + i}`,
    partition: i % partitions,
  }));

export const clientOf = (config: KafkaConfig): Kafka => createKafka(config, silent);

export const createTopics = async (config: KafkaConfig, settings: Record<string, string> = {}): Promise<void> => {
  const admin = clientOf(config).admin();
  await admin.connect();
  const { traces, alerts, quarantine, verdicts } = config.topics;
  const names = [traces, alerts, quarantine, ...(verdicts === undefined ? [] : [verdicts])];
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  await admin.createTopics({
    topics: names.map((topic) => ({ topic, numPartitions: config.partitions, configEntries })),
  });
  await admin.disconnect();
};

export const produce = async (config: KafkaConfig, records: readonly TestRecord[], gzip = false): Promise<void> => {
  // Idempotent, as a partition whose leader is not known yet makes kafkajs send the others' records a second time.
  const producer = clientOf(config).producer({ allowAutoTopicCreation: false, idempotent: true });
  await producer.connect();
  const compression = gzip ? kafkajs.CompressionTypes.GZIP : kafkajs.CompressionTypes.None;
  await producer.send({ topic: config.topics.traces, messages: [...records], compression });
  await producer.disconnect();
};

/** Committed offset by partition; partitions without one are left out. */
export const committedOffsets = async (config: KafkaConfig): Promise<Map<number, number>> => {
  const admin = clientOf(config).admin();
  await admin.connect();
  const topics = await admin
    .fetchOffsets({ groupId: config.groupId, topics: [config.topics.traces] })
    // Right after a restart the coordinator is still loading.
    .catch(() => [])
    .finally(() => admin.disconnect());
  const partitions = topics.flatMap((topic) => topic.partitions);
  return new Map(partitions.filter((p) => p.offset !== '-1').map((p) => [p.partition, Number(p.offset)]));
};

export const totalCommitted = async (config: KafkaConfig): Promise<number> =>
  [...(await committedOffsets(config)).values()].reduce((sum, offset) => sum + offset, 0);

/** How many records were ever written to a topic. */
export const topicLength = async (config: KafkaConfig, topic: string): Promise<number> => {
  const admin = clientOf(config).admin();
  await admin.connect();
  try {
    return (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0);
  } finally {
    await admin.disconnect();
  }
};

/** The first `count` records of a topic. */
export const readTopic = async (config: KafkaConfig, topic: string, count: number): Promise<KafkaMessage[]> => {
  const consumer = clientOf(config).consumer({ groupId: `reader-${randomUUID()}`, maxWaitTimeInMs: 100 });
  const messages: KafkaMessage[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => void messages.push(message) });
  try {
    await until(() => messages.length >= count, `${count} records on ${topic}`);
  } finally {
    await consumer.disconnect();
  }
  return messages;
};
