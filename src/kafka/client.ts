import kafkajs, { type Kafka, type KafkaConfig as KafkaOptions, type LogEntry } from 'kafkajs';
import type { KafkaConfig, SaslConfig } from '../config/kafka.ts';
import type { LogFields, Logger } from '../observe/log.ts';
import { registerCodecs } from './codecs.ts';
import { muteTimeoutWarning } from './warnings.ts';

// The Kafka client that ingest and publish share: brokers, TLS, SASL, log lines. Neither knows the other; both sit on this
// folder, which knows nothing of traces.

/** Longest line taken over from the client library. */
const MAX_LINE = 300;

/**
 * Only named fields and the message are taken over: kafkajs attaches requests, responses and stacks to its entries, and a
 * response holds records. Its levels are lowered by one, as it reports every rebalance as an error and mends most of what
 * it complains about; what it cannot mend ends a session, and that is logged by whoever runs the session.
 */
const logCreator = (log: Logger) => () => (entry: LogEntry) => {
  const { message, topic, partition, broker } = entry.log as LogEntry['log'] & Record<string, unknown>;
  const fields: LogFields = {
    component: `kafkajs.${entry.namespace}`,
    ...(typeof topic === 'string' ? { topic } : {}),
    ...(typeof partition === 'number' ? { partition } : {}),
    ...(typeof broker === 'string' ? { address: broker } : {}),
  };
  const line = message.slice(0, MAX_LINE);
  if (entry.level === kafkajs.logLevel.ERROR) log.warn(fields, line);
  else log.debug(fields, line);
};

const tlsOptions = (tls: NonNullable<KafkaConfig['tls']>): NonNullable<KafkaOptions['ssl']> => ({
  ...(tls.ca === undefined ? {} : { ca: [tls.ca] }),
  ...(tls.cert === undefined ? {} : { cert: tls.cert }),
  ...(tls.key === undefined ? {} : { key: tls.key }),
});

/** The type of kafkajs wants each mechanism by itself. */
const saslOptions = ({ mechanism, username, password }: SaslConfig): NonNullable<KafkaOptions['sasl']> => {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
};

/** Options of the client, apart so that TLS and SASL can be looked at without a broker. */
export const clientOptions = (config: KafkaConfig, log: Logger): KafkaOptions => {
  const options: KafkaOptions = {
    clientId: config.clientId,
    brokers: [...config.brokers],
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    // Few and short: whoever holds a client retries for ever with its own backoff, and says meanwhile that it is not healthy.
    retry: { initialRetryTime: 200, maxRetryTime: 3_000, retries: 4 },
    logLevel: kafkajs.logLevel.WARN,
    logCreator: logCreator(log),
  };
  if (config.tls !== undefined) options.ssl = tlsOptions(config.tls);
  if (config.sasl !== undefined) options.sasl = saslOptions(config.sasl);
  return options;
};

/** A client for the configured brokers. Connects nowhere yet. */
export const createKafka = (config: KafkaConfig, log: Logger): Kafka => {
  muteTimeoutWarning();
  registerCodecs();
  return new kafkajs.Kafka(clientOptions(config, log));
};
