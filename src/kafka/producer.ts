import kafkajs, { type Kafka, type Message, type Producer, type TopicMessages } from 'kafkajs';
import { isTooLarge } from './errors.ts';

export interface OutgoingRecord extends Pick<Message, 'key' | 'value' | 'headers'> {}

/** Sends and is told: a send that resolves was acknowledged by all in-sync replicas. */
export interface AckedProducer {
  /** Rejects when anything of it was not acknowledged; parts may have been. */
  send(topic: string, records: readonly OutgoingRecord[], options?: { readonly gzip?: boolean }): Promise<void>;
  close(): Promise<void>;
}

/**
 * An idempotent producer that connects on the first send, and again, afresh, after a failure: the sequence numbers of an
 * idempotent producer are not to be trusted once the broker refused one. Whoever sends decides about sending again.
 */
export const createAckedProducer = (kafka: Pick<Kafka, 'producer'>): AckedProducer => {
  let current: Promise<Producer> | undefined;
  let closed = false;

  const connect = async (): Promise<Producer> => {
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 5,
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry: { retries: 4, initialRetryTime: 200, maxRetryTime: 2_000 },
    });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
  };

  const drop = (failed: Promise<Producer>): void => {
    if (current !== failed) return;
    current = undefined;
    failed.then((producer) => producer.disconnect()).catch(() => undefined);
  };

  return {
    send: async (topic, records, { gzip = false } = {}) => {
      if (closed) throw new kafkajs.KafkaJSNonRetriableError('The producer is closed');
      current ??= connect();
      const used = current;
      const messages: TopicMessages['messages'] = [...records];
      try {
        const producer = await used;
        const compression = gzip ? kafkajs.CompressionTypes.GZIP : kafkajs.CompressionTypes.None;
        await producer.send({ topic, messages, acks: -1, compression });
      } catch (error) {
        if (!isTooLarge(error)) drop(used);
        throw error;
      }
    },
    close: async () => {
      closed = true;
      const last = current;
      current = undefined;
      await last?.then((producer) => producer.disconnect()).catch(() => undefined);
    },
  };
};
