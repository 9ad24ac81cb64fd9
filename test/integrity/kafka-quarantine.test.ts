import { randomBytes } from 'node:crypto';
import type { KafkaMessage } from 'kafkajs';
import { expect, it, onTestFinished } from 'vitest';
import { CodedError } from '../../src/domain/errors.ts';
import {
  committedOffsets,
  createTopics,
  kafkaConfig,
  numberOf,
  produce,
  readTopic,
  startConsumer,
  type TestRecord,
  until,
} from '../support/kafka/fixture.ts';
import { describeKafka, sharedKafka } from '../support/kafka/suite.ts';

const kafka = await sharedKafka();

const LIMIT = 64 * 1024;
const MARKER = 'never-in-a-header';

const header = ({ headers }: KafkaMessage, name: string): string | undefined => headers?.[name]?.toString();

describeKafka(kafka, 'Kafka quarantine', ({ brokers }) => {
  it('sets every kind of unreadable record aside with its exact bytes, and the partition goes on', async () => {
    const config = kafkaConfig(brokers, { tenantHeader: 'x-tenant' });
    await createTopics(config);
    const poison: (TestRecord & { code: string })[] = [
      { code: 'invalid_encoding', value: Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d]) },
      {
        code: 'invalid_encoding',
        value: Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
      },
      { code: 'malformed_json', value: `{"text":"${MARKER}",` },
      { code: 'malformed_json', value: '' },
      { code: 'malformed_json', value: '[1,2]\u0000' },
      { code: 'invalid_body', value: null },
      { code: 'body_too_large', value: `"${'x'.repeat(LIMIT)}"` },
      { code: 'invalid_header', value: '{"n":1}', headers: { 'x-tenant': Buffer.from([0xc3, 0x28]) } },
      { code: 'invalid_header', value: '{"n":1}', headers: { 'x-tenant': 'a\u0000b' } },
      { code: 'invalid_header', value: '{"n":1}', headers: { 'x-trace-format': 'f'.repeat(300) } },
      { code: 'unknown_format', value: '{"n":-1}', headers: { 'x-trace-format': 'morse' } },
      { code: 'trace_conflict', value: '{"n":-2}' },
      { code: 'too_deep', value: '{"n":-3}' },
    ];
    const records = poison.map((record, i) => ({ ...record, key: `key-${i}` }));
    await produce(config, [...records, { value: '{"n":7}', key: 'good' }]);
    const stored: number[] = [];
    const consumer = startConsumer(config, async (submission) => {
      const n = numberOf(submission);
      if (submission.format === 'morse') throw new CodedError('unknown_format', 'No such format.');
      if (n === -2) throw new CodedError('trace_conflict', 'The id names other content.');
      if (n === -3)
        throw new CodedError('too_deep', 'Too deep.', { errors: [{ path: '/a/b', message: 'is too deep' }] });
      stored.push(n);
    });
    onTestFinished(() => consumer.stop(5_000));
    await until(async () => (await committedOffsets(config)).get(0) === records.length + 1, 'the end');
    expect(stored).toEqual([7]);

    const set = await readTopic(config, config.topics.quarantine, records.length);
    set.sort((a, b) => Number(header(a, 'offset')) - Number(header(b, 'offset')));
    expect(set.map((m) => header(m, 'code'))).toEqual(records.map((r) => r.code));
    for (const [i, message] of set.entries()) {
      const { value, key } = records[i]!;
      expect(message.value).toEqual(value === null ? null : Buffer.from(value));
      expect(message.key?.toString()).toBe(key);
      expect(header(message, 'topic')).toBe(config.topics.traces);
      expect(header(message, 'partition')).toBe('0');
      expect(header(message, 'offset')).toBe(String(i));
      expect(header(message, 'reason')).toMatch(/\w+/);
      expect(header(message, 'reason')).not.toContain(MARKER);
    }
    expect(header(set[12]!, 'reason')).toBe('Too deep. (/a/b is too deep)');
    expect(header(set[10]!, 'original.x-trace-format')).toBe('morse');
    expect(consumer.seen.counted('cot_monitor_kafka_quarantined_total', { code: 'malformed_json' })).toBe(3);
    expect(consumer.seen.counted('cot_monitor_kafka_records_total', { result: 'quarantined' })).toBe(records.length);
    expect(consumer.seen.counted('cot_monitor_kafka_records_total', { result: 'stored' })).toBe(1);
  });

  it('takes hostile headers for what they are: bytes', async () => {
    const config = kafkaConfig(brokers, { tenantHeader: 'x-tenant' });
    await createTopics(config);
    await produce(config, [
      {
        value: '{"n":1}',
        headers: Object.fromEntries([
          ['constructor', 'c'],
          ['__proto__', 'p'],
          ['code', 'forged'],
        ]),
      },
      {
        value: 'no',
        headers: Object.fromEntries([
          ['constructor', 'c'],
          ['__proto__', 'p'],
          ['code', 'forged'],
        ]),
      },
      { value: '{"n":2}', headers: { 'x-tenant': ['first', 'last'] } },
      { value: '{"n":3,"tenant":"forged"}' },
    ]);
    const tenants: string[] = [];
    const consumer = startConsumer(config, async ({ tenant }) => void tenants.push(tenant));
    onTestFinished(() => consumer.stop(5_000));
    await until(async () => (await committedOffsets(config)).get(0) === 4, 'the end');
    expect(tenants).toEqual(['default', 'last', 'default']);
    const [message] = await readTopic(config, config.topics.quarantine, 1);
    expect(header(message!, 'code')).toBe('malformed_json');
    expect(header(message!, 'original.code')).toBe('forged');
  });

  it('sets a record aside that keeps failing although the store is healthy, and its neighbours are stored', async () => {
    const config = kafkaConfig(brokers);
    await createTopics(config);
    await produce(
      config,
      [0, 1, 2, 3, 4].map((n) => ({ value: JSON.stringify({ n, text: MARKER }), key: 'k' })),
    );
    const attempts: number[] = [];
    const stored: number[] = [];
    const consumer = startConsumer(config, async (submission) => {
      const n = numberOf(submission);
      if (n === 2) {
        attempts.push(n);
        throw new TypeError(`cannot read ${MARKER}`);
      }
      stored.push(n);
    });
    onTestFinished(() => consumer.stop(5_000));
    await until(async () => (await committedOffsets(config)).get(0) === 5, 'the end');
    expect(stored.sort()).toEqual([0, 1, 3, 4]);
    expect(attempts).toHaveLength(5);
    const [message] = await readTopic(config, config.topics.quarantine, 1);
    expect(header(message!, 'code')).toBe('internal');
    expect(header(message!, 'reason')).not.toContain(MARKER);
  });

  it('does not stall on a record that the quarantine topic is too small for', async () => {
    const config = kafkaConfig(brokers);
    await createTopics(config, { 'max.message.bytes': '100000' });
    const { traces, quarantine } = config.topics;
    // The other way round, as an operator might: a quarantine topic with a small limit behind a traces topic with a large one.
    const small = kafkaConfig(brokers);
    await createTopics(
      { ...small, topics: { ...small.topics, quarantine: `${quarantine}-small` } },
      { 'max.message.bytes': '2000' },
    );
    const mixed = { ...config, topics: { ...config.topics, quarantine: `${quarantine}-small` } };
    const noise = Buffer.concat([Buffer.from([0xff]), randomBytes(20_000)]);
    await produce(mixed, [
      { value: Buffer.concat([Buffer.from([0xff]), Buffer.alloc(20_000, 'a')]), key: 'compressible' },
      { value: noise, key: 'noise' },
      { value: '{"n":1}' },
    ]);
    const consumer = startConsumer(mixed, async () => undefined);
    onTestFinished(() => consumer.stop(5_000));
    await until(async () => (await committedOffsets(mixed)).get(0) === 3, 'the end');
    const set = await readTopic(mixed, `${quarantine}-small`, 2);
    const by = (key: string): KafkaMessage => set.find((m) => m.key?.toString() === key)!;
    expect(by('compressible').value).toHaveLength(20_001);
    expect(by('noise').value === null).toBe(true);
    expect(header(by('noise'), 'omitted')).toMatch(/too large/);
    expect(header(by('noise'), 'topic')).toBe(traces);
    expect(header(by('noise'), 'offset')).toBe('1');
  });
});
