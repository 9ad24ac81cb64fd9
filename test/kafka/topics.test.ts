import { describe, expect, it } from 'vitest';
import { ensureTopics, topicPlans } from '../../src/kafka/topics.ts';
import { kafkaConfig, silent } from '../support/kafka/fixture.ts';

const OPTIONS = { create: true, partitions: 6, replication: 3 };

const adminWith = (present: string[], refuse?: Error) => {
  const created: { topic: string; numPartitions?: number; replicationFactor?: number; configEntries?: unknown }[] = [];
  const admin = {
    listTopics: async () => present,
    createTopics: async ({ topics }: { topics: typeof created }) => {
      if (refuse !== undefined) throw refuse;
      created.push(...topics);
      return true;
    },
  };
  return { admin, created };
};

describe('topics', () => {
  it('are created where missing, as configured, and left alone where present', async () => {
    const config = kafkaConfig([]);
    const { admin, created } = adminWith([config.topics.alerts]);
    await ensureTopics(admin, topicPlans(config, 1_000_000), OPTIONS, silent);
    expect(created.map(({ topic }) => topic)).toEqual([config.topics.traces, config.topics.quarantine]);
    expect(created[0]).toMatchObject({ numPartitions: 6, replicationFactor: 3 });
    expect(created[0]!.configEntries).toEqual([{ name: 'max.message.bytes', value: '1065536' }]);
  });

  it('give the quarantine room for whatever the traces topic takes', () => {
    const [traces, , quarantine] = topicPlans(kafkaConfig([]), 1_000);
    const limit = (settings: Readonly<Record<string, string>>): number => Number(settings['max.message.bytes']);
    expect(limit(quarantine!.settings)).toBeGreaterThan(limit(traces!.settings));
  });

  it('are named, with the fix, where they may not be created or the brokers refuse', async () => {
    const config = kafkaConfig([]);
    const plans = topicPlans(config, 1_000);
    const { admin } = adminWith([]);
    await expect(ensureTopics(admin, plans, { ...OPTIONS, create: false }, silent)).rejects.toThrow(
      new RegExp(`${config.topics.traces}.*KAFKA_CREATE_TOPICS`),
    );
    const refusal = Object.assign(new Error('x'), {
      errors: [Object.assign(new Error('Replication-factor is invalid'), { name: 'KafkaJSCreateTopicError' })],
    });
    const refused = adminWith([], refusal);
    await expect(ensureTopics(refused.admin, plans, OPTIONS, silent)).rejects.toThrow(
      /Replication-factor is invalid.*KAFKA_TOPIC_REPLICATION/,
    );
  });
});
