// A consumer that stopped without an error is the one failure that no event reports: it is told from its silence while
// records wait. The judgement is pure; the watch adds what it has to remember between two looks.

export interface StallInput {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly lastProgressAt: number;
  /** Records waiting in this member's partitions, or null where the brokers did not say. */
  readonly lag: number | null;
  /** Whether it is known why nothing moves (the store is down, records are being retried). */
  readonly paused: boolean;
  readonly stallMs: number;
}

/** Whether records wait and nothing has moved for `stallMs`, without a known reason. */
export const evaluateStall = ({ now, lastProgressAt, lag, paused, stallMs }: StallInput): boolean =>
  lag !== null && lag > 0 && !paused && now - lastProgressAt >= stallMs;

export type StallAction = 'none' | 'recreate' | 'fail';

export interface ProgressWatch {
  progressed(now: number): void;
  /** One look. `recreate` is asked for once per stall; a stall that outlives it is `fail`, at every look until it ends. */
  look(now: number, lag: number | null, paused: boolean): StallAction;
  stalled(): boolean;
}

export const createProgressWatch = (stallMs: number, startedAt: number): ProgressWatch => {
  let lastProgressAt = startedAt;
  let recreated = false;
  let failed = false;

  const moved = (now: number): void => {
    lastProgressAt = now;
    recreated = false;
    failed = false;
  };

  return {
    progressed: moved,
    look: (now, lag, paused) => {
      // Where nothing waits, or the reason is known, there is nothing to make progress on: the clock starts afresh after.
      if (lag === 0 || paused) {
        moved(now);
        return 'none';
      }
      // Without an answer from the brokers a stall cannot be told from an outage, and no restart would mend an outage.
      if (lag === null) {
        lastProgressAt = now;
        return 'none';
      }
      if (!evaluateStall({ now, lastProgressAt, lag, paused, stallMs })) return 'none';
      if (!recreated) {
        recreated = true;
        lastProgressAt = now;
        return 'recreate';
      }
      failed = true;
      return 'fail';
    },
    stalled: () => failed,
  };
};
