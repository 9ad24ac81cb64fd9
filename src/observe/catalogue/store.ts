import { RETAINED_KINDS } from '../../domain/audit.ts';
import { type MetricSpecs, SECONDS } from './metric.ts';

// Store, audit chain, outbox and Kafka.

/** From what a caller notices to what is an outage. */
const DELAY_SECONDS = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 14_400];

export const STORE_METRICS = {
  cot_monitor_store_batch_size: {
    type: 'histogram',
    help: 'Verdicts written in one transaction.',
    labels: [],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  },
  cot_monitor_store_commit_duration_seconds: {
    type: 'histogram',
    help: 'Time one transaction of verdicts took.',
    labels: [],
    buckets: SECONDS,
  },
  cot_monitor_store_errors_total: { type: 'counter', help: 'Failed store transactions.', labels: [] },
  cot_monitor_store_up: { type: 'gauge', help: '1 while the store answers.', labels: [] },
  cot_monitor_database_connections: {
    type: 'gauge',
    help: 'Connections of the PostgreSQL pool by state, and requests that wait for one.',
    labels: ['state'],
  },
  cot_monitor_database_connections_limit: {
    type: 'gauge',
    help: 'Largest number of connections of the PostgreSQL pool.',
    labels: [],
  },
  cot_monitor_audit_entries_checked_total: {
    type: 'counter',
    help: 'Entries of audit chains that the running check found sound.',
    labels: [],
  },
  cot_monitor_audit_broken_chains: {
    type: 'gauge',
    help: 'Audit chains that the running check found broken.',
    labels: [],
  },
  cot_monitor_audit_last_pass_timestamp_seconds: {
    type: 'gauge',
    help: 'When every audit chain was last walked to its end, seconds since the epoch.',
    labels: [],
  },
  cot_monitor_retention_traces_total: {
    type: 'counter',
    help: 'Traces of which retention took text, words or all.',
    labels: ['what'],
    known: { what: RETAINED_KINDS },
  },
  cot_monitor_retention_runs_total: {
    type: 'counter',
    help: 'Runs of retention by what became of them.',
    labels: ['result'],
    known: { result: ['complete', 'cut_short', 'failed'] },
  },
  cot_monitor_retention_last_run_timestamp_seconds: {
    type: 'gauge',
    help: 'When retention last finished, seconds since the epoch.',
    labels: [],
  },
  cot_monitor_outbox_depth: { type: 'gauge', help: 'Messages waiting in the outbox.', labels: [] },
  cot_monitor_outbox_age_seconds: {
    type: 'gauge',
    help: 'Age of the oldest message waiting in the outbox.',
    labels: [],
  },
  cot_monitor_outbox_published_total: {
    type: 'counter',
    help: 'Messages acknowledged by the brokers.',
    labels: ['kind'],
  },
  cot_monitor_outbox_errors_total: { type: 'counter', help: 'Failed attempts to publish.', labels: [] },
  cot_monitor_webhook_attempts_total: {
    type: 'counter',
    help: 'Attempts to deliver a webhook message, by what follows: delivered, retry or dead.',
    labels: ['endpoint', 'result'],
  },
  cot_monitor_webhook_deliveries: {
    type: 'gauge',
    help: 'Webhook messages by state: waiting or dead.',
    labels: ['state'],
  },
  cot_monitor_webhook_age_seconds: {
    type: 'gauge',
    help: 'How long the oldest webhook message that is due has been due.',
    labels: [],
  },
  cot_monitor_evaluations_total: {
    type: 'counter',
    help: 'Events about verdicts for the OTLP receiver, by what became of them.',
    labels: ['result'],
    known: { result: ['sent', 'failed', 'dropped'] },
  },
  cot_monitor_kafka_records_total: { type: 'counter', help: 'Records read from the traces topic.', labels: ['result'] },
  cot_monitor_kafka_consumer_lag: {
    type: 'gauge',
    help: 'Records between the committed offset and the end of the partition.',
    labels: ['partition'],
  },
  cot_monitor_kafka_delay_seconds: {
    type: 'histogram',
    help: 'Time from the timestamp of a record to its durable verdict.',
    labels: [],
    buckets: DELAY_SECONDS,
  },
  cot_monitor_kafka_connected: { type: 'gauge', help: '1 while the consumer is in its group.', labels: [] },
  cot_monitor_kafka_quarantined_total: {
    type: 'counter',
    help: 'Records sent to the quarantine topic.',
    labels: ['code'],
  },
} as const satisfies MetricSpecs;
