import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { createTopics, readTopic } from '../support/kafka/fixture.ts';
import { relayTo } from '../support/kafka/relay.ts';
import { describeKafka, sharedKafka } from '../support/kafka/suite.ts';

const run = promisify(execFile);
const EXAMPLES = join(import.meta.dirname, '../../examples');

const kafka = await sharedKafka();

describeKafka(kafka, 'produce.ts', ({ brokers }) => {
  it('puts each line of a file on the traces topic as it stands, keyed by conversation', async () => {
    const { config } = relayTo(brokers);
    await createTopics(config);
    const file = join(EXAMPLES, 'traces.jsonl');
    const env = { ...process.env, KAFKA_BROKERS: brokers.join(','), KAFKA_TRACES_TOPIC: config.topics.traces };
    const { stdout } = await run(process.execPath, [join(EXAMPLES, 'produce.ts'), file], { env });
    expect(stdout).toBe(`2 traces sent to ${config.topics.traces}\n`);
    const seen = await readTopic(config, config.topics.traces, 2);
    expect(seen.map(({ key }) => key?.toString()).sort()).toEqual(['example-1', 'example-2']);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(seen.map(({ value }) => value?.toString()).sort()).toEqual([...lines].sort());
  });
});
