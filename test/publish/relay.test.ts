import { describe, expect, it, onTestFinished } from 'vitest';
import type { AlertSink } from '../../src/publish/contract.ts';
import { createRelay, type RelayDeps } from '../../src/publish/relay.ts';
import { seenMetrics, silent, until } from '../support/kafka/fixture.ts';
import { memoryOutbox, outgoing } from '../support/kafka/outbox.ts';

const HOUR = 3_600_000;

const relayWith = (sink: AlertSink, overrides: Partial<RelayDeps> = {}) => {
  const outbox = memoryOutbox();
  const seen = seenMetrics();
  const relay = createRelay({
    source: outbox,
    sink,
    log: silent,
    metrics: seen.metrics,
    clock: () => new Date(),
    intervalMs: HOUR,
    backoff: { initialMs: 1, maxMs: 5 },
    ...overrides,
  });
  onTestFinished(() => relay.stop());
  return { outbox, seen, relay };
};

const collecting = () => {
  const sent: string[] = [];
  const sink: AlertSink = {
    publish: async (messages) => {
      sent.push(...messages.map(({ id }) => id));
      return messages.map(({ id }) => id);
    },
  };
  return { sent, sink };
};

describe('relay', () => {
  it('takes what an earlier process left behind, and more than one batch of it', async () => {
    const { sent, sink } = collecting();
    const { outbox, relay, seen } = relayWith(sink, { batchSize: 10 });
    outbox.add(...Array.from({ length: 35 }, (_, i) => outgoing(String(i), i % 2 === 0 ? 'alert' : 'verdict')));
    relay.start();
    await until(() => outbox.depth() === 0, 'an empty outbox');
    expect(sent).toEqual(Array.from({ length: 35 }, (_, i) => String(i)));
    expect(seen.counted('cot_monitor_outbox_published_total', { kind: 'alert' })).toBe(18);
    await until(() => seen.gauge('cot_monitor_outbox_depth') === 0, 'the depth');
    expect(seen.gauge('cot_monitor_outbox_age_seconds')).toBe(0);
  });

  it('wakes when notified, also while it is draining', async () => {
    const { sent, sink } = collecting();
    const gate = Promise.withResolvers<void>();
    const { outbox, relay } = relayWith({
      publish: async (messages) => {
        await gate.promise;
        return sink.publish(messages);
      },
    });
    outbox.add(outgoing('1', 'alert'));
    relay.start();
    await until(() => outbox.drains() === 1, 'the first drain');
    outbox.add(outgoing('2', 'alert'));
    relay.notify();
    gate.resolve();
    await until(() => sent.length === 2, 'both');
    outbox.add(outgoing('3', 'alert'));
    relay.notify();
    await until(() => sent.length === 3, 'the third');
  });

  it('looks by itself now and then', async () => {
    const { sent, sink } = collecting();
    const { outbox, relay } = relayWith(sink, { intervalMs: 5 });
    relay.start();
    await until(() => outbox.drains() > 1, 'a second look');
    outbox.add(outgoing('1', 'alert'));
    await until(() => sent.length === 1, 'the message');
  });

  it('tries until the sink acknowledges, and says meanwhile that it does not', async () => {
    let down = true;
    const { sent, sink } = collecting();
    const { outbox, relay, seen } = relayWith({
      publish: async (messages) => {
        if (down) throw new Error('broker down');
        return sink.publish(messages);
      },
    });
    outbox.add(outgoing('1', 'alert'), outgoing('2', 'alert'));
    relay.start();
    await until(() => seen.counted('cot_monitor_outbox_errors_total') > 3, 'several attempts');
    expect(relay.health().ok).toBe(false);
    expect(seen.gauge('cot_monitor_outbox_depth')).toBe(2);
    expect(seen.gauge('cot_monitor_outbox_age_seconds')).toBeGreaterThan(4);
    down = false;
    await until(() => sent.length === 2, 'both');
    await until(() => relay.health().ok, 'health');
  });

  it('keeps what was not acknowledged, and only that', async () => {
    const sent: string[] = [];
    let refuse = true;
    const { outbox, relay } = relayWith({
      publish: async (messages) => {
        const taken = messages.map(({ id }) => id).filter((id) => id !== '2' || !refuse);
        sent.push(...taken);
        return taken;
      },
    });
    outbox.add(outgoing('1', 'alert'), outgoing('2', 'alert'), outgoing('3', 'alert'));
    relay.start();
    await until(() => outbox.depth() === 1, 'the others');
    await until(() => !relay.health().ok, 'the refusal');
    refuse = false;
    await until(() => outbox.depth() === 0, 'the last');
    expect(sent).toEqual(['1', '3', '2']);
  });

  it('waits at stop for the drain in hand, and begins no other', async () => {
    const gate = Promise.withResolvers<void>();
    const { sent, sink } = collecting();
    const { outbox, relay } = relayWith(
      {
        publish: async (messages) => {
          await gate.promise;
          return sink.publish(messages);
        },
      },
      { batchSize: 1 },
    );
    outbox.add(outgoing('1', 'alert'), outgoing('2', 'alert'));
    relay.start();
    await until(() => outbox.drains() === 1, 'the drain');
    let stopped = false;
    const stop = relay.stop().then(() => {
      stopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).toBe(false);
    gate.resolve();
    await stop;
    expect(sent).toEqual(['1']);
    expect(outbox.depth()).toBe(1);
  });

  it('stops at once while it waits between attempts', async () => {
    const { outbox, relay, seen } = relayWith(
      { publish: () => Promise.reject(new Error('down')) },
      { backoff: { initialMs: HOUR, maxMs: HOUR } },
    );
    outbox.add(outgoing('1', 'alert'));
    relay.start();
    await until(() => seen.counted('cot_monitor_outbox_errors_total') === 1, 'the failure');
    await relay.stop();
    expect(outbox.depth()).toBe(1);
  });
});
