// The narrow port between the consumer's loop and whatever carries traces. kafkajs stands behind it today.

/** One record as it came, untouched. */
export interface SourceRecord {
  readonly topic: string;
  readonly partition: number;
  /** Decimal string, as Kafka offsets exceed 2^53 in principle. */
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | undefined>>;
  /** When it was produced or appended, milliseconds since the epoch; null where the broker does not say. */
  readonly timestamp: number | null;
}

/** What became of a record. Either way it is durable somewhere, and its offset may be committed. */
export type RecordOutcome = 'stored' | 'duplicate' | 'quarantined';
