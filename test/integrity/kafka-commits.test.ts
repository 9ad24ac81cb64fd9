import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import {
  clientOf,
  committedOffsets,
  createTopics,
  FAST,
  kafkaConfig,
  numbered,
  numberOf,
  produce,
  startConsumer,
  until,
} from '../support/kafka/fixture.ts';
import { describeKafka, sharedKafka } from '../support/kafka/suite.ts';
import { startVictim } from '../support/kafka/victim-process.ts';

const kafka = await sharedKafka();

describeKafka(kafka, 'Kafka commits', ({ brokers }) => {
  it('commits the end of the partition once everything is durable, and a restart reads nothing again', async () => {
    const config = kafkaConfig(brokers);
    await createTopics(config);
    await produce(config, numbered(300), true);
    const seen: number[] = [];
    const first = startConsumer(config, async (submission) => void seen.push(numberOf(submission)));
    await until(async () => (await committedOffsets(config)).get(0) === 300, 'offset 300');
    await first.stop(5_000);
    expect([...seen].sort((a, b) => a - b)).toEqual(numbered(300).map((_, i) => i));

    const again: number[] = [];
    const second = startConsumer(config, async (submission) => void again.push(numberOf(submission)));
    onTestFinished(() => second.stop(5_000));
    await produce(config, numbered(1, 300));
    await until(() => again.length > 0, 'the new record');
    expect(again).toEqual([300]);
  });

  it('never commits past a record that is still in the pipeline, however many after it are durable', async () => {
    const config = kafkaConfig(brokers, { concurrency: 16 });
    await createTopics(config);
    await produce(config, numbered(10));
    const stuck = Promise.withResolvers<void>();
    const done: number[] = [];
    const consumer = startConsumer(config, async (submission) => {
      const n = numberOf(submission);
      if (n === 4) await stuck.promise;
      // Later ones finish first.
      else await wait(40 - 4 * n);
      done.push(n);
    });
    onTestFinished(() => consumer.stop(5_000));
    await until(() => done.length === 9, 'all but one');
    await until(async () => (await committedOffsets(config)).get(0) === 4, 'offset 4');
    await wait(6 * FAST.commitMs);
    expect((await committedOffsets(config)).get(0)).toBe(4);
    expect(done).not.toEqual([...done].sort((a, b) => a - b));
    stuck.resolve();
    await until(async () => (await committedOffsets(config)).get(0) === 10, 'offset 10');
  });

  it('delivers again what was durable but not committed when the process was killed', async () => {
    const config = kafkaConfig(brokers);
    await createTopics(config);
    await produce(config, numbered(50));
    const victim = await startVictim(config, { commitMs: 3_600_000 });
    await until(async () => (await victim.durable()).length === 50, '50 durable records');
    await victim.kill();
    expect(await committedOffsets(config)).toEqual(new Map());

    const again = new Set<number>();
    const consumer = startConsumer(config, async (submission) => void again.add(numberOf(submission)));
    onTestFinished(() => consumer.stop(5_000));
    await until(() => again.size === 50, 'every record again');
  });

  it('loses nothing when the process is killed in the middle, and commits nothing that was not durable', async () => {
    const config = kafkaConfig(brokers, { partitions: 3 });
    await createTopics(config);
    await produce(config, numbered(900, 0, 3));
    const victim = await startVictim(config, { commitMs: 20, workMs: 15 });
    await until(async () => (await victim.durable()).length > 200, 'some durable records');
    await victim.kill();
    const durable = new Set(await victim.durable());
    for (const [partition, offset] of await committedOffsets(config)) {
      // Record n went to partition n mod 3 as its (n div 3)th.
      const below = Array.from({ length: offset }, (_, i) => 3 * i + partition);
      expect(below.filter((n) => !durable.has(n))).toEqual([]);
    }
    const consumer = startConsumer(config, async (submission) => void durable.add(numberOf(submission)));
    onTestFinished(() => consumer.stop(5_000));
    await until(() => durable.size === 900, 'every record');
  });

  it('bounds the records in the pipeline per partition, and what it buffers, while the pipeline is slow', async () => {
    const config = kafkaConfig(brokers, { partitions: 2, concurrency: 4 });
    await createTopics(config);
    await produce(config, numbered(400, 0, 2));
    const inFlight = new Map<number, number>();
    let most = 0;
    let finished = 0;
    const gate = Promise.withResolvers<void>();
    const consumer = startConsumer(config, async (submission) => {
      const partition = numberOf(submission) % 2;
      const now = (inFlight.get(partition) ?? 0) + 1;
      inFlight.set(partition, now);
      most = Math.max(most, now);
      await gate.promise;
      inFlight.set(partition, inFlight.get(partition)! - 1);
      finished += 1;
    });
    onTestFinished(() => consumer.stop(5_000));
    await until(() => (inFlight.get(0) ?? 0) + (inFlight.get(1) ?? 0) === 8, 'both partitions full');
    await wait(1_000);
    expect(most).toBe(4);
    expect(consumer.health()).toEqual({ ok: true });
    gate.resolve();
    await until(() => finished === 400, 'all records');
    expect(most).toBe(4);
    await until(async () => [...(await committedOffsets(config)).values()].join() === '200,200', 'both ends');
  });

  it('lets a full partition hold up no other', async () => {
    const config = kafkaConfig(brokers, { partitions: 2, concurrency: 2 });
    await createTopics(config);
    await produce(config, numbered(100, 0, 2));
    const gate = Promise.withResolvers<void>();
    const consumer = startConsumer(config, async (submission) => {
      if (numberOf(submission) % 2 === 0) await gate.promise;
    });
    onTestFinished(async () => {
      gate.resolve();
      await consumer.stop(5_000);
    });
    await until(async () => (await committedOffsets(config)).get(1) === 50, 'the other partition');
    await produce(config, numbered(100, 100, 2));
    await until(async () => (await committedOffsets(config)).get(1) === 100, 'the other partition again');
    expect((await committedOffsets(config)).get(0) ?? 0).toBe(0);
  });

  it('passes transaction markers, so that an idle group does not seem to lag', async () => {
    const config = kafkaConfig(brokers);
    await createTopics(config);
    const producer = clientOf(config).producer({
      transactionalId: config.groupId,
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    onTestFinished(() => producer.disconnect());
    const seen: number[] = [];
    const consumer = startConsumer(config, async (submission) => void seen.push(numberOf(submission)));
    onTestFinished(() => consumer.stop(5_000));
    for (const end of ['commit', 'abort', 'commit'] as const) {
      const transaction = await producer.transaction();
      const [record] = numbered(1, end === 'commit' ? 1 : 2);
      await transaction.send({ topic: config.topics.traces, messages: [record!] });
      await transaction[end]();
    }
    // Three records and three markers.
    await until(async () => (await committedOffsets(config)).get(0) === 6, 'offset 6');
    expect(seen).toEqual([1, 1]);
    await until(() => consumer.seen.gauge('cot_monitor_kafka_consumer_lag', { partition: '0' }) === 0, 'no lag');
  });

  it('waits at stop for the records in the pipeline, commits them, and starts no others', async () => {
    const config = kafkaConfig(brokers, { concurrency: 3 });
    await createTopics(config);
    await produce(config, numbered(20));
    const started: number[] = [];
    const consumer = startConsumer(config, async (submission) => {
      started.push(numberOf(submission));
      await wait(300);
    });
    await until(() => started.length === 3, 'three in the pipeline');
    await consumer.stop(10_000);
    expect(started).toEqual([0, 1, 2]);
    expect((await committedOffsets(config)).get(0)).toBe(3);
    expect(consumer.health().ok).toBe(false);
  });
});
