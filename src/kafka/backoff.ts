import { ExponentialBackoff, type IBackoff } from 'cockatiel';

export interface BackoffOptions {
  /** Milliseconds. */
  readonly initialMs: number;
  readonly maxMs: number;
}

/** Delays that grow with decorrelated jitter, so that replicas which lost the same broker do not come back in step. */
export interface Backoff {
  /** Milliseconds to wait before the next attempt. */
  next(): number;
  reset(): void;
}

export const createBackoff = ({ initialMs, maxMs }: BackoffOptions): Backoff => {
  const factory = new ExponentialBackoff<unknown>({ initialDelay: initialMs, maxDelay: maxMs });
  let current: IBackoff<unknown> | undefined;
  return {
    next: () => {
      current = current === undefined ? factory.next() : current.next(undefined);
      return current.duration;
    },
    reset: () => {
      current = undefined;
    },
  };
};

/** Resolves after `milliseconds`, or as soon as the signal aborts; never rejects. */
export const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
