import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { CodedError } from '../../src/domain/errors.ts';
import {
  committedOffsets,
  createTopics,
  FAST,
  kafkaConfig,
  numbered,
  numberOf,
  produce,
  readTopic,
  startConsumer,
  until,
} from '../support/kafka/fixture.ts';
import { outgoing } from '../support/kafka/outbox.ts';
import { relayTo } from '../support/kafka/relay.ts';
import { describeKafka, sharedKafka } from '../support/kafka/suite.ts';
import { freePorts } from '../support/ports.ts';

const kafka = await sharedKafka({ own: true });

const FIRM = { ...FAST, lagMs: 100 };

describeKafka(kafka, 'Kafka outages', ({ brokers, kill, pause, resume, restart }) => {
  it('loses nothing, skips nothing and commits nothing beyond while the store is down', async () => {
    const config = kafkaConfig(brokers, { partitions: 2, stallMs: 500 });
    await createTopics(config);
    await produce(config, numbered(200, 0, 2));
    let down = false;
    const stored = new Set<number>();
    const consumer = startConsumer(
      config,
      async (submission) => {
        await wait(2);
        if (stored.size >= 40 && stored.size < 60) down = true;
        if (down) throw new CodedError('store_unavailable', 'The store cannot be reached.');
        stored.add(numberOf(submission));
      },
      { timing: FIRM, storeHealthy: async () => !down },
    );
    onTestFinished(() => consumer.stop(5_000));
    await until(() => down, 'the outage');
    await wait(300);
    const before = new Set(stored);
    const committed = await committedOffsets(config);
    for (const [partition, offset] of committed) {
      for (let i = 0; i < offset; i++) expect(before).toContain(2 * i + partition);
    }
    await wait(2_000);
    expect(stored).toEqual(before);
    // Known trouble is no stall: a restart of this process would mend nothing.
    expect(consumer.liveness()).toEqual({ ok: true });
    expect(consumer.health()).toEqual({ ok: true });
    expect(consumer.seen.counted('cot_monitor_kafka_records_total', { result: 'quarantined' })).toBe(0);
    // Not below the threshold that brought the outage on.
    for (let n = 1_000; n < 1_030; n++) stored.add(n);
    down = false;
    await until(async () => [...(await committedOffsets(config)).values()].join() === '100,100', 'both ends');
    expect(numbered(200).every((_, n) => stored.has(n))).toBe(true);
  });

  it('does not blame a record for an error nobody foresaw while the store is not healthy', async () => {
    const config = kafkaConfig(brokers);
    await createTopics(config);
    await produce(config, numbered(1));
    let attempts = 0;
    let healthy = false;
    const consumer = startConsumer(
      config,
      async () => {
        attempts += 1;
        if (!healthy) throw new Error('socket hang up');
      },
      { storeHealthy: async () => healthy },
    );
    onTestFinished(() => consumer.stop(5_000));
    await until(() => attempts > 8, 'more attempts than a poison record gets');
    healthy = true;
    await until(async () => (await committedOffsets(config)).get(0) === 1, 'the end');
    expect(consumer.seen.counted('cot_monitor_kafka_records_total', { result: 'quarantined' })).toBe(0);
  });

  it('starts without a broker, says so, and stops at once when told to', async () => {
    const [port] = await freePorts(1);
    const consumer = startConsumer(kafkaConfig([`127.0.0.1:${port}`]), async () => undefined);
    expect(consumer.health().ok).toBe(false);
    await wait(500);
    expect(consumer.health()).toMatchObject({ ok: false, reason: expect.stringMatching(/\w/) });
    expect(consumer.liveness()).toEqual({ ok: true });
    await consumer.stop(1_000);
  });

  it('says which topic is missing where it may not create it, and goes on when it is there', async () => {
    const config = kafkaConfig(brokers, { createTopics: false });
    const seen: number[] = [];
    const consumer = startConsumer(config, async (submission) => void seen.push(numberOf(submission)));
    onTestFinished(() => consumer.stop(5_000));
    await until(() => (consumer.health().reason ?? '').includes(config.topics.traces), 'the reason');
    expect(consumer.health().reason).toContain('KAFKA_CREATE_TOPICS');
    await createTopics(config);
    await produce(config, numbered(1));
    await until(() => seen.length === 1, 'the record');
    expect(consumer.health()).toEqual({ ok: true });
  });

  it('creates missing topics with the configured partitions', async () => {
    const config = kafkaConfig(brokers, { partitions: 5 });
    const consumer = startConsumer(config, async () => undefined);
    onTestFinished(() => consumer.stop(5_000));
    await until(() => consumer.health().ok, 'joined');
    await produce(config, numbered(5, 0, 5));
    await until(async () => (await committedOffsets(config)).size === 5, 'five partitions');
    expect(consumer.seen.gauge('cot_monitor_kafka_connected')).toBe(1);
  });

  it('consumes and publishes on by itself after the broker was killed in the middle and came back', async () => {
    const config = kafkaConfig(brokers, { concurrency: 4 });
    await createTopics(config);
    await produce(config, numbered(600));
    const seen = new Set<number>();
    const consumer = startConsumer(config, async (submission) => {
      await wait(10);
      seen.add(numberOf(submission));
    });
    onTestFinished(() => consumer.stop(5_000));
    const out = relayTo(brokers);
    await createTopics(out.config);
    out.outbox.add(outgoing('1', 'alert', 'c-1'));
    await until(() => out.outbox.depth() === 0, 'the first alert');
    await until(() => seen.size > 50, 'some records');
    await kill();
    out.outbox.add(...Array.from({ length: 20 }, (_, i) => outgoing(String(10 + i), 'alert', `c-${i}`)));
    out.relay.notify();
    await until(() => !consumer.health().ok && !out.relay.health().ok, 'the outage being noticed');
    expect(out.outbox.depth()).toBe(20);
    await restart();
    await until(() => seen.size === 600, 'every record');
    await until(() => out.outbox.depth() === 0, 'an empty outbox');
    await until(() => out.relay.health().ok, 'health of the relay');
    expect(out.seen.counted('cot_monitor_outbox_errors_total')).toBeGreaterThan(0);
    const ids = (await readTopic(out.config, out.config.topics.alerts, 21)).map((m) => m.headers?.id?.toString());
    expect(new Set(ids).size).toBe(21);
    await until(async () => (await committedOffsets(config)).get(0) === 600, 'the end');
    await until(() => consumer.health().ok, 'health');
    expect(consumer.liveness()).toEqual({ ok: true });
  });

  it('says that it hears nothing from a broker that hangs, and recovers when it answers', async () => {
    const config = kafkaConfig(brokers);
    await createTopics(config);
    const seen = new Set<number>();
    const consumer = startConsumer(config, async (submission) => void seen.add(numberOf(submission)));
    onTestFinished(() => consumer.stop(5_000));
    await until(() => consumer.health().ok, 'joined');
    await pause();
    try {
      await until(() => !consumer.health().ok, 'silence being noticed');
      expect(consumer.liveness()).toEqual({ ok: true });
    } finally {
      await resume();
    }
    await produce(config, numbered(3));
    await until(() => seen.size === 3, 'the records');
    await until(() => consumer.health().ok, 'health');
  });

  it('replaces a consumer that stands still, once, before liveness fails', async () => {
    const config = kafkaConfig(brokers, { concurrency: 1, stallMs: 1_000 });
    await createTopics(config);
    await produce(config, numbered(2));
    const never = Promise.withResolvers<void>();
    let deliveries = 0;
    const consumer = startConsumer(
      config,
      async () => {
        deliveries += 1;
        await never.promise;
      },
      { timing: FIRM },
    );
    onTestFinished(() => consumer.stop(100));
    await until(() => deliveries === 1, 'the record that hangs');
    expect(consumer.liveness()).toEqual({ ok: true });
    await until(() => consumer.health().reason?.includes('replaced') === true, 'the replacement');
    expect(consumer.liveness()).toEqual({ ok: true });
    await until(() => !consumer.liveness().ok, 'liveness to fail');
    // What hangs still counts: a new consumer gets no second helping.
    expect(deliveries).toBe(1);
    never.resolve();
    await until(() => consumer.liveness().ok, 'liveness to recover');
    await until(async () => (await committedOffsets(config)).get(0) === 2, 'the end');
  });
});
