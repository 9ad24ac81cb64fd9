import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleWhen,
  type IRetryBackoffContext,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
} from 'cockatiel';
import type { Clock } from '../../domain/clock.ts';
import type { Metrics } from '../../observe/metrics.ts';
import type { Codes } from './answer.ts';
import { type CompletionsOptions, createSend, type Question, type Reply } from './completions.ts';
import { type Dialect, RICHEST, simplify } from './dialect.ts';
import { JudgeFault, UnsupportedParameter } from './fault.ts';
import { type Ledger, type Price, priceOf } from './ledger.ts';

// A judge endpoint that may be slow, down, overloaded or picky. From the outside in: retries wait outside the slots, so
// that waiting holds none; slots bound what is asked at once; the breaker stops asking an endpoint that is down; the
// timeout lets go of a slot whatever the call in it does.

/** Which of the judges: a label of metrics. */
export type Seat = 'first' | 'second';

export interface ChatOptions extends CompletionsOptions {
  readonly seat: Seat;
  readonly price: Price | undefined;
  /** For one call, from sending to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly concurrency: number;
  /** Tries of one call, the first included. */
  readonly attempts: number;
  /** Failures in a row that open the breaker, and for how long. */
  readonly breaker: { readonly failures: number; readonly openMs: number };
}

export interface ChatDeps {
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** 0–1, for the jitter of waits. */
  readonly jitter: () => number;
}

export interface Chat {
  readonly model: string;
  readonly price: Price | undefined;
  /** @throws JudgeFault for every failure; the signal's reason once it aborts */
  ask<T extends Codes>(question: Question<T>, ledger: Ledger, signal: AbortSignal): Promise<Reply<T>>;
  /** Whether the endpoint is being asked at all. */
  open(): boolean;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;
/** Calls that may wait for a slot: more than one process ever has in hand, and still a bound. */
const WAITING = 10_000;

export const createChat = (options: ChatOptions, { metrics, clock, jitter }: ChatDeps): Chat => {
  const { seat, endpoint, price, attempts, breaker } = options;
  const send = createSend(options);
  let dialect: Dialect = RICHEST;
  let openedAt: number | undefined;

  const retries = retry(
    handleWhen(
      (error) => error instanceof JudgeFault && error.retryable && (error.retryAfterMs ?? 0) <= LONGEST_WAIT_MS,
    ),
    {
      maxAttempts: attempts - 1,
      backoff: new DelegateBackoff(({ attempt, result }: IRetryBackoffContext<unknown>) => {
        metrics.count('cot_monitor_judge_retries_total', { judge: seat });
        const asked = 'error' in result && result.error instanceof JudgeFault ? result.error.retryAfterMs : undefined;
        const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
        // Asked to wait: never less, and not all at the same moment after. Else anywhere up to the bound.
        return asked === undefined ? most * jitter() : asked + FIRST_WAIT_MS * jitter();
      }),
    },
  );
  const slots = bulkhead(options.concurrency, WAITING);
  const circuit = circuitBreaker(
    handleWhen((error) => error instanceof JudgeFault && SIGNS_OF_FAILURE.has(error.result)),
    { breaker: new ConsecutiveBreaker(breaker.failures), halfOpenAfter: breaker.openMs },
  );
  circuit.onBreak(() => {
    openedAt = clock().getTime();
    metrics.set('cot_monitor_judge_breaker_open', 1, { judge: seat });
  });
  circuit.onReset(() => {
    openedAt = undefined;
    metrics.set('cot_monitor_judge_breaker_open', 0, { judge: seat });
  });
  metrics.set('cot_monitor_judge_breaker_open', 0, { judge: seat });
  const limit = timeout(options.timeoutMs, TimeoutStrategy.Aggressive);

  /** Our own name for what the layers throw. */
  const named = (error: unknown): unknown => {
    if (error instanceof JudgeFault) return error;
    if (error instanceof TaskCancelledError) return new JudgeFault('timeout', { retryable: true, cause: error });
    if (error instanceof BulkheadRejectedError) return new JudgeFault('overloaded', { cause: error });
    if (error instanceof BrokenCircuitError) {
      const left = (openedAt ?? clock().getTime()) + breaker.openMs - clock().getTime();
      return new JudgeFault('breaker_open', { retryAfterMs: Math.max(0, left), cause: error });
    }
    return error;
  };

  const once = async <T extends Codes>(
    question: Question<T>,
    spoken: Dialect,
    ledger: Ledger,
    signal: AbortSignal,
  ): Promise<Reply<T>> => {
    const labels = { judge: seat, step: question.step };
    let started: number | undefined;
    const finish = (result: string): void => {
      metrics.count('cot_monitor_judge_calls_total', { ...labels, result });
      if (started === undefined) return;
      metrics.observe('cot_monitor_judge_call_duration_seconds', (performance.now() - started) / 1000, labels);
    };
    const counted: Ledger = {
      ...ledger,
      used: (prompt, completion) => {
        ledger.used(prompt, completion);
        metrics.count('cot_monitor_judge_tokens_total', { judge: seat, kind: 'prompt' }, prompt);
        metrics.count('cot_monitor_judge_tokens_total', { judge: seat, kind: 'completion' }, completion);
        const cost = priceOf(prompt, completion, price);
        if (cost !== null) metrics.count('cot_monitor_judge_cost_usd_total', { judge: seat }, cost);
      },
    };
    try {
      const reply = await slots.execute(
        () =>
          circuit.execute(async () => {
            try {
              return await limit.execute((context) => {
                started = performance.now();
                return send(question, spoken, counted, context.signal);
              }, signal);
            } catch (error) {
              throw named(error);
            }
          }, signal),
        signal,
      );
      finish('answered');
      return reply;
    } catch (error) {
      const fault = named(error);
      if (signal.aborted) throw signal.reason;
      finish(fault instanceof JudgeFault ? fault.result : 'connection');
      throw fault;
    }
  };

  /** Finds out what the server takes, once; the next question begins with that. */
  const negotiate = async <T extends Codes>(
    question: Question<T>,
    ledger: Ledger,
    signal: AbortSignal,
  ): Promise<Reply<T>> => {
    let spoken = dialect;
    for (;;) {
      try {
        const reply = await once(question, spoken, ledger, signal);
        dialect = spoken;
        return reply;
      } catch (error) {
        const next = error instanceof UnsupportedParameter ? simplify(spoken, error.complaint) : undefined;
        // It took the parameters, whatever it made of the question.
        if (error instanceof JudgeFault && TAKEN.has(error.result)) dialect = spoken;
        if (next === undefined) throw error;
        spoken = next;
      }
    }
  };

  return {
    model: endpoint.model,
    price,
    open: () => openedAt === undefined,
    ask: (question, ledger, signal) =>
      untilAborted(
        signal,
        retries.execute(() => negotiate(question, ledger, signal), signal),
      ),
  };
};

/** Failures that say something about the endpoint, not about this trace. */
const SIGNS_OF_FAILURE: ReadonlySet<string> = new Set(['server_error', 'connection', 'timeout', 'rejected']);

const TAKEN: ReadonlySet<string> = new Set(['refused', 'malformed', 'cut']);

/** A wait between two tries does not end with the signal: nobody is kept waiting for it. */
const untilAborted = async <T>(signal: AbortSignal, work: Promise<T>): Promise<T> => {
  if (signal.aborted) {
    work.catch(() => {});
    throw signal.reason;
  }
  const gone = Promise.withResolvers<never>();
  const leave = (): void => gone.reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work, gone.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
    work.catch(() => {});
  }
};
