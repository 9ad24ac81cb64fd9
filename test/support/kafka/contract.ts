/** A broker for tests. */
export interface RunningKafka {
  readonly brokers: readonly string[];
  /** Where it came from. Brokers given by TEST_KAFKA_BROKERS cannot be paused, killed or restarted. */
  readonly origin: 'given' | 'container' | 'jvm';
  /** Freezes the broker: connections stay open, nothing answers. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Kills the broker at once. */
  kill(): Promise<void>;
  /** Kills it if need be and starts it again, on the same address with the same data; resolves when it answers. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface SkippedKafka {
  readonly skipped: string;
}
