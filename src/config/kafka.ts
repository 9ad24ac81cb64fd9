import type { Values } from './variables.ts';

// What the consumer, the relay and the topics are told.

export interface SaslConfig {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

export interface TlsConfig {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

export interface KafkaConfig {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly groupId: string;
  readonly topics: {
    readonly traces: string;
    readonly alerts: string;
    readonly quarantine: string;
    readonly verdicts: string | undefined;
  };
  readonly tenant: string;
  readonly tenantHeader: string | undefined;
  readonly createTopics: boolean;
  readonly partitions: number;
  readonly replication: number;
  readonly fromBeginning: boolean;
  readonly concurrency: number;
  readonly stallMs: number;
  readonly tls: TlsConfig | undefined;
  readonly sasl: SaslConfig | undefined;
}

export const kafkaConfig = (v: Values, tls: TlsConfig | undefined): KafkaConfig => ({
  brokers: v.KAFKA_BROKERS,
  clientId: v.KAFKA_CLIENT_ID,
  groupId: v.KAFKA_GROUP_ID,
  topics: {
    traces: v.KAFKA_TRACES_TOPIC,
    alerts: v.KAFKA_ALERTS_TOPIC,
    quarantine: v.KAFKA_QUARANTINE_TOPIC,
    verdicts: v.KAFKA_VERDICTS_TOPIC,
  },
  tenant: v.KAFKA_TENANT,
  tenantHeader: v.KAFKA_TENANT_HEADER,
  createTopics: v.KAFKA_CREATE_TOPICS,
  partitions: v.KAFKA_TOPIC_PARTITIONS,
  replication: v.KAFKA_TOPIC_REPLICATION,
  fromBeginning: v.KAFKA_FROM_BEGINNING,
  concurrency: v.KAFKA_CONCURRENCY,
  stallMs: v.KAFKA_STALL_MS,
  tls,
  sasl:
    v.KAFKA_SASL_MECHANISM === undefined
      ? undefined
      : { mechanism: v.KAFKA_SASL_MECHANISM, username: v.KAFKA_SASL_USERNAME!, password: v.KAFKA_SASL_PASSWORD! },
});
