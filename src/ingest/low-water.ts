// Records of a partition are settled out of order; only their contiguous beginning may be committed. This keeps the books:
// the mark never passes a record that is not settled. Pure, no clock, no client.

export interface LowWater {
  /**
   * Takes in the record at `offset`. An offset at or below the latest one is a redelivery (the group was rebalanced) and
   * is kept beside the first delivery: the mark waits for both.
   * @returns what to call, once or more, when the record is settled.
   */
  track(offset: bigint): () => void;
  /** Everything below `end` has been taken in; what was not tracked there does not exist (compacted, control records). */
  extend(end: bigint): void;
  /** The offset to commit: the next one to read after a restart. Undefined before anything was taken in. */
  mark(): bigint | undefined;
  /** Records tracked and not settled. */
  pending(): number;
}

interface Entry {
  readonly offset: bigint;
  settled: boolean;
}

/** One ascending delivery of offsets. `head` is the first entry not known to be settled. */
interface Run {
  readonly entries: Entry[];
  head: number;
}

/** Settled entries are cut off in bulk, as shifting them one by one would cost as much as the queue is long. */
const CUT = 1024;

export const createLowWater = (): LowWater => {
  let runs: Run[] = [];
  let latest: bigint | undefined;
  let end: bigint | undefined;
  let pending = 0;

  const lowest = (run: Run): bigint | undefined => {
    while (run.entries[run.head]?.settled) run.head += 1;
    if (run.head >= CUT) {
      run.entries.splice(0, run.head);
      run.head = 0;
    }
    return run.entries[run.head]?.offset;
  };

  return {
    track: (offset) => {
      const entry: Entry = { offset, settled: false };
      const run = runs.at(-1);
      if (run === undefined || latest === undefined || offset <= latest) runs.push({ entries: [entry], head: 0 });
      else run.entries.push(entry);
      latest = offset;
      end = offset + 1n;
      pending += 1;
      return () => {
        if (entry.settled) return;
        entry.settled = true;
        pending -= 1;
      };
    },
    extend: (to) => {
      if (end === undefined || to > end) end = to;
    },
    mark: () => {
      let mark = end;
      for (const run of runs) {
        const low = lowest(run);
        if (low !== undefined && (mark === undefined || low < mark)) mark = low;
      }
      runs = runs.filter((run, i) => i === runs.length - 1 || run.head < run.entries.length);
      return mark;
    },
    pending: () => pending,
  };
};
