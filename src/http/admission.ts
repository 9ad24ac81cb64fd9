import { CodedError } from '../domain/errors.ts';
import type { Metrics } from '../observe/metrics.ts';

// How many traces may be in the pipeline over REST. Past that, a quick 503 with retry-after is kinder than a queue whose
// answers come after the callers gave up. Callers who wait for the verdict go first: `async` ones may only take three
// quarters of the places.

const ASYNC_SHARE = 0.75;
const RETRY_AFTER_SECONDS = 1;

export type Priority = 'sync' | 'async';

/** A place in the pipeline. Giving it back twice counts once. */
export interface Slot {
  release(): void;
}

export interface Admission {
  /** Undefined where there is no place, which is counted nowhere: for work that can do with fewer. */
  tryAcquire(priority: Priority): Slot | undefined;
  /** @throws CodedError `overloaded` */
  acquire(priority: Priority): Slot;
  /** Waits for a place among the `async` ones, first come, first served. Whoever waits must bound how many wait. */
  turn(): Promise<Slot>;
}

export const createAdmission = (limit: number, metrics: Pick<Metrics, 'set' | 'count'>): Admission => {
  const limits: Readonly<Record<Priority, number>> = {
    sync: limit,
    async: Math.max(1, Math.floor(limit * ASYNC_SHARE)),
  };
  let taken = 0;
  const waiting: ((slot: Slot) => void)[] = [];
  const publish = (): void => metrics.set('cot_monitor_http_in_flight', taken);
  const occupy = (): Slot => {
    taken++;
    publish();
    let held = true;
    return {
      release: () => {
        if (!held) return;
        held = false;
        taken--;
        publish();
        if (taken < limits.async) waiting.shift()?.(occupy());
      },
    };
  };
  const tryAcquire = (priority: Priority): Slot | undefined => (taken >= limits[priority] ? undefined : occupy());
  return {
    tryAcquire,
    acquire: (priority) => {
      const slot = tryAcquire(priority);
      if (slot !== undefined) return slot;
      metrics.count('cot_monitor_http_shed_total');
      throw new CodedError('overloaded', 'Too many traces are in the pipeline.', { retryAfter: RETRY_AFTER_SECONDS });
    },
    turn: () =>
      taken < limits.async && waiting.length === 0
        ? Promise.resolve(occupy())
        : new Promise((resolve) => waiting.push(resolve)),
  };
};
