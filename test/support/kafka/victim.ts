import { appendFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { KafkaConfig } from '../../../src/config/kafka.ts';
import { FAST, numberOf, startConsumer } from './fixture.ts';

// A consumer in a process of its own, for tests that kill it. A record is durable once its number is in the file: an
// append survives the death of the process.

const { config, file, commitMs, workMs } = JSON.parse(process.argv[2]!) as {
  config: KafkaConfig;
  file: string;
  commitMs: number;
  workMs: number;
};

startConsumer(
  config,
  async (submission) => {
    await wait(workMs * (1 + (numberOf(submission) % 5)));
    appendFileSync(file, `${numberOf(submission)}\n`);
  },
  { timing: { ...FAST, commitMs } },
);
