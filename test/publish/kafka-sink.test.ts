import { describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../../src/kafka/producer.ts';
import { createKafkaSink } from '../../src/publish/kafka-sink.ts';
import { silent } from '../support/kafka/fixture.ts';
import { outgoing } from '../support/kafka/outbox.ts';

interface Sent {
  readonly topic: string;
  readonly records: readonly OutgoingRecord[];
  readonly gzip: boolean;
}

const sinkWith = (
  refuse: (sent: Sent) => Error | undefined = () => undefined,
  verdicts: string | null = 'verdicts',
) => {
  const sent: Sent[] = [];
  const sink = createKafkaSink({
    producer: {
      send: async (topic, records, options) => {
        const send = { topic, records, gzip: options?.gzip === true };
        const error = refuse(send);
        if (error !== undefined) throw error;
        sent.push(send);
      },
    },
    topics: { alerts: 'alerts', verdicts: verdicts ?? undefined },
    log: silent,
  });
  return { sink, sent };
};

const tooLarge = (): Error =>
  new Error('outer', { cause: Object.assign(new Error('inner'), { type: 'MESSAGE_TOO_LARGE' }) });

describe('Kafka sink', () => {
  it('acknowledges what the brokers acknowledged', async () => {
    const { sink, sent } = sinkWith();
    const messages = [outgoing('1', 'alert', 'c-1'), outgoing('2', 'verdict', 'c-2'), outgoing('3', 'alert', 'c-3')];
    expect([...(await sink.publish(messages))].sort()).toEqual(['1', '2', '3']);
    expect(sent.map(({ topic, records }) => [topic, records.map((r) => r.key)])).toEqual([
      ['alerts', ['c-1', 'c-3']],
      ['verdicts', ['c-2']],
    ]);
  });

  it('rejects when nothing was acknowledged, and keeps one topic going when the other fails', async () => {
    const alertsDown = ({ topic }: Sent) => (topic === 'alerts' ? new Error('down') : undefined);
    const { sink } = sinkWith(alertsDown);
    await expect(sink.publish([outgoing('1', 'alert')])).rejects.toThrow('down');
    expect(await sink.publish([outgoing('1', 'alert'), outgoing('2', 'verdict')])).toEqual(['2']);
  });

  it('compresses large values, and no small ones', async () => {
    const { sink, sent } = sinkWith();
    await sink.publish([outgoing('1', 'alert')]);
    await sink.publish([{ ...outgoing('2', 'alert'), payload: 'x'.repeat(100_000) }]);
    expect(sent.map(({ gzip }) => gzip)).toEqual([false, true]);
  });

  it('leaves behind the one message that no broker takes', async () => {
    const { sink, sent } = sinkWith(({ records }) =>
      records.some(({ headers }) => headers?.id === '2') ? tooLarge() : undefined,
    );
    expect(await sink.publish(['1', '2', '3'].map((id) => outgoing(id, 'alert')))).toEqual(['1', '3']);
    expect(sent).toHaveLength(2);
  });

  it('stops sending one by one when the broker goes away, and reports what went out before', async () => {
    const { sink } = sinkWith(({ records }) => {
      if (records.length > 1) return tooLarge();
      return records[0]?.headers?.id === '2' ? new Error('connection lost') : undefined;
    });
    expect(await sink.publish(['1', '2', '3'].map((id) => outgoing(id, 'alert')))).toEqual(['1']);
    await expect(sink.publish(['2', '3'].map((id) => outgoing(id, 'alert')))).rejects.toThrow('connection lost');
  });

  it('lets go of verdicts that nobody has a topic for any more', async () => {
    const { sink, sent } = sinkWith(() => undefined, null);
    expect([...(await sink.publish([outgoing('1', 'verdict'), outgoing('2', 'alert')]))].sort()).toEqual(['1', '2']);
    expect(sent).toHaveLength(1);
  });
});
