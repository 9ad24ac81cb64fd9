import type { Judge, JudgeAnswer } from '../detectors/judge/contract.ts';
import type { Clock } from '../domain/clock.ts';
import { CodedError } from '../domain/errors.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Trace } from '../domain/trace.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Logger } from '../observe/log.ts';
import type { JudgeBill, JudgeJob, Judgement, JudgeQueue, Reservation } from '../record/judging/contract.ts';
import type { JudgingSettings } from './settings.ts';

// One job, from the lease to its end: set tokens aside, ask, settle, and then either store the final verdict or give the
// job back. An answer that was paid for is not thrown away because the store is down: it waits, under its lease.

export type Ending = 'final' | 'dead' | 'over_budget' | 'retried' | 'lost' | 'released';

export interface Ended {
  readonly ending: Ending;
  /** The final verdict, where there is one. */
  readonly verdict: Verdict | null;
  readonly outcome: Outcome | null;
  /** Set where the judge cannot be asked for a while: no other job need try. */
  readonly pauseMs: number | null;
}

export interface AttemptDeps {
  readonly queue: Pick<JudgeQueue, 'retry' | 'complete' | 'reserve' | 'settle'>;
  readonly judge: Judge;
  readonly finalise: (
    provisional: Verdict,
    judged: { readonly outcome: Outcome; readonly prompt: string | null; readonly milliseconds: number },
  ) => Verdict;
  readonly settings: JudgingSettings;
  readonly log: Logger;
  readonly clock: Clock;
  /** 0 up to but not including 1, for jitter. */
  readonly random: () => number;
  /** Resolves after that many milliseconds, or when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Why a job's signal aborts. `stopping`: give it back. `lost`: it is somebody else's. */
export type Interruption = 'stopping' | 'lost';

const NOTHING: JudgeBill = { calls: 0, promptTokens: 0, completionTokens: 0, costUsd: null };

/** Prompts of the two calls, and room for their answers. */
const BASE_TOKENS = 8_000;
/** Text is sent about twice: once to find excerpts, once, in part, to score them. Three characters a token is dense text. */
const CHARACTERS_A_TOKEN = 3;

export const estimateTokens = (trace: Trace): number =>
  BASE_TOKENS + Math.ceil((2 * trace.segments.reduce((sum, { text }) => sum + text.length, 0)) / CHARACTERS_A_TOKEN);

const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 5 * 60_000;

/** Grows by half a factor of jitter, so that jobs which failed together do not come back together. */
export const retryDelay = (attempt: number, retryAfterMs: number | undefined, random: () => number): number => {
  const grown = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 20));
  const asked = retryAfterMs ?? 0;
  return Math.round(Math.max(grown * (0.5 + random() / 2), asked * (1 + random() / 10)));
};

