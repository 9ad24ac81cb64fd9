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
}

export const createAdmission = (limit: number, metrics: Pick<Metrics, 'set' | 'count'>): Admission => {
  const limits: Readonly<Record<Priority, number>> = {
    sync: limit,
    async: Math.max(1, Math.floor(limit * ASYNC_SHARE)),
  };
  let taken = 0;
  const publish = (): void => metrics.set('cot_monitor_http_in_flight', taken);
  const tryAcquire = (priority: Priority): Slot | undefined => {
    if (taken >= limits[priority]) return undefined;
    taken++;
    publish();
    let held = true;
    return {
      release: () => {
        if (!held) return;
        held = false;
        taken--;
        publish();
      },
    };
  };
  return {
    tryAcquire,
    acquire: (priority) => {
      const slot = tryAcquire(priority);
      if (slot !== undefined) return slot;
      metrics.count('cot_monitor_http_shed_total');
      throw new CodedError('overloaded', 'Too many traces are in the pipeline.', { retryAfter: RETRY_AFTER_SECONDS });
    },
  };
};
