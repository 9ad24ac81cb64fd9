import { parseArgs } from 'node:util';
import { DEFAULT_TIMING } from '../src/ingest/timing.ts';
import { clientOf, createTopics, kafkaConfig, produce, startConsumer } from '../test/support/kafka/fixture.ts';
import { isSkipped, startKafka } from '../test/support/kafka.ts';
import { openPipeline } from './pipeline.ts';

// Traces per second from a Kafka topic to committed offsets, against a consumer that only parses and commits. Behind our
// consumer stands the real pipeline on PostgreSQL, or with --pipeline none one that is done at once. Same topic, runs in
// turn, so that both meet the same machine; read the ratio.

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '20000' },
    bytes: { type: 'string', default: '4096' },
    partitions: { type: 'string', default: '6' },
    rounds: { type: 'string', default: '5' },
    pipeline: { type: 'string', default: 'real' },
  },
});
const records = Number(values.records);
const partitions = Number(values.partitions);

const trace = (n: number): string =>
  JSON.stringify({
    id: `bench-${n}`,
    conversationId: `c-${n % 997}`,
    segments: [
      { kind: 'user', text: 'Please tidy up the build script.' },
      {
        kind: 'reasoning',
        text: 'I look at the script and see three steps. '.repeat(Math.ceil(Number(values.bytes) / 42)),
      },
      { kind: 'answer', text: 'Done.' },
    ],
  });

const kafka = await startKafka();
if (isSkipped(kafka)) {
  console.error(`No Kafka broker: ${kafka.skipped}`);
  process.exit(1);
}
const config = kafkaConfig(kafka.brokers, { partitions, concurrency: 64 });
await createTopics(config);
const CHUNK = 500;
for (let from = 0; from < records; from += CHUNK) {
  const count = Math.min(CHUNK, records - from);
  await produce(
    config,
    Array.from({ length: count }, (_, i) => ({ value: trace(from + i), key: `c-${(from + i) % 997}` })),
  );
}
console.log(`${records} traces of ${trace(0).length} bytes on ${partitions} partitions`);

const group = (name: string, round: number) => ({ ...config, groupId: `${config.groupId}-${name}-${round}` });

const admin = clientOf(config).admin();
await admin.connect();

/** Seconds from the first record handed over to the commit of the last. */
const untilCommitted = async (
  { groupId, topics }: typeof config,
  startedAt: () => number | undefined,
): Promise<number> => {
  while (true) {
    const [topic] = await admin.fetchOffsets({ groupId, topics: [topics.traces] });
    const committed = topic!.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
    if (committed >= records) return (performance.now() - startedAt()!) / 1_000;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** As little as a consumer can do: the same fetches, each value parsed, offsets committed as often as ours are. */
const bare = async (round: number): Promise<number> => {
  const own = group('bare', round);
  const topic = own.topics.traces;
  let started: number | undefined;
  let parsed = 0;
  const ends = new Map<number, string>();
  const consumer = clientOf(own).consumer({ groupId: own.groupId, maxWaitTimeInMs: 250, maxBytes: 5 * 1024 * 1024 });
  const commit = async (): Promise<void> => {
    const offsets = [...ends].map(([partition, offset]) => ({ topic, partition, offset }));
    ends.clear();
    if (offsets.length > 0) await consumer.commitOffsets(offsets);
  };
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: partitions,
    eachBatch: async ({ batch }) => {
      started ??= performance.now();
      for (const { value } of batch.messages) if (JSON.parse(value!.toString('utf8')) !== null) parsed += 1;
      ends.set(batch.partition, String(BigInt(batch.lastOffset()) + 1n));
    },
  });
  const timer = setInterval(() => void commit(), DEFAULT_TIMING.commitMs);
  const seconds = await untilCommitted(own, () => started);
  clearInterval(timer);
  await consumer.disconnect();
  if (parsed < records) throw new Error('the bare consumer missed records');
  return seconds;
};

const real = values.pipeline === 'real' ? await openPipeline() : undefined;

const ours = async (round: number): Promise<number> => {
  const own = group('ours', round);
  let started: number | undefined;
  const consumer = startConsumer(
    own,
    async (submission) => {
      started ??= performance.now();
      // A tenant of its own: a trace that an earlier round stored would be no work.
      await real?.pipeline.process({ ...submission, tenant: `round-${round}` }, 'kafka');
    },
    { timing: DEFAULT_TIMING, maxBodyBytes: 16 * 1024 * 1024 },
  );
  const seconds = await untilCommitted(own, () => started);
  await consumer.stop(5_000);
  return seconds;
};

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;

const rates = { bare: [] as number[], ours: [] as number[] };
const rounds = Number(values.rounds);
// The first round of each warms up and is not counted.
for (let round = 0; round <= rounds; round++) {
  const bareRate = records / (await bare(round));
  const ourRate = records / (await ours(round));
  if (round === 0) continue;
  rates.bare.push(bareRate);
  rates.ours.push(ourRate);
  console.log(
    `round ${round}: bare ${bareRate.toFixed(0)}/s, ours ${ourRate.toFixed(0)}/s, ratio ${(ourRate / bareRate).toFixed(2)}`,
  );
}
const ratio = median(rates.ours.map((rate, i) => rate / rates.bare[i]!));
console.log(
  `median: bare ${median(rates.bare).toFixed(0)}/s, ours ${median(rates.ours).toFixed(0)}/s, ratio ${ratio.toFixed(2)} (aim 0.6)`,
);
await admin.disconnect();
await kafka.stop();
