import { setImmediate as nextTurn } from 'node:timers/promises';
import { createFinalise } from '../../src/decide/finalise.ts';
import { loadPolicy } from '../../src/decide/policy.ts';
import type { Judge, JudgeAnswer, JudgeRequest } from '../../src/detectors/judge/contract.ts';
import { CodedError } from '../../src/domain/errors.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import type { AttemptDeps } from '../../src/judging/attempt.ts';
import type { JudgingSettings } from '../../src/judging/settings.ts';
import type { JudgeJob, Judgement, JudgeQueue, RetryOptions } from '../../src/record/judging/contract.ts';
import { NOON, recordOf } from '../record/records.ts';
import { silent } from '../record/stores.ts';

// A queue in memory and a judge that says what a test tells it to.

export const jobOf = (over: Partial<JudgeJob> & { readonly id?: string } = {}): JudgeJob => {
  const { id = 't-1', ...rest } = over;
  const { trace, verdict, receivedAt } = recordOf({ id, verdict: { status: 'provisional' } });
  return {
    trace,
    receivedAt,
    enqueuedAt: NOON,
    cause: 'band',
    provisional: verdict,
    attempt: 1,
    textGone: false,
    lease: `lease-${id}`,
    ...rest,
  };
};

export const answerOf = (outcome: Outcome, over: Partial<JudgeAnswer> = {}): JudgeAnswer => ({
  outcome,
  usage: { promptTokens: 900, completionTokens: 100, calls: 2, costUsd: 0.01 },
  prompt: '1.abc',
  model: 'm',
  ...over,
});

export const failure = (reason: 'judge_error' | 'timeout' | 'judge_refused', over: Partial<JudgeAnswer> = {}) =>
  answerOf({ kind: 'unjudged', reason }, over);

export interface FakeQueue extends JudgeQueue {
  waiting: JudgeJob[];
  readonly completed: { readonly job: JudgeJob; readonly judgement: Judgement }[];
  readonly retried: { readonly job: JudgeJob; readonly options: RetryOptions }[];
  /** Leases that somebody else holds by now. */
  readonly stolen: Set<string>;
  readonly settled: number[];
  /** Calls that the store is still to refuse. */
  outages: number;
  budget: boolean;
}

export const fakeQueue = (waiting: JudgeJob[] = []): FakeQueue => {
  const answering = <T>(value: () => T): Promise<T> => {
    if (queue.outages > 0) {
      queue.outages -= 1;
      return Promise.reject(new CodedError('store_unavailable', 'down'));
    }
    return Promise.resolve(value());
  };
  const queue: FakeQueue = {
    waiting,
    completed: [],
    retried: [],
    stolen: new Set(),
    settled: [],
    outages: 0,
    budget: true,
    claim: ({ limit }) => answering(() => queue.waiting.splice(0, limit)),
    renew: (leases) => answering(() => new Set(leases.filter((lease) => !queue.stolen.has(lease)))),
    retry: (job, options) => answering(() => void queue.retried.push({ job, options })),
    complete: (job, judgement) =>
      answering(() => {
        if (queue.stolen.has(job.lease)) return 'lost';
        queue.completed.push({ job, judgement });
        return 'stored';
      }),
    reserve: async (tenant, tokens) => (queue.budget ? { tenant, tokens, day: '2026-03-10' } : null),
    settle: (_, { promptTokens, completionTokens }) =>
      answering(() => void queue.settled.push(promptTokens + completionTokens)),
    stats: async () => ({ waiting: queue.waiting.length, leased: 0, dead: 0, oldest: null }),
    shadow: async () => ({ judged: 0, missed: 0 }),
  };
  return queue;
};

export const judgeOf = (
  answer: (request: JudgeRequest) => Promise<JudgeAnswer>,
): Judge & { readonly asked: string[] } => {
  const asked: string[] = [];
  return {
    name: 'judge',
    promptVersion: '1.abc',
    asked,
    judge: (request) => {
      asked.push(request.trace.id);
      return answer(request);
    },
  };
};

export const SETTINGS: JudgingSettings = {
  concurrency: 2,
  perTenant: 2,
  leaseMs: 60_000,
  maxAttempts: 3,
  deadlineMs: 60_000,
  maxAgeMs: 3_600_000,
  limits: { tokens: null, costUsd: null },
};

/** Hangs until the signal aborts, as a well-behaved judge does. */
export const hanging = ({ signal }: JudgeRequest): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

export const depsOf = (queue: FakeQueue, judge: Judge, settings: Partial<JudgingSettings> = {}): AttemptDeps => ({
  queue,
  judge,
  finalise: createFinalise(loadPolicy()),
  settings: { ...SETTINGS, ...settings },
  log: silent,
  clock: () => NOON,
  random: () => 0,
  sleep: async () => void (await nextTurn()),
});
