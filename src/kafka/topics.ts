import type { Admin } from 'kafkajs';
import type { KafkaConfig } from '../config/kafka.ts';
import { CodedError } from '../domain/errors.ts';
import type { Logger } from '../observe/log.ts';
import { explainKafkaError } from './errors.ts';

export interface TopicPlan {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Room for key, headers and framing beside a value, in bytes. */
const FRAMING = 64 * 1024;

/** The topics that a configuration names, with the settings that those which we create are given. */
export const topicPlans = (config: KafkaConfig, maxBodyBytes: number): TopicPlan[] => {
  const { traces, alerts, quarantine, verdicts } = config.topics;
  return [
    { name: traces, settings: { 'max.message.bytes': String(maxBodyBytes + FRAMING) } },
    { name: alerts, settings: {} },
    // Takes whatever the traces topic took, and the headers that say why.
    { name: quarantine, settings: { 'max.message.bytes': String(maxBodyBytes + 2 * FRAMING) } },
    ...(verdicts === undefined ? [] : [{ name: verdicts, settings: {} }]),
  ];
};

interface TopicAdmin {
  listTopics: Admin['listTopics'];
  createTopics: Admin['createTopics'];
}

export interface TopicOptions {
  readonly create: boolean;
  readonly partitions: number;
  readonly replication: number;
}

/**
 * Sees to it that every topic is there. Topics that exist are left as they are.
 * @throws CodedError `invalid_config` that names the topic and what to do.
 */
export const ensureTopics = async (
  admin: TopicAdmin,
  plans: readonly TopicPlan[],
  options: TopicOptions,
  log: Logger,
): Promise<void> => {
  const present = new Set(await admin.listTopics());
  for (const { name, settings } of plans.filter((plan) => !present.has(plan.name))) {
    if (!options.create) {
      throw new CodedError(
        'invalid_config',
        `The topic ${name} does not exist: create it, or set KAFKA_CREATE_TOPICS=true.`,
      );
    }
    try {
      const created = await admin.createTopics({
        waitForLeaders: true,
        topics: [
          {
            topic: name,
            numPartitions: options.partitions,
            replicationFactor: options.replication,
            configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
          },
        ],
      });
      if (created) log.info({ component: 'kafka', topic: name, count: options.partitions }, 'topic created');
    } catch (cause) {
      const why = explainTopicError(cause);
      throw new CodedError(
        'invalid_config',
        `The topic ${name} could not be created (${why}): create it yourself, or mend KAFKA_TOPIC_PARTITIONS and KAFKA_TOPIC_REPLICATION.`,
        { cause },
      );
    }
  }
};

/** kafkajs reports several refusals as one error with a list. */
const explainTopicError = (error: unknown): string => {
  const inner: unknown = error instanceof Error ? ((error as { errors?: unknown[] }).errors?.[0] ?? error) : error;
  return explainKafkaError(inner);
};
