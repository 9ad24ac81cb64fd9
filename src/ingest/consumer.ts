import type { Kafka } from 'kafkajs';
import type { KafkaConfig } from '../config/kafka.ts';
import type { Clock } from '../domain/clock.ts';
import { createBackoff, sleep } from '../kafka/backoff.ts';
import { explainKafkaError } from '../kafka/errors.ts';
import { createAckedProducer } from '../kafka/producer.ts';
import { ensureTopics, topicPlans } from '../kafka/topics.ts';
import type { PartHealth } from '../observe/health.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Submission } from '../pipeline.ts';
import { createCommitter } from './committer.ts';
import { createLagMeter } from './lag.ts';
import { createLane } from './lane.ts';
import { createLanes } from './lanes.ts';
import { createProgressWatch } from './progress.ts';
import { createQuarantine } from './quarantine.ts';
import { createRecordHandler } from './record-handler.ts';
import { createSession, type Session } from './session.ts';
import { readSubmission } from './submission.ts';
import { DEFAULT_TIMING, type Timing } from './timing.ts';

// Kafka in: traces topic → pipeline → commit. An offset is committed only when every record below it is durable, as a
// verdict or in the quarantine topic. This file keeps a consumer alive: it opens sessions one after the other, for ever,
// and judges whether they get anywhere. What happens inside one is session.ts; to one partition, lane.ts; to one record,
// record-handler.ts.

export interface TraceConsumerDeps {
  readonly kafka: Kafka;
  readonly config: KafkaConfig;
  readonly maxBodyBytes: number;
  /** Resolves once the verdict is durable. Rejects with a CodedError for what cannot be read or conflicts. */
  readonly process: (submission: Submission, context: { readonly source: 'kafka' }) => Promise<unknown>;
  /** Whether the store answers right now. A rejection counts as no. */
  readonly storeHealthy: () => Promise<boolean>;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'count' | 'observe' | 'set' | 'reset'>;
  readonly clock: Clock;
  readonly timing?: Timing;
}

export interface TraceConsumer {
  /** Returns at once; connects in the background, and keeps trying for as long as it takes. */
  start(): void;
  /** Whether this member is in its group and hears from the brokers. */
  health(): PartHealth;
  /** Not ok when records wait, nothing moves, nobody knows why, and a new consumer did not help. */
  liveness(): PartHealth;
  /** Waits up to `deadlineMs` for the records in the pipeline, commits what is durable, leaves the group. */
  stop(deadlineMs: number): Promise<void>;
}

/** A group member that did not get a heartbeat through for so many of them is not healthy. */
const MISSED_HEARTBEATS = 4;

