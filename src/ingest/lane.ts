import type { SourceRecord } from './contract.ts';
import { createLowWater } from './low-water.ts';
import type { RecordHandler } from './record-handler.ts';

// One partition's way through the process: a queue that a fetched batch falls into, up to `concurrency` records in the
// pipeline at once, and the low-water mark of what is settled. A lane outlives rebalances, so that what is in flight
// counts against `concurrency` however often the partition comes and goes.

/** Bytes that may wait or be in flight before no further batch is taken, beside the batch that passes it. */
const MAX_BYTES = 8 * 1024 * 1024;

export interface LaneDeps {
  readonly concurrency: number;
  readonly handle: RecordHandler;
  /** A record was settled: the mark may have moved. */
  readonly onSettled: () => void;
  /** The partition stopped starting records because one of them is being retried, or goes on. */
  readonly onHeld: (error: unknown) => void;
  readonly onReleased: () => void;
  /** Errors that `handle` was to deal with and did not: the record stays unsettled. */
  readonly onBroken: (error: unknown) => void;
}

export interface Lane {
  /** Takes a fetched batch in; `end` is the offset after the last one it covered, which may have held no record. */
  accept(records: readonly SourceRecord[], end: bigint): void;
  hasRoom(): boolean;
  /** Resolves when there is room for another batch. */
  room(): Promise<void>;
  /** The offset to commit, or undefined where nothing of this partition was taken in. */
  mark(): bigint | undefined;
  /** Records in the pipeline now. */
  inFlight(): number;
  held(): boolean;
  /** The partition is another member's: waiting records are dropped, retries end, marks are forgotten. */
  revoke(): void;
  /** Starts nothing more and ends retries; resolves when the attempts in hand are over. Marks stay. */
  drain(): Promise<void>;
}

interface Waiting {
  readonly record: SourceRecord;
  readonly settle: () => void;
}

export const createLane = (deps: LaneDeps): Lane => {
  let water = createLowWater();
  let retries = new AbortController();
  let queue: Waiting[] = [];
  let bytes = 0;
  let inFlight = 0;
  let holds = 0;
  let draining = false;
  let roomMade: PromiseWithResolvers<void> | undefined;
  let emptied: PromiseWithResolvers<void> | undefined;

  const hasRoom = (): boolean => holds === 0 && queue.length + inFlight <= deps.concurrency && bytes < MAX_BYTES;

  const tellWaiters = (): void => {
    if (hasRoom()) {
      roomMade?.resolve();
      roomMade = undefined;
    }
    if (inFlight === 0) {
      emptied?.resolve();
      emptied = undefined;
    }
  };

  const control = (signal: AbortSignal) => ({
    signal,
    hold: (error: unknown): void => {
      holds += 1;
      if (holds === 1) deps.onHeld(error);
    },
    release: (): void => {
      holds -= 1;
      if (holds === 0) deps.onReleased();
    },
  });

  const run = async ({ record, settle }: Waiting): Promise<void> => {
    inFlight += 1;
    try {
      const outcome = await deps.handle(record, control(retries.signal));
      if (outcome !== 'abandoned') {
        settle();
        deps.onSettled();
      }
    } catch (error) {
      deps.onBroken(error);
    } finally {
      inFlight -= 1;
      bytes -= record.value?.length ?? 0;
      startMore();
      tellWaiters();
    }
  };

  const startMore = (): void => {
    while (inFlight < deps.concurrency && holds === 0 && !draining) {
      const next = queue.shift();
      if (next === undefined) return;
      void run(next);
    }
  };

  const dropQueue = (): void => {
    for (const { record } of queue) bytes -= record.value?.length ?? 0;
    queue = [];
  };

  return {
    accept: (records, end) => {
      if (draining) return;
      for (const record of records) {
        queue.push({ record, settle: water.track(BigInt(record.offset)) });
        bytes += record.value?.length ?? 0;
      }
      water.extend(end);
      if (records.length === 0) deps.onSettled();
      startMore();
    },
    hasRoom,
    room: () => {
      if (hasRoom()) return Promise.resolve();
      roomMade ??= Promise.withResolvers();
      return roomMade.promise;
    },
    mark: () => water.mark(),
    inFlight: () => inFlight,
    held: () => holds > 0,
    revoke: () => {
      dropQueue();
      retries.abort();
      retries = new AbortController();
      water = createLowWater();
      tellWaiters();
    },
    drain: async () => {
      draining = true;
      dropQueue();
      retries.abort();
      if (inFlight === 0) return;
      emptied ??= Promise.withResolvers();
      await emptied.promise;
    },
  };
};
