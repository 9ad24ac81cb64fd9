import { isSkipped, startKafka } from './kafka.ts';
import { startPostgres } from './postgres.ts';

// One PostgreSQL server and one Kafka broker for the whole run; their addresses travel in the environment. A run of named
// files starts none: suites that need a server then start their own.

const named = (): boolean => process.argv.slice(2).some((argument) => argument.startsWith('test/'));

export default async (): Promise<() => Promise<void>> => {
  if (named()) return async () => {};
  const [postgres, kafka] = await Promise.all([startPostgres(), startKafka()]);
  process.env.TEST_DATABASE_URL = postgres.url;
  if (!isSkipped(kafka)) process.env.TEST_KAFKA_BROKERS = kafka.brokers.join(',');
  return async () => {
    await Promise.all([postgres.stop(), isSkipped(kafka) ? undefined : kafka.stop()]);
  };
};