export const createTraceConsumer = (deps: TraceConsumerDeps): TraceConsumer => {
  const { kafka, config, log, metrics } = deps;
  const timing = deps.timing ?? DEFAULT_TIMING;
  const topic = config.topics.traces;
  const now = (): number => deps.clock().getTime();
  const watch = createProgressWatch(config.stallMs, now());
  const producer = createAckedProducer(kafka);
  const lagMeter = createLagMeter({ kafka, topic, groupId: config.groupId, fromBeginning: config.fromBeginning });
  const stopping = new AbortController();

  let session: Session | undefined;
  let joined = false;
  let lastHeard = now();
  let trouble = 'connecting to the brokers';
  let recreate: PromiseWithResolvers<string> | undefined;
  let supervision: Promise<void> = Promise.resolve();
  let metering: Promise<void> = Promise.resolve();

  const handle = createRecordHandler({
    read: (record) => readSubmission(record, { ...config, maxBodyBytes: deps.maxBodyBytes }),
    process: (submission) => deps.process(submission, { source: 'kafka' }),
    storeHealthy: () => deps.storeHealthy().catch(() => false),
    quarantine: createQuarantine({ producer, topic: config.topics.quarantine, log, metrics }),
    metrics,
    clock: deps.clock,
    backoff: timing.retry,
  });

  const lanes = createLanes((partition) =>
    createLane({
      concurrency: config.concurrency,
      handle,
      onSettled: () => {
        watch.progressed(now());
        committer.touch();
      },
      onHeld: (error) => log.warn({ topic, partition, error }, 'partition held: a record is being retried'),
      onReleased: () => log.info({ topic, partition }, 'partition goes on'),
      onBroken: (error) => log.error({ topic, partition, error }, 'handling of a record broke off'),
    }),
  );

  const committer = createCommitter({
    marks: lanes.marks,
    commit: async (marks) => {
      if (!joined || session === undefined) throw new Error('not in the group');
      await session.commit(marks);
    },
    intervalMs: timing.commitMs,
    onCommitted: () => watch.progressed(now()),
    onFailed: (error) => log.debug({ topic, error, reason: explainKafkaError(error) }, 'offsets not committed yet'),
  });

  const left = (reason: string): void => {
    joined = false;
    trouble = reason;
    lanes.assign([]);
    metrics.set('cot_monitor_kafka_connected', 0);
    metrics.reset('cot_monitor_kafka_consumer_lag');
  };

  const onJoined = (partitions: readonly number[]): void => {
    lanes.assign(partitions);
    committer.forget();
    joined = true;
    lastHeard = now();
    metrics.set('cot_monitor_kafka_connected', 1);
    metrics.reset('cot_monitor_kafka_consumer_lag');
    log.info({ topic, count: partitions.length }, 'joined the consumer group');
  };

  const prepareTopics = async (): Promise<void> => {
    const admin = kafka.admin();
    try {
      await admin.connect();
      const { partitions, replication, createTopics: create } = config;
      await ensureTopics(admin, topicPlans(config, deps.maxBodyBytes), { create, partitions, replication }, log);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  };

  /** One session from open to end. Resolves to why it ended; rejects where it did not come about. */
  const live = async (onOpen: () => void): Promise<string> => {
    await prepareTopics();
    if (stopping.signal.aborted) return 'stopping';
    let opened = false;
    const current = createSession({
      kafka,
      config,
      lanes,
      timing,
      onJoined,
      onRebalancing: () => void committer.flush(),
      onHeartbeat: () => {
        lastHeard = now();
      },
    });
    session = current;
    recreate = Promise.withResolvers();
    try {
      const crash = current.crashed.then(explainKafkaError);
      await current.open();
      opened = !stopping.signal.aborted;
      if (joined) onOpen();
      return await Promise.race([crash, recreate.promise, aborted(stopping.signal)]);
    } finally {
      // An open session is closed by `stop` itself, after its last commit.
      if (!opened || !stopping.signal.aborted) {
        session = undefined;
        await current.close();
      }
    }
  };

  const supervise = async (): Promise<void> => {
    const backoff = createBackoff(timing.reconnect);
    while (!stopping.signal.aborted) {
      let reason: string;
      try {
        reason = await live(backoff.reset);
      } catch (error) {
        reason = explainKafkaError(error);
      }
      if (stopping.signal.aborted) return;
      left(reason);
      const milliseconds = Math.round(backoff.next());
      log.warn({ component: 'kafka', topic, reason, milliseconds }, 'not consuming; trying again');
      await sleep(milliseconds, stopping.signal);
    }
  };

  /** The lag this member answers for: its partitions' while it is in the group, everyone's while it is not. */
  const readLag = async (): Promise<number | null> => {
    try {
      const lags = await lagMeter.read();
      const own = joined ? new Set(lanes.assigned()) : undefined;
      let total = 0;
      for (const [partition, lag] of lags) {
        if (own !== undefined && !own.has(partition)) continue;
        if (own !== undefined) metrics.set('cot_monitor_kafka_consumer_lag', lag, { partition: String(partition) });
        total += lag;
      }
      return total;
    } catch (error) {
      log.debug({ topic, error, reason: explainKafkaError(error) }, 'lag not known');
      return null;
    }
  };

  const meter = async (): Promise<void> => {
    while (true) {
      await sleep(timing.lagMs, stopping.signal);
      if (stopping.signal.aborted) return;
      const action = watch.look(now(), await readLag(), lanes.held());
      if (action === 'recreate') {
        log.error({ topic }, 'records wait and nothing moves; replacing the consumer');
        recreate?.resolve('the consumer made no progress and is being replaced');
      } else if (action === 'fail') {
        log.error({ topic }, 'records wait and nothing moves, although the consumer was replaced');
      }
    }
  };

  return {
    start: () => {
      metrics.set('cot_monitor_kafka_connected', 0);
      supervision = supervise();
      metering = meter();
    },
    health: () => {
      if (!joined) return { ok: false, reason: trouble };
      const silent = now() - lastHeard > MISSED_HEARTBEATS * timing.heartbeatMs + timing.fetchWaitMs;
      return silent ? { ok: false, reason: 'no heartbeat has been answered for a while' } : { ok: true };
    },
    liveness: () =>
      watch.stalled()
        ? { ok: false, reason: 'records wait and nothing moves, although the consumer was replaced' }
        : { ok: true },
    stop: async (deadlineMs) => {
      if (stopping.signal.aborted) return;
      stopping.abort();
      session?.quiesce();
      await within(deadlineMs, lanes.drain());
      const unfinished = lanes.inFlight();
      if (unfinished > 0) log.warn({ topic, count: unfinished }, 'records were still in the pipeline at the deadline');
      committer.stop();
      await committer.flush();
      await Promise.all([session?.close(), lagMeter.close(), producer.close()]);
      // A connection attempt under way cannot be called off; it ends by itself, and closes what it opened.
      await within(timing.closeMs, Promise.all([supervision, metering]));
      left('stopped');
    },
  };
};

/** Waits for work, but not for longer than that. */
const within = async (milliseconds: number, work: Promise<unknown>): Promise<void> => {
  const done = new AbortController();
  await Promise.race([work, sleep(milliseconds, done.signal)]);
  done.abort();
};

const aborted = (signal: AbortSignal): Promise<string> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve('stopping');
    else signal.addEventListener('abort', () => resolve('stopping'), { once: true });
  });
