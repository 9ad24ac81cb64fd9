import { beforeAll, it } from 'vitest';
import { describeKafka, sharedKafka } from '../support/kafka/suite.ts';
import { startPostgres } from '../support/postgres.ts';
import { killInTheMiddle } from '../support/service-on-kafka.ts';

const kafka = await sharedKafka();
beforeAll(async () => {
  const postgres = await startPostgres();
  return () => postgres.stop();
});

describeKafka(kafka, 'the service under repeated kills', ({ brokers }) => {
  it('loses no trace and duplicates no alert when it is killed ten times in the middle of 5,000 records', async () => {
    await killInTheMiddle(brokers, { total: 5_000, kills: 10 });
  }, 1_200_000);
});
