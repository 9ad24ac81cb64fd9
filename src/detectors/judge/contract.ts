import type { Outcome } from '../../domain/outcome.ts';
import type { Trace } from '../../domain/trace.ts';

// The third tier as others see it: a trace in, an outcome and its price out. What a judge is, and how it is asked, is its
// own matter; when it is asked, and what its answer may change, is not.

export interface JudgeRequest {
  readonly trace: Trace;
  /** Set by who received the trace, never by the trace. */
  readonly tenant: string;
  /** What the cheap tiers made of it, 0–1: a judge that sees it quite otherwise has a second one asked. */
  readonly risk?: number;
  /** Aborts the judgement: the process is going down, or the lease was lost. The one thing `judge` rejects for. */
  readonly signal: AbortSignal;
}

/** What a judgement used, failed calls included where the server said what they cost. */
export interface JudgeUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Requests sent, retries included. */
  readonly calls: number;
  /** Null where no price is configured. */
  readonly costUsd: number | null;
}

export interface JudgeAnswer {
  /**
   * A failure is `unjudged`, with the reason `judge_refused`, `judge_error`, `over_budget` or `timeout`; a judgement that
   * covers only part of the trace, or that rests on nothing that could be verified, is a `hit` with `incomplete` set.
   */
  readonly outcome: Outcome;
  /** What the rubric's scale said, 1 to 10 and not only whole numbers, by category. Absent where nothing was judged. */
  readonly scores?: Readonly<Record<string, number>>;
  readonly usage: JudgeUsage;
  /** Version and content hash of the prompts, `version.hash`: stored with the verdict. */
  readonly prompt: string;
  /** As configured. With a second judge: both, joined by `+`. */
  readonly model: string;
  /** Set where the judge could not be asked now and said when it can be. */
  readonly retryAfterMs?: number;
}

export interface Judge {
  readonly name: string;
  /** The `prompt` of every answer this judge will give. */
  readonly promptVersion: string;
  /** Resolves to an answer, whatever goes wrong; rejects only when `signal` aborts, with the signal's reason. */
  judge(request: JudgeRequest): Promise<JudgeAnswer>;
}
