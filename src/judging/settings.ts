import type { BudgetLimits } from '../record/judging/contract.ts';

/** How the queue of judge work is worked off. Times in milliseconds. */
export interface JudgingSettings {
  /** Jobs in hand at once, in this process. */
  readonly concurrency: number;
  /** Jobs of one tenant in hand at once, over all replicas. */
  readonly perTenant: number;
  readonly leaseMs: number;
  /** Times a job may be tried before it is dead. */
  readonly maxAttempts: number;
  /** Longest time for all calls of one try. */
  readonly deadlineMs: number;
  /** A job this old is not tried again, whoever was to blame. */
  readonly maxAgeMs: number;
  /** By tenant and day. */
  readonly limits: BudgetLimits;
}
