import type { Batch, Consumer, Kafka, KafkaMessage } from 'kafkajs';
import type { KafkaConfig } from '../config/kafka.ts';
import type { SourceRecord } from './contract.ts';
import type { Lane } from './lane.ts';
import type { Lanes } from './lanes.ts';
import type { Timing } from './timing.ts';

// One life of a kafkajs consumer, from connect to the crash or close that ends it. kafkajs never restarts on its own here:
// there is one owner of restarts (consumer.ts), or two would fight over the group.
//
// A fetch's batches are handed over together and the next fetch waits for all of them, so one slow partition would hold
// up the rest. A batch is therefore only dropped into its lane. While the lane is full its handler waits, but not beyond
// `patienceMs`: then the partition is paused, the others go on, and it is resumed when its lane has room.

/** Batches handled side by side; more partitions than that take turns. */
const SIDE_BY_SIDE = 128;

const FETCH_BYTES = 5 * 1024 * 1024;
const FETCH_BYTES_PER_PARTITION = 1024 * 1024;

export interface SessionDeps {
  readonly kafka: Pick<Kafka, 'consumer'>;
  readonly config: Pick<KafkaConfig, 'groupId' | 'topics' | 'fromBeginning'>;
  readonly lanes: Lanes;
  readonly timing: Timing;
  /** The group gave these partitions to this member. Called before any of their records arrives. */
  readonly onJoined: (partitions: readonly number[]) => void;
  /** The group is being rebalanced: the last chance to commit under the old assignment. */
  readonly onRebalancing: () => void;
  readonly onHeartbeat: () => void;
}

export interface Session {
  /** Resolves when the consumer is in its group. Rejects when it could not connect. */
  open(): Promise<void>;
  /** Resolves, to what ended it, when the consumer has crashed. */
  readonly crashed: Promise<unknown>;
  commit(marks: ReadonlyMap<number, bigint>): Promise<void>;
  /** Fetches nothing more; heartbeats go on, so that the group does not take the partitions away. */
  quiesce(): void;
  /** Leaves the group. Resolves after `closeMs` at the latest: a stuck client must not hold up its successor. */
  close(): Promise<void>;
}

type Headers = SourceRecord['headers'];

/** kafkajs collects repeated headers in arrays, and finds inherited names in them (`__proto__`): only bytes are kept. */
const lastValue = (value: unknown): Buffer | string | undefined => {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return Buffer.isBuffer(last) || typeof last === 'string' ? last : undefined;
};

const headersOf = (message: KafkaMessage): Headers =>
  Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, lastValue(value)]));

const toRecord = ({ topic, partition }: Batch, message: KafkaMessage): SourceRecord => ({
  topic,
  partition,
  offset: message.offset,
  key: message.key,
  value: message.value,
  headers: headersOf(message),
  timestamp: /^\d+$/.test(message.timestamp) ? Number(message.timestamp) : null,
});

export const createSession = (deps: SessionDeps): Session => {
  const { config, lanes, timing } = deps;
  const topic = config.topics.traces;
  const crashed = Promise.withResolvers<unknown>();
  let closing = false;
  let closed = false;

  const consumer: Consumer = deps.kafka.consumer({
    groupId: config.groupId,
    sessionTimeout: timing.sessionMs,
    heartbeatInterval: timing.heartbeatMs,
    maxWaitTimeInMs: timing.fetchWaitMs,
    maxBytes: FETCH_BYTES,
    maxBytesPerPartition: FETCH_BYTES_PER_PARTITION,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 200, maxRetryTime: 3_000, retries: 4, restartOnFailure: async () => false },
  });
  const { CRASH, GROUP_JOIN, HEARTBEAT, REBALANCING, END_BATCH_PROCESS } = consumer.events;

  consumer.on(CRASH, ({ payload }) => crashed.resolve(payload.error));
  consumer.on(HEARTBEAT, deps.onHeartbeat);
  consumer.on(REBALANCING, deps.onRebalancing);
  consumer.on(GROUP_JOIN, ({ payload }) => {
    // Pauses outlive a rebalance inside kafkajs, and so does what resumes them.
    if (!closing) deps.onJoined(payload.memberAssignment[topic] ?? []);
  });
  // Batches of nothing but control records (transaction markers) never reach a handler, but their offsets count: the group
  // would otherwise seem to lag by one for ever.
  consumer.on(END_BATCH_PROCESS, ({ payload }) => {
    if (closing || payload.batchSize > 0 || payload.topic !== topic) return;
    lanes.of(payload.partition)?.accept([], BigInt(payload.lastOffset) + 1n);
  });

  const pauseUntilRoom = (partition: number, lane: Lane): void => {
    consumer.pause([{ topic, partitions: [partition] }]);
    void lane.room().then(() => {
      if (!closing) consumer.resume([{ topic, partitions: [partition] }]);
    });
  };

  const roomWithinPatience = async (lane: Lane): Promise<boolean> => {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timing.patienceMs);
    });
    await Promise.race([lane.room(), patience]);
    clearTimeout(timer);
    return lane.hasRoom();
  };

  return {
    open: async () => {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: config.fromBeginning });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: SIDE_BY_SIDE,
        eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
          // A client that did not close in time is shaken off like this; resolving nothing, it takes nothing along.
          if (closed) throw new Error('the session is closed');
          const lane = closing ? undefined : lanes.of(batch.partition);
          const last = batch.messages.at(-1);
          if (lane === undefined || last === undefined) return;
          lane.accept(
            batch.messages.map((message) => toRecord(batch, message)),
            BigInt(batch.lastOffset()) + 1n,
          );
          // In manual mode the fetch position moves only by this; without it the same batch comes again.
          resolveOffset(last.offset);
          if (!lane.hasRoom() && !(await roomWithinPatience(lane)) && !closing) pauseUntilRoom(batch.partition, lane);
          await heartbeat();
        },
      });
    },
    crashed: crashed.promise,
    commit: async (marks) => {
      // A commit that arrives after a rebalance can overwrite a later one of the new owner. That rewinds, which costs
      // redeliveries and loses nothing: every record below any mark of ours is durable.
      await consumer.commitOffsets(
        [...marks].map(([partition, mark]) => ({ topic, partition, offset: mark.toString() })),
      );
    },
    quiesce: () => {
      closing = true;
      try {
        consumer.pause([{ topic }]);
      } catch {
        // Not running: there is nothing to pause.
      }
    },
    close: async () => {
      closing = true;
      closed = true;
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timing.closeMs);
      });
      await Promise.race([consumer.disconnect().catch(() => undefined), patience]);
      clearTimeout(timer);
    },
  };
};
