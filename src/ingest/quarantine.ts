import { type CodedError, isCallerError } from '../domain/errors.ts';
import { isTooLarge } from '../kafka/errors.ts';
import type { AckedProducer, OutgoingRecord } from '../kafka/producer.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { SourceRecord } from './contract.ts';

// Where records go that cannot be read, so that their partition can go on: the original bytes, and why.

/** Why a record is set aside. */
export interface Refusal {
  readonly code: string;
  /** Safe to show. */
  readonly reason: string;
}

/** Prefix of the record's own headers, so that none of them can pass for one of ours. */
const ORIGINAL = 'original.';

const MAX_REASON = 500;

/**
 * Whether an error is the record's own fault. `rate_limited` is a 4xx too, but says "later", not "never".
 * Everything else is ours to retry.
 */
export const isRefusal = (error: unknown): error is CodedError => isCallerError(error) && error.code !== 'rate_limited';

export const refusalOf = (error: CodedError): Refusal => {
  const fields = error.errors.slice(0, 3).map(({ path, message }) => `${path} ${message}`);
  const reason = fields.length === 0 ? error.message : `${error.message} (${fields.join('; ')})`;
  return { code: error.code, reason: reason.slice(0, MAX_REASON) };
};

const ownHeaders = (record: SourceRecord): Record<string, Buffer | string> =>
  Object.fromEntries(
    Object.entries(record.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[`${ORIGINAL}${name}`, value] as const],
    ),
  );

/** The record as it goes to the quarantine topic: same key, same bytes. */
export const quarantineRecord = (record: SourceRecord, { code, reason }: Refusal): OutgoingRecord => ({
  key: record.key,
  value: record.value,
  headers: {
    ...ownHeaders(record),
    reason,
    code,
    topic: record.topic,
    partition: String(record.partition),
    offset: record.offset,
  },
});

export interface QuarantineDeps {
  readonly producer: Pick<AckedProducer, 'send'>;
  readonly topic: string;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'count'>;
}

/** Resolves once the brokers acknowledged. Rejects, for the caller to try again, when they did not. */
export type Quarantine = (record: SourceRecord, refusal: Refusal) => Promise<void>;

export const createQuarantine = ({ producer, topic, log, metrics }: QuarantineDeps): Quarantine => {
  /**
   * A quarantine topic with a smaller limit than the traces topic must not stall the partition either: gzip first, then
   * the headers alone, which say where the bytes still are.
   */
  const sendSmaller = async (record: OutgoingRecord): Promise<void> => {
    try {
      await producer.send(topic, [record], { gzip: true });
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      const headers = {
        ...record.headers,
        omitted: 'too large for this topic; read it at topic, partition and offset',
      };
      await producer.send(topic, [{ key: record.key ?? null, value: null, headers }]);
    }
  };

  return async (record, refusal) => {
    const outgoing = quarantineRecord(record, refusal);
    try {
      await producer.send(topic, [outgoing]);
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      await sendSmaller(outgoing);
    }
    metrics.count('cot_monitor_kafka_quarantined_total', { code: refusal.code });
    const { partition, offset } = record;
    log.warn({ topic: record.topic, partition, offset, code: refusal.code }, 'record quarantined');
  };
};
