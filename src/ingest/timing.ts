import type { BackoffOptions } from '../kafka/backoff.ts';

/** Every wait of the consumer, in milliseconds, in one place, so that tests need not live through them. */
export interface Timing {
  /** A member that is silent for so long is taken to be dead, and its partitions go to others. */
  readonly sessionMs: number;
  readonly heartbeatMs: number;
  /** Longest wait of a fetch for records; also the longest time until a resumed partition is fetched again. */
  readonly fetchWaitMs: number;
  /** How long a full partition may keep the others of its fetch waiting before it is paused. */
  readonly patienceMs: number;
  readonly commitMs: number;
  readonly lagMs: number;
  /** How long a client may take to close before it is left to itself. */
  readonly closeMs: number;
  readonly reconnect: BackoffOptions;
  readonly retry: BackoffOptions;
}

export const DEFAULT_TIMING: Timing = Object.freeze({
  sessionMs: 10_000,
  heartbeatMs: 2_000,
  fetchWaitMs: 250,
  patienceMs: 250,
  commitMs: 250,
  lagMs: 5_000,
  closeMs: 5_000,
  reconnect: Object.freeze({ initialMs: 250, maxMs: 15_000 }),
  retry: Object.freeze({ initialMs: 100, maxMs: 10_000 }),
});
