import { describe, expect, it } from 'vitest';
import type { SourceRecord } from '../../src/ingest/contract.ts';
import { createLane } from '../../src/ingest/lane.ts';
import { createLanes } from '../../src/ingest/lanes.ts';
import type { HandlerOutcome, RecordControl } from '../../src/ingest/record-handler.ts';

const records = (from: number, count: number, size = 1): SourceRecord[] =>
  Array.from({ length: count }, (_, i) => ({
    topic: 't',
    partition: 0,
    offset: String(from + i),
    key: null,
    value: Buffer.alloc(size),
    headers: {},
    timestamp: null,
  }));

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const laneWith = (concurrency: number) => {
  const open = new Map<
    string,
    { finish: (outcome: HandlerOutcome) => void; control: RecordControl; fail: (e: unknown) => void }
  >();
  const started: string[] = [];
  const broken: unknown[] = [];
  const lane = createLane({
    concurrency,
    handle: ({ offset }, control) => {
      const done = Promise.withResolvers<HandlerOutcome>();
      started.push(offset);
      open.set(offset, { finish: done.resolve, fail: done.reject, control });
      return done.promise;
    },
    onSettled: () => undefined,
    onHeld: () => undefined,
    onReleased: () => undefined,
    onBroken: (error) => void broken.push(error),
  });
  const finish = async (offset: number, outcome: HandlerOutcome = 'stored'): Promise<void> => {
    open.get(String(offset))!.finish(outcome);
    open.delete(String(offset));
    await tick();
  };
  return { lane, open, started, finish, broken };
};

describe('lane', () => {
  it('starts no more than it may, in order, and the next as one ends', async () => {
    const { lane, started, finish } = laneWith(2);
    lane.accept(records(0, 5), 5n);
    expect(started).toEqual(['0', '1']);
    expect(lane.hasRoom()).toBe(false);
    await finish(1);
    expect(started).toEqual(['0', '1', '2']);
    expect(lane.mark()).toBe(0n);
    await finish(0);
    expect(lane.mark()).toBe(2n);
    expect(lane.inFlight()).toBe(2);
  });

  it('has room again when nothing waits any more', async () => {
    const { lane, finish } = laneWith(2);
    lane.accept(records(0, 4), 4n);
    let room = false;
    void lane.room().then(() => {
      room = true;
    });
    await finish(0);
    expect(room).toBe(false);
    await finish(1);
    expect(room).toBe(true);
  });

  it('counts bytes as well as records', async () => {
    const { lane, finish } = laneWith(100);
    lane.accept(records(0, 2, 5 * 1024 * 1024), 2n);
    expect(lane.hasRoom()).toBe(false);
    await finish(0);
    expect(lane.hasRoom()).toBe(true);
  });

  it('starts nothing while one of its records is being retried', async () => {
    const { lane, open, started, finish } = laneWith(2);
    lane.accept(records(0, 6), 6n);
    open.get('0')!.control.hold(new Error('down'));
    await finish(1);
    expect(started).toEqual(['0', '1']);
    expect(lane.held()).toBe(true);
    open.get('0')!.control.release();
    await finish(0);
    expect(started).toEqual(['0', '1', '2', '3']);
  });

  it('never passes a record that was abandoned or whose handling broke off', async () => {
    const { lane, open, finish, broken } = laneWith(3);
    lane.accept(records(7, 3), 10n);
    await finish(9);
    await finish(7, 'abandoned');
    open.get('8')!.fail(new Error('bug'));
    await tick();
    expect(broken).toHaveLength(1);
    expect(lane.mark()).toBe(7n);
    expect(lane.inFlight()).toBe(0);
  });

  it('forgets its marks when revoked, but not what is still in the pipeline', async () => {
    const { lane, open, started, finish } = laneWith(2);
    lane.accept(records(0, 4), 4n);
    const { signal } = open.get('0')!.control;
    lane.revoke();
    expect(signal.aborted).toBe(true);
    expect(lane.mark()).toBeUndefined();
    expect(lane.inFlight()).toBe(2);
    // The partition comes back, and with it the same records.
    lane.accept(records(100, 2), 102n);
    expect(started).toEqual(['0', '1']);
    await finish(0);
    expect(started).toEqual(['0', '1', '100']);
    expect(lane.mark()).toBe(100n);
    expect(open.get('100')!.control.signal.aborted).toBe(false);
  });

  it('drains: starts nothing more, waits for what runs, keeps its mark', async () => {
    const { lane, open, started, finish } = laneWith(2);
    lane.accept(records(0, 4), 4n);
    let drained = false;
    const drain = lane.drain().then(() => {
      drained = true;
    });
    expect(open.get('1')!.control.signal.aborted).toBe(true);
    await finish(0);
    expect(drained).toBe(false);
    await finish(1, 'abandoned');
    await drain;
    expect(started).toEqual(['0', '1']);
    expect(lane.mark()).toBe(1n);
  });
});

describe('lanes', () => {
  it('offer marks only of partitions that are ours', () => {
    const lanes = createLanes(() => laneWith(1).lane);
    lanes.assign([0, 1]);
    lanes.of(0)!.accept(records(5, 1), 6n);
    lanes.of(1)!.accept(records(8, 1), 9n);
    expect(lanes.marks()).toEqual(
      new Map([
        [0, 5n],
        [1, 8n],
      ]),
    );
    lanes.assign([1, 2]);
    expect(lanes.of(0)).toBeUndefined();
    expect(lanes.marks()).toEqual(new Map([[1, 8n]]));
    // What the revoked partition has in the pipeline still counts.
    expect(lanes.inFlight()).toBe(2);
  });
});
