import type { Lane } from './lane.ts';

/** The lanes of one topic, and which of its partitions are this member's. */
export interface Lanes {
  /** Partitions the group gave to this member, as of now; the others are revoked. */
  assign(partitions: readonly number[]): void;
  /** The lane of a partition, or undefined where it is not this member's. */
  of(partition: number): Lane | undefined;
  assigned(): readonly number[];
  /** What may be committed, of partitions that are this member's. */
  marks(): ReadonlyMap<number, bigint>;
  inFlight(): number;
  held(): boolean;
  /** See Lane.drain. */
  drain(): Promise<void>;
}

export const createLanes = (createLane: (partition: number) => Lane): Lanes => {
  // Lanes are kept for good: what a revoked partition still has in flight must count when the partition comes back.
  const lanes = new Map<number, Lane>();
  let assigned = new Set<number>();
  const own = (): Lane[] => [...assigned].map((partition) => lanes.get(partition)!);

  return {
    assign: (partitions) => {
      const next = new Set(partitions);
      for (const partition of assigned) if (!next.has(partition)) lanes.get(partition)?.revoke();
      for (const partition of next) if (!lanes.has(partition)) lanes.set(partition, createLane(partition));
      assigned = next;
    },
    of: (partition) => (assigned.has(partition) ? lanes.get(partition) : undefined),
    assigned: () => [...assigned],
    marks: () => {
      const marks = new Map<number, bigint>();
      for (const partition of assigned) {
        const mark = lanes.get(partition)?.mark();
        if (mark !== undefined) marks.set(partition, mark);
      }
      return marks;
    },
    inFlight: () => [...lanes.values()].reduce((sum, lane) => sum + lane.inFlight(), 0),
    held: () => own().some((lane) => lane.held()),
    drain: async () => {
      await Promise.all([...lanes.values()].map((lane) => lane.drain()));
    },
  };
};
