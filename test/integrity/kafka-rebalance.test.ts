import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import {
  createTopics,
  kafkaConfig,
  numbered,
  numberOf,
  produce,
  startConsumer,
  totalCommitted,
  until,
} from '../support/kafka/fixture.ts';
import { describeKafka, sharedKafka } from '../support/kafka/suite.ts';

const kafka = await sharedKafka();

const COUNT = 1_200;

describeKafka(kafka, 'Kafka rebalances', ({ brokers }) => {
  it('processes every record at least once while members come and go, and the commits reach the end', async () => {
    const config = kafkaConfig(brokers, { partitions: 6, concurrency: 4 });
    await createTopics(config);
    await produce(config, numbered(COUNT / 2, 0, 6));
    const seen = new Map<number, string[]>();
    const inFlight = new Map<string, number>();
    let most = 0;
    const member = (name: string) =>
      startConsumer(config, async (submission) => {
        const n = numberOf(submission);
        const slot = `${name}/${n % 6}`;
        inFlight.set(slot, (inFlight.get(slot) ?? 0) + 1);
        most = Math.max(most, inFlight.get(slot)!);
        await wait(n % 10);
        inFlight.set(slot, inFlight.get(slot)! - 1);
        seen.set(n, [...(seen.get(n) ?? []), name]);
      });
    const first = member('first');
    onTestFinished(() => first.stop(5_000));
    await until(() => seen.size > 50, 'the first member at work');
    const second = member('second');
    onTestFinished(() => second.stop(5_000));
    await until(() => second.health().ok, 'the second member');
    await produce(config, numbered(COUNT / 2, COUNT / 2, 6));
    await until(() => [...seen.values()].flat().includes('second'), 'the second member at work');
    await first.stop(5_000);
    await until(() => seen.size === COUNT, 'every record');
    await until(async () => (await totalCommitted(config)) === COUNT, 'the ends of all partitions');
    expect(most).toBeLessThanOrEqual(4);
    // At least once; and not so often that the marks must have been forgotten.
    expect([...seen.values()].flat().length).toBeLessThan(2 * COUNT);
    await until(() => second.seen.gauge('cot_monitor_kafka_consumer_lag', { partition: '5' }) === 0, 'no lag');
    expect(first.seen.gauge('cot_monitor_kafka_consumer_lag', { partition: '5' })).toBeUndefined();
  });
});
