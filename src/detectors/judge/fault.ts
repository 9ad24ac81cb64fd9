import type { CoverageReason } from '../../domain/verdict.ts';

export type JudgeReason = Extract<CoverageReason, 'judge_refused' | 'judge_error' | 'over_budget' | 'timeout'>;

/** What went wrong with a call, for metrics: a closed set. */
export const CALL_RESULTS = [
  'answered',
  'refused',
  'malformed',
  'cut',
  'oversized',
  'too_long',
  'unsupported',
  'rejected',
  'rate_limited',
  'quota',
  'server_error',
  'connection',
  'timeout',
  'breaker_open',
  'overloaded',
] as const;
export type CallResult = (typeof CALL_RESULTS)[number];

export interface FaultOptions {
  /** Whether the same call may go through a moment later. */
  readonly retryable?: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

const REASONS: Readonly<Record<Exclude<CallResult, 'answered'>, JudgeReason>> = {
  refused: 'judge_refused',
  malformed: 'judge_error',
  cut: 'judge_error',
  oversized: 'judge_error',
  too_long: 'judge_error',
  unsupported: 'judge_error',
  rejected: 'judge_error',
  rate_limited: 'judge_error',
  quota: 'over_budget',
  server_error: 'judge_error',
  connection: 'judge_error',
  timeout: 'timeout',
  breaker_open: 'judge_error',
  overloaded: 'judge_error',
};

/** A call that brought no judgement. Its message never quotes what was sent or answered. */
export class JudgeFault extends Error {
  readonly result: Exclude<CallResult, 'answered'>;
  readonly reason: JudgeReason;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(result: Exclude<CallResult, 'answered'>, options: FaultOptions = {}) {
    super(
      `The judge gave no judgement: ${result}.`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'JudgeFault';
    this.result = result;
    this.reason = REASONS[result];
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The endpoint does not take a parameter: a matter of finding out what it does take, not of the trace. */
export class UnsupportedParameter extends JudgeFault {
  /** Lower case; what the endpoint complained about. For matching only. */
  readonly complaint: string;

  constructor(complaint: string, cause: unknown) {
    super('unsupported', { cause });
    this.name = 'UnsupportedParameter';
    this.complaint = complaint;
  }
}

/** Faults of the answer itself: another window, or another try, may go better. The others stop the judgement. */
export const isAboutAnswer = ({ result }: JudgeFault): boolean =>
  result === 'refused' || result === 'malformed' || result === 'cut' || result === 'oversized' || result === 'too_long';
