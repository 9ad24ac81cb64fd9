import { describe, expect, it } from 'vitest';
import { CodedError } from '../../src/domain/errors.ts';
import type { SourceRecord } from '../../src/ingest/contract.ts';
import type { Refusal } from '../../src/ingest/quarantine.ts';
import { createRecordHandler, type RecordHandlerDeps } from '../../src/ingest/record-handler.ts';
import { seenMetrics } from '../support/kafka/fixture.ts';

const record = (offset = '0'): SourceRecord => ({
  topic: 't',
  partition: 0,
  offset,
  key: null,
  value: Buffer.from('1'),
  headers: {},
  timestamp: null,
});

const handlerWith = (overrides: Partial<RecordHandlerDeps>) => {
  const refusals: Refusal[] = [];
  const handle = createRecordHandler({
    read: () => ({ payload: 1, tenant: 'default' }),
    process: async () => undefined,
    storeHealthy: async () => true,
    quarantine: async (_, refusal) => void refusals.push(refusal),
    metrics: seenMetrics().metrics,
    clock: () => new Date(5_000),
    backoff: { initialMs: 1, maxMs: 2 },
    ...overrides,
  });
  const abort = new AbortController();
  let held = 0;
  let released = 0;
  const control = {
    signal: abort.signal,
    hold: () => {
      held += 1;
    },
    release: () => {
      released += 1;
    },
  };
  return { handle, control, abort, refusals, holds: () => ({ held, released }) };
};

/** Rejects with each error in turn, then resolves. */
const failing = (...errors: unknown[]) => {
  let calls = 0;
  const process = async (): Promise<void> => {
    calls += 1;
    if (errors.length > 0) throw errors.shift();
  };
  return { process, calls: () => calls };
};

const outage = (): CodedError => new CodedError('store_unavailable', 'down');

describe('record handler', () => {
  it('retries an outage until it is over, and holds the partition meanwhile', async () => {
    const { process, calls } = failing(...Array.from({ length: 20 }, outage));
    const { handle, control, holds, refusals } = handlerWith({ process });
    expect(await handle(record(), control)).toBe('stored');
    expect(calls()).toBe(21);
    expect(holds()).toEqual({ held: 1, released: 1 });
    expect(refusals).toEqual([]);
  });

  it('quarantines what the pipeline refuses, at once and without holding the partition', async () => {
    const { process, calls } = failing(new CodedError('trace_conflict', 'clash'));
    const { handle, control, holds, refusals } = handlerWith({ process });
    expect(await handle(record(), control)).toBe('quarantined');
    expect(calls()).toBe(1);
    expect(refusals).toEqual([{ code: 'trace_conflict', reason: 'clash' }]);
    expect(holds()).toEqual({ held: 0, released: 0 });
  });

  it('waits where it was told to be slower', async () => {
    const { process } = failing(new CodedError('rate_limited', 'later'));
    const { handle, control, refusals } = handlerWith({ process });
    expect(await handle(record(), control)).toBe('stored');
    expect(refusals).toEqual([]);
  });

  it('does not count a quarantine as done before it is acknowledged', async () => {
    let attempts = 0;
    const quarantine = async (): Promise<void> => {
      attempts += 1;
      if (attempts < 4) throw new Error('broker down');
    };
    const read = () => {
      throw new CodedError('malformed_json', 'no');
    };
    const { handle, control, holds } = handlerWith({ quarantine, read });
    expect(await handle(record(), control)).toBe('quarantined');
    expect(attempts).toBe(4);
    expect(holds()).toEqual({ held: 1, released: 1 });
  });

  it('blames a record only after five unforeseen failures with a healthy store', async () => {
    const almost = failing(...Array.from({ length: 4 }, () => new TypeError('x')));
    expect(await handlerWith({ process: almost.process }).handle(record(), handlerWith({}).control)).toBe('stored');
    const always = failing(...Array.from({ length: 99 }, () => new TypeError('x')));
    const { handle, control, refusals } = handlerWith({ process: always.process });
    expect(await handle(record(), control)).toBe('quarantined');
    expect(always.calls()).toBe(5);
    expect(refusals[0]!.code).toBe('internal');
  });

  it('tells the poison from the innocent that fail with it in one transaction', async () => {
    let together: { offset: string; done: PromiseWithResolvers<void> }[] = [];
    const commit = (): void => {
      const batch = together;
      together = [];
      const poisoned = batch.some(({ offset }) => offset === '3');
      for (const { done } of batch) poisoned ? done.reject(new Error('row refused')) : done.resolve();
    };
    const { handle, control, refusals } = handlerWith({
      read: ({ offset }) => ({ payload: offset, tenant: 'default' }),
      process: ({ payload }) => {
        const done = Promise.withResolvers<void>();
        together.push({ offset: payload as string, done });
        if (together.length === 1) setImmediate(commit);
        return done.promise;
      },
    });
    const outcomes = await Promise.all(Array.from({ length: 8 }, (_, i) => handle(record(String(i)), control)));
    expect(outcomes).toEqual(['stored', 'stored', 'stored', 'quarantined', 'stored', 'stored', 'stored', 'stored']);
    expect(refusals).toHaveLength(1);
  });

  it('gives up, and says so, when the record is no longer ours', async () => {
    const { process } = failing(...Array.from({ length: 9_999 }, outage));
    const { handle, control, abort, holds } = handlerWith({ process, backoff: { initialMs: 60_000, maxMs: 60_000 } });
    const outcome = handle(record(), control);
    setImmediate(() => abort.abort());
    expect(await outcome).toBe('abandoned');
    expect(holds()).toEqual({ held: 1, released: 1 });
  });

  it('tells how long after its timestamp a record became durable, and nothing where there is no timestamp', async () => {
    const seen = seenMetrics();
    const { handle, control } = handlerWith({ metrics: seen.metrics });
    await handle({ ...record('1'), timestamp: 3_500 }, control);
    await handle(record('2'), control);
    // A clock ahead of ours is no negative delay.
    await handle({ ...record('3'), timestamp: 9_000 }, control);
    expect(seen.observed('cot_monitor_kafka_delay_seconds')).toEqual([1.5, 0]);
  });
});
