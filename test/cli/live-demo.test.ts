import { describe, expect, test } from 'vitest';
import { type LiveDemoDeps, liveDemo } from '../../src/cli/live-demo.ts';
import type { ServiceClient } from '../../src/cli/remote-client.ts';
import { CodedError } from '../../src/domain/errors.ts';
import { normalise } from '../../src/normalise/normalise.ts';
import { holdTerminal } from './fixture.ts';

const NOW = new Date('2026-03-10T15:00:00Z');

const make = (over: Partial<LiveDemoDeps> = {}) => {
  const posted: { path: string; body: unknown }[] = [];
  const produced: { key: string; value: string }[] = [];
  const terminal = holdTerminal();
  const waits: number[] = [];
  const call = async (_: string, path: string, __: unknown, body: unknown) => void posted.push({ path, body });
  const deps: LiveDemoDeps = {
    client: { call: call as unknown as ServiceClient['call'] },
    records: {
      topic: 'reasoning.traces',
      producer: {
        send: async (_, records) => {
          for (const { key, value } of records) produced.push({ key: String(key), value: String(value) });
        },
      },
    },
    clock: () => NOW,
    sleep: async (ms) => void waits.push(ms),
    signal: new AbortController().signal,
    terminal,
    ...over,
  };
  return { deps, posted, produced, terminal, waits };
};

const OPTIONS = { seed: 1, rate: 4, count: 100 };

describe('made-up traffic', () => {
  test('goes over Kafka and REST, at the rate that was asked for, and every trace of it can be read', async () => {
    const { deps, posted, produced, terminal, waits } = make();
    expect(await liveDemo(deps, OPTIONS)).toBe(0);
    expect(terminal.printed()).toBe('Sent 100 made-up traces; 0 could not be delivered.\n');
    expect(waits).toEqual(Array.from({ length: 100 }, () => 250));
    const broken = produced.filter(({ value }) => !value.endsWith('}'));
    expect(produced.length - broken.length).toBe(75);
    const payloads = [
      ...produced.filter((r) => !broken.includes(r)).map(({ value }) => JSON.parse(value)),
      ...posted.map((p) => p.body),
    ];
    for (const payload of payloads)
      expect(normalise({ payload, tenant: 'default' }, NOW).segments.length).toBeGreaterThan(0);
  });

  test('has what goes wrong in life: broken records, repeats, and a field that was renamed', async () => {
    const { deps, posted, produced } = make();
    await liveDemo(deps, OPTIONS);
    expect(produced.filter(({ value }) => !value.endsWith('}')).length).toBeGreaterThan(0);
    const sent = new Set(produced.map(({ value }) => value));
    expect(posted.filter(({ body }) => sent.has(JSON.stringify(body))).length).toBeGreaterThan(0);
    const renamed = posted.filter(({ path }) => path.includes('format='));
    expect(renamed.length).toBeGreaterThan(0);
    for (const { body } of renamed) {
      expect(normalise({ payload: body, tenant: 'default' }, NOW).unread.map(({ path }) => path)).toEqual([
        '/choices/0/message/inner_monologue',
      ]);
    }
  });

  test('goes over REST alone where there are no brokers', async () => {
    const { deps, posted } = make({ records: undefined });
    expect(await liveDemo(deps, { ...OPTIONS, count: 20 })).toBe(0);
    expect(posted.length).toBeGreaterThanOrEqual(20);
  });

  test('goes on after what could not be delivered, and says so without a word of it', async () => {
    let calls = 0;
    const call = async (): Promise<void> => {
      calls += 1;
      if (calls % 2 === 0) throw new CodedError('unreadable_input', 'No service answers');
    };
    const { deps, terminal } = make({ records: undefined, client: { call: call as unknown as ServiceClient['call'] } });
    expect(await liveDemo(deps, { ...OPTIONS, count: 4 })).toBe(0);
    expect(terminal.printed()).toBe('Sent 2 made-up traces; 2 could not be delivered.\n');
    expect(terminal.complained()).toBe('not delivered: No service answers\n'.repeat(2));
  });

  test('ends at once when it is told to, and fails where nothing ever arrived', async () => {
    const stopping = new AbortController();
    const { deps, terminal } = make({ signal: stopping.signal, sleep: async () => stopping.abort() });
    expect(await liveDemo(deps, { ...OPTIONS, count: 0 })).toBe(0);
    expect(terminal.printed()).toContain('Sent 1 made-up');
    const refusing = async (): Promise<never> => Promise.reject(new CodedError('unreadable_input', 'no'));
    const { deps: lost } = make({ records: undefined, client: { call: refusing as unknown as ServiceClient['call'] } });
    expect(await liveDemo(lost, { ...OPTIONS, count: 2 })).toBe(1);
  });
});
