import type { PartHealth } from '../observe/health.ts';
import type { Logger } from '../observe/log.ts';
import type { JudgeJob, JudgeQueue } from '../record/judging/contract.ts';
import type { AttemptDeps, Ended, Interruption } from './attempt.ts';
import { createAttempt } from './attempt.ts';

// The judge worker. It takes jobs from the queue that all replicas share, a few at a time, and keeps their leases alive
// while the judge thinks. Jobs do not wait for one another: one that hangs costs one place until its deadline.

export interface LoopDeps extends AttemptDeps {
  readonly queue: Pick<JudgeQueue, 'claim' | 'renew' | 'retry' | 'complete' | 'reserve' | 'settle'>;
  readonly log: Logger;
  /** Told of every job as it ends. */
  readonly onEnded: (job: JudgeJob, ended: Ended) => void;
  /** Longest time between two looks into the queue, in milliseconds. */
  readonly pollMs?: number;
}

export interface JudgeLoop {
  start(): void;
  /** There may be work. Cheap; call it after every commit. */
  notify(): void;
  /** Not ok while the queue cannot be read. */
  health(): PartHealth;
  /** Not ok where the loop itself has stopped turning. */
  liveness(): PartHealth;
  /** Takes no more, waits for what is in hand at most so long, and gives the rest back. */
  stop(withinMs: number): Promise<void>;
}

interface InHand {
  readonly job: JudgeJob;
  readonly abort: (why: Interruption) => void;
  readonly done: Promise<void>;
}

/** A loop that turns every second or so and has not for this long is stuck. */
const STUCK_MS = 120_000;

export const createJudgeLoop = (deps: LoopDeps): JudgeLoop => {
  const { queue, settings, log, clock, sleep, onEnded, pollMs = 1_000 } = deps;
  const { concurrency, perTenant, leaseMs } = settings;
  const attempt = createAttempt(deps);
  const inHand = new Map<string, InHand>();
  const stopping = new AbortController();
  let wake = new AbortController();
  let pausedUntil = 0;
  let failing: string | undefined;
  let turnedAt = clock().getTime();
  let loop: Promise<void> = Promise.resolve();
  let heart: NodeJS.Timeout | undefined;

  const take = (job: JudgeJob): void => {
    const controller = new AbortController();
    const done = attempt(job, controller.signal)
      .catch((error: unknown): Ended => {
        // Nothing was stored: the lease runs out, and somebody tries again.
        log.error({ component: 'judging', traceId: job.trace.id, error }, 'a job failed');
        return { ending: 'lost', verdict: null, outcome: null, pauseMs: null };
      })
      .then((ended) => {
        inHand.delete(job.lease);
        if (ended.pauseMs !== null) pausedUntil = Math.max(pausedUntil, clock().getTime() + ended.pauseMs);
        onEnded(job, ended);
        wake.abort();
      });
    inHand.set(job.lease, { job, abort: (why) => controller.abort(why), done });
  };

  const beat = async (): Promise<void> => {
    const leases = [...inHand.keys()];
    if (leases.length === 0) return;
    try {
      const held = await queue.renew(leases, leaseMs);
      for (const lease of leases) if (!held.has(lease)) inHand.get(lease)?.abort('lost');
    } catch (error) {
      // Nobody else can claim them while the store does not answer.
      log.warn({ component: 'judging', error }, 'leases could not be renewed');
    }
  };

  /** Resolves to whether there may be more to take right away. */
  const turn = async (): Promise<boolean> => {
    const free = concurrency - inHand.size;
    if (free <= 0 || clock().getTime() < pausedUntil) return false;
    const jobs = await queue.claim({ limit: free, perTenant, leaseMs });
    for (const job of jobs) take(job);
    return jobs.length > 0;
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      turnedAt = clock().getTime();
      // Before the turn, so that a notification during it leads to another one.
      wake = new AbortController();
      let more = false;
      try {
        more = await turn();
        if (failing !== undefined) log.info({ component: 'judging' }, 'the queue of judge work can be read again');
        failing = undefined;
      } catch (error) {
        if (failing === undefined) log.warn({ component: 'judging', error }, 'the queue of judge work cannot be read');
        failing = 'the queue of judge work cannot be read';
      }
      if (!more) await sleep(pollMs, failing === undefined ? wake.signal : stopping.signal);
    }
  };

  const settleWithin = async (milliseconds: number): Promise<void> => {
    const all = Promise.all([...inHand.values()].map(({ done }) => done));
    const over = new AbortController();
    await Promise.race([all.then(() => over.abort()), sleep(milliseconds, over.signal)]);
  };

  return {
    start: () => {
      heart = setInterval(() => void beat(), leaseMs / 3);
      loop = run();
    },
    notify: () => wake.abort(),
    health: () => (failing === undefined ? { ok: true } : { ok: false, reason: failing }),
    liveness: () =>
      stopping.signal.aborted || clock().getTime() - turnedAt < STUCK_MS
        ? { ok: true }
        : { ok: false, reason: 'the judge worker has stopped turning' },
    stop: async (withinMs) => {
      stopping.abort();
      wake.abort();
      await loop;
      await settleWithin(withinMs);
      for (const { abort } of inHand.values()) abort('stopping');
      await Promise.all([...inHand.values()].map(({ done }) => done));
      clearInterval(heart);
    },
  };
};
