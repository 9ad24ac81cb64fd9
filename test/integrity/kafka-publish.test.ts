import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createTopics, readTopic, until } from '../support/kafka/fixture.ts';
import { outgoing } from '../support/kafka/outbox.ts';
import { relayTo } from '../support/kafka/relay.ts';
import { describeKafka, sharedKafka } from '../support/kafka/suite.ts';

const kafka = await sharedKafka();

describeKafka(kafka, 'Kafka publishing', ({ brokers }) => {
  it('puts alerts and verdicts on their topics, keyed by conversation, with id, schema and content type', async () => {
    const { config, outbox, relay, seen } = relayTo(brokers);
    await createTopics(config);
    outbox.add(outgoing('1', 'alert', 'c-1'), outgoing('2', 'verdict', 'c-1'), outgoing('3', 'alert', 'c-2'));
    relay.notify();
    const alerts = await readTopic(config, config.topics.alerts, 2);
    const verdicts = await readTopic(config, config.topics.verdicts, 1);
    const shown = [...alerts, ...verdicts].map(({ key, value, headers }) => ({
      key: key?.toString(),
      value: JSON.parse(value!.toString()) as unknown,
      headers: Object.fromEntries(Object.entries(headers ?? {}).map(([k, v]) => [k, v?.toString()])),
    }));
    shown.sort((a, b) => Number(a.headers.id) - Number(b.headers.id));
    const type = { 'content-type': 'application/json' };
    expect(shown).toEqual([
      { key: 'c-1', value: { of: '1' }, headers: { id: '1', schema: 'cot-monitor.alert.v1', ...type } },
      { key: 'c-1', value: { of: '2' }, headers: { id: '2', schema: 'cot-monitor.verdict.v1', ...type } },
      { key: 'c-2', value: { of: '3' }, headers: { id: '3', schema: 'cot-monitor.alert.v1', ...type } },
    ]);
    await until(() => outbox.depth() === 0, 'an empty outbox');
    expect(seen.counted('cot_monitor_outbox_published_total', { kind: 'alert' })).toBe(2);
  });

  it('publishes a message that only fits when compressed, and one that never fits holds up no other', async () => {
    const { config, outbox, relay } = relayTo(brokers);
    await createTopics(config);
    const large = (id: string, text: string) => ({ ...outgoing(id, 'alert'), payload: JSON.stringify(text) });
    outbox.add(
      outgoing('1', 'alert'),
      large('2', randomBytes(1_500_000).toString('base64')),
      large('3', 'a'.repeat(3_000_000)),
      outgoing('4', 'alert'),
    );
    relay.notify();
    const seen = await readTopic(config, config.topics.alerts, 3);
    expect(seen.map((m) => m.headers?.id?.toString()).sort()).toEqual(['1', '3', '4']);
    await until(() => outbox.depth() === 1, 'all but one published');
    expect(relay.health().ok).toBe(false);
  });
});
