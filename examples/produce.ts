import { readFileSync } from 'node:fs';
import kafkajs from 'kafkajs';

// Sends traces to the topic that cot-monitor reads: one JSON document a line, in any format of docs/formats.md.
//
//   KAFKA_BROKERS=localhost:9094 node examples/produce.ts traces.jsonl
//
// The key is the conversation id, so that the turns of one conversation stay in order.

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Name a file of traces, one JSON document a line.');
const brokers = (process.env.KAFKA_BROKERS ?? 'localhost:9094').split(',');
const topic = process.env.KAFKA_TRACES_TOPIC ?? 'reasoning.traces';

const keyOf = (line: string): string | null => {
  const { conversationId } = JSON.parse(line) as { conversationId?: unknown };
  return typeof conversationId === 'string' ? conversationId : null;
};

const lines = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line.trim() !== '');
const producer = new kafkajs.Kafka({ clientId: 'example', brokers, logLevel: kafkajs.logLevel.ERROR }).producer();
await producer.connect();
await producer.send({ topic, messages: lines.map((value) => ({ key: keyOf(value), value })) });
await producer.disconnect();
console.log(`${lines.length} traces sent to ${topic}`);