export const createAttempt = (deps: AttemptDeps) => {
  const { queue, judge, finalise, settings, log, clock, random, sleep } = deps;

  /** Tries until the store answers: what is to be stored was paid for. Gives up only when the job is interrupted. */
  const persistently = async <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | null> => {
    for (let n = 1; ; n++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof CodedError) || error.code !== 'store_unavailable') throw error;
        if (signal.aborted) return null;
        await sleep(retryDelay(Math.min(n, 4), undefined, random), signal);
      }
    }
  };

  /** Null where the signal aborted. A judge that hears neither signal nor deadline is left behind: it holds no slot. */
  const ask = async (job: JudgeJob, signal: AbortSignal): Promise<JudgeAnswer | 'timeout' | 'judge_error' | null> => {
    const late = new AbortController();
    const over = AbortSignal.any([signal, late.signal]);
    const timer = setTimeout(() => late.abort(new Error('the judgement took too long')), settings.deadlineMs);
    const aborted = new Promise<'timeout' | null>((resolve) => {
      over.addEventListener('abort', () => resolve(signal.aborted ? null : 'timeout'), { once: true });
    });
    const { trace, provisional } = job;
    const request = { trace, tenant: trace.tenant, risk: provisional.risk, signal: over };
    const answer = judge.judge(request).catch((error: unknown) => {
      if (over.aborted) return signal.aborted ? null : ('timeout' as const);
      log.error({ component: 'judging', traceId: job.trace.id, error }, 'the judge failed');
      return 'judge_error' as const;
    });
    try {
      return await Promise.race([answer, aborted]);
    } finally {
      clearTimeout(timer);
    }
  };

  const end = async (
    job: JudgeJob,
    signal: AbortSignal,
    how: {
      readonly outcome: Outcome;
      readonly answer?: JudgeAnswer;
      readonly label?: string;
      readonly milliseconds: number;
      readonly dead?: boolean;
    },
  ): Promise<Ended> => {
    const { outcome, answer, milliseconds, dead = false } = how;
    const verdict = finalise(job.provisional, { outcome, prompt: answer?.prompt ?? null, milliseconds });
    const judgement: Judgement = {
      verdict,
      outcome: how.label ?? (outcome.kind === 'unjudged' ? outcome.reason : outcome.kind),
      model: answer?.model ?? null,
      prompt: answer?.prompt ?? null,
      bill: answer?.usage ?? NOTHING,
      dead,
    };
    const stored = await persistently(() => queue.complete(job, judgement), signal);
    if (stored !== 'stored') return { ending: 'lost', verdict: null, outcome: null, pauseMs: null };
    const refusedMoney = answer === undefined && outcome.kind === 'unjudged' && outcome.reason === 'over_budget';
    const ending = dead ? 'dead' : refusedMoney ? 'over_budget' : 'final';
    return { ending, verdict, outcome, pauseMs: null };
  };

  const giveBack = async (job: JudgeJob, reason: string, counts: boolean, delayMs: number): Promise<void> => {
    const notBefore = new Date(clock().getTime() + delayMs);
    // Where the store does not answer, the lease runs out by itself.
    await queue.retry(job, { notBefore, reason, counts }).catch((error: unknown) => {
      log.warn({ component: 'judging', traceId: job.trace.id, error }, 'a job could not be given back');
    });
  };

  const failed = async (
    job: JudgeJob,
    signal: AbortSignal,
    reason: 'judge_error' | 'timeout',
    answer: JudgeAnswer | undefined,
    milliseconds: number,
  ): Promise<Ended> => {
    const unasked = answer !== undefined && answer.usage.calls === 0;
    const old = clock().getTime() - job.enqueuedAt.getTime() >= settings.maxAgeMs;
    if (old || (!unasked && job.attempt >= settings.maxAttempts)) {
      log.warn(
        { component: 'judging', traceId: job.trace.id, reason, count: job.attempt },
        'a trace could not be judged',
      );
      // The reason of a dead letter is always the same for callers; the job and the log keep the last one.
      const outcome: Outcome = { kind: 'unjudged', reason: 'judge_error' };
      return end(job, signal, { outcome, label: reason, milliseconds, dead: true, ...(answer ? { answer } : {}) });
    }
    await giveBack(job, reason, !unasked, retryDelay(job.attempt, answer?.retryAfterMs, random));
    const pauseMs = unasked ? (answer.retryAfterMs ?? FIRST_RETRY_MS) : null;
    return { ending: 'retried', verdict: null, outcome: null, pauseMs };
  };

  const unaskable = (job: JudgeJob): { outcome: Outcome; label: string } | null => {
    const outcome: Outcome = { kind: 'unjudged', reason: 'judge_error' };
    if (job.textGone) return { outcome, label: 'text_gone' };
    // It was claimed more often than it may be tried: each time, whoever judged it did not live to say so.
    return job.attempt > settings.maxAttempts ? { outcome, label: 'judge_error' } : null;
  };

  /** @param signal aborts with an `Interruption` as its reason */
  return async (job: JudgeJob, signal: AbortSignal): Promise<Ended> => {
    const hopeless = unaskable(job);
    if (hopeless !== null) return end(job, signal, { ...hopeless, milliseconds: 0, dead: true });
    const reservation: Reservation | null = await queue.reserve(
      job.trace.tenant,
      estimateTokens(job.trace),
      settings.limits,
    );
    if (reservation === null) {
      return end(job, signal, { outcome: { kind: 'unjudged', reason: 'over_budget' }, milliseconds: 0 });
    }
    const started = performance.now();
    const answer = await ask(job, signal);
    const milliseconds = performance.now() - started;
    if (answer === null) {
      // What was set aside stays spent: the call in flight is paid for.
      if (signal.reason === 'lost') return { ending: 'lost', verdict: null, outcome: null, pauseMs: null };
      await giveBack(job, 'stopped', false, 0);
      return { ending: 'released', verdict: null, outcome: null, pauseMs: null };
    }
    if (typeof answer === 'string') return failed(job, signal, answer, undefined, milliseconds);
    await persistently(() => queue.settle(reservation, answer.usage), signal);
    const { outcome } = answer;
    if (outcome.kind === 'unjudged' && (outcome.reason === 'judge_error' || outcome.reason === 'timeout')) {
      return failed(job, signal, outcome.reason, answer, milliseconds);
    }
    return end(job, signal, { outcome, answer, milliseconds });
  };
};
