import type { JudgeCause } from '../../domain/judging.ts';
import type { Trace } from '../../domain/trace.ts';
import type { Verdict } from '../../domain/verdict.ts';

// What the judge worker may ask of the store. Every replica works on the one queue.

export interface JudgeJob {
  readonly trace: Trace;
  readonly receivedAt: Date;
  readonly enqueuedAt: Date;
  readonly cause: JudgeCause;
  readonly provisional: Verdict;
  /** Counts from 1, this one included. */
  readonly attempt: number;
  /** Whether the text is gone (retention was faster): there is nothing to judge then, and `trace.segments` is empty. */
  readonly textGone: boolean;
  /** Fences: whoever holds an older lease of the same job changes nothing. */
  readonly lease: string;
}

export interface ClaimOptions {
  readonly limit: number;
  /** Most jobs of one tenant that are leased at once, over all replicas. Replicas that claim in the same instant may pass it. */
  readonly perTenant: number;
  readonly leaseMs: number;
}

export interface JudgeBill {
  readonly calls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number | null;
}

/** How a job ended. */
export interface Judgement {
  readonly verdict: Verdict;
  /** `hit`, `clear`, or the coverage reason of what could not be judged. */
  readonly outcome: string;
  readonly model: string | null;
  readonly prompt: string | null;
  readonly bill: JudgeBill;
  /** Attempts ran out: the job stays, with its text, for whoever looks into why and has it tried again. */
  readonly dead: boolean;
}

export interface RetryOptions {
  readonly notBefore: Date;
  readonly reason: string;
  /** Whether this attempt counts. One that sent no request, or was cut off by a shutdown, does not. */
  readonly counts: boolean;
}

export interface BudgetLimits {
  readonly tokens: number | null;
  readonly costUsd: number | null;
}

/** Tokens set aside, and the day they count for. */
export interface Reservation {
  readonly tenant: string;
  /** ISO date, by UTC. */
  readonly day: string;
  readonly tokens: number;
}

export interface JudgeQueueStats {
  readonly waiting: number;
  readonly leased: number;
  readonly dead: number;
  /** When the oldest job that is not dead was enqueued. */
  readonly oldest: Date | null;
}

/** A job whose attempts ran out. */
export interface DeadLetter {
  readonly tenant: string;
  readonly traceId: string;
  readonly cause: JudgeCause;
  readonly enqueuedAt: Date;
  readonly attempts: number;
  /** The last one. */
  readonly reason: string;
  /** Whether its text is still there. */
  readonly readable: boolean;
}

/** For operators, over all tenants or one. */
export interface DeadLetters {
  list(tenant: string | undefined, limit: number): Promise<readonly DeadLetter[]>;
  /** Puts those that can be read back into the queue; resolves to how many. */
  retry(tenant: string | undefined): Promise<number>;
}

/** Of traces drawn at random from below the band: how many the judge would have flagged. */
export interface ShadowCounts {
  readonly judged: number;
  readonly missed: number;
}

export interface JudgeQueue {
  /** Leases jobs that are due, fairly over tenants, the most pressing of each first. */
  claim(options: ClaimOptions): Promise<readonly JudgeJob[]>;
  /** Extends leases; resolves to those that are still held. */
  renew(leases: readonly string[], leaseMs: number): Promise<ReadonlySet<string>>;
  /** Gives the job back, to be tried again. */
  retry(job: JudgeJob, options: RetryOptions): Promise<void>;
  /**
   * Stores the final verdict in place of the provisional one, with its findings, flag, audit entry and messages, and ends
   * the job, in one transaction. `lost`: the lease is somebody else's by now, and nothing was stored.
   */
  complete(job: JudgeJob, judgement: Judgement): Promise<'stored' | 'lost'>;
  /** Sets tokens aside for a judgement that is about to begin. Null where the tenant's day has no room for it. */
  reserve(tenant: string, tokens: number, limits: BudgetLimits): Promise<Reservation | null>;
  /** Puts what was really used in place of what was set aside. */
  settle(reservation: Reservation, bill: JudgeBill): Promise<void>;
  stats(): Promise<JudgeQueueStats>;
  /** Judged since `since`, canaries and what could not be judged left out. */
  shadow(since: Date): Promise<ShadowCounts>;
}
