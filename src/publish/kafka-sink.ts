import { ALERT_SCHEMA } from '../domain/alert.ts';
import { CONVERSATION_ALERT_SCHEMA } from '../domain/conversation.ts';
import { isTooLarge } from '../kafka/errors.ts';
import type { AckedProducer, OutgoingRecord } from '../kafka/producer.ts';
import type { Logger } from '../observe/log.ts';
import type { AlertSink, OutgoingMessage } from './contract.ts';

// Where alerts leave for Kafka. The partition key is the conversation, so that revisions of one alert stay in order.

export const VERDICT_SCHEMA = 'cot-monitor.verdict.v1';

/** Values beyond this many bytes are sent compressed: it is they that a broker's size limit would refuse. */
const GZIP_FROM = 64 * 1024;

export interface KafkaSinkDeps {
  readonly producer: Pick<AckedProducer, 'send'>;
  readonly topics: { readonly alerts: string; readonly verdicts: string | undefined };
  readonly log: Logger;
}

const SCHEMAS = {
  alert: ALERT_SCHEMA,
  conversation_alert: CONVERSATION_ALERT_SCHEMA,
  verdict: VERDICT_SCHEMA,
} as const;

const toRecord = ({ id, kind, key, payload }: OutgoingMessage): OutgoingRecord => ({
  key,
  value: payload,
  headers: { id, schema: SCHEMAS[kind], 'content-type': 'application/json' },
});

const isLarge = ({ payload }: OutgoingMessage): boolean => payload.length >= GZIP_FROM;

export const createKafkaSink = ({ producer, topics, log }: KafkaSinkDeps): AlertSink => {
  const send = (topic: string, messages: readonly OutgoingMessage[]): Promise<void> =>
    producer.send(topic, messages.map(toRecord), { gzip: messages.some(isLarge) });

  /** One message that no broker takes must not hold up the others: it alone stays behind. */
  const sendOneByOne = async (topic: string, messages: readonly OutgoingMessage[]): Promise<string[]> => {
    const sent: string[] = [];
    for (const message of messages) {
      try {
        await producer.send(topic, [toRecord(message)], { gzip: true });
        sent.push(message.id);
      } catch (error) {
        if (!isTooLarge(error)) {
          if (sent.length === 0) throw error;
          return sent;
        }
        log.error(
          { topic, count: message.payload.length, code: 'MESSAGE_TOO_LARGE' },
          'message too large for its topic',
        );
      }
    }
    return sent;
  };

  const sendAll = async (topic: string, messages: readonly OutgoingMessage[]): Promise<string[]> => {
    if (messages.length === 0) return [];
    try {
      await send(topic, messages);
      return messages.map(({ id }) => id);
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      return sendOneByOne(topic, messages);
    }
  };

  const idsOf = (results: readonly PromiseSettledResult<string[]>[]): string[] =>
    results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));

  return {
    publish: async (messages) => {
      const alerts = messages.filter(({ kind }) => kind !== 'verdict');
      const verdicts = messages.filter(({ kind }) => kind === 'verdict');
      const results = await Promise.allSettled([
        sendAll(topics.alerts, alerts),
        // Verdicts left from a time when they had a topic: nobody asks for them any more.
        topics.verdicts === undefined
          ? Promise.resolve(verdicts.map(({ id }) => id))
          : sendAll(topics.verdicts, verdicts),
      ]);
      const acknowledged = idsOf(results);
      const failure = results.find((result) => result.status === 'rejected');
      if (failure !== undefined && acknowledged.length === 0) throw failure.reason;
      return acknowledged;
    },
  };
};
