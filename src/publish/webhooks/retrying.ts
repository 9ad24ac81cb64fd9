import type { Attempt } from './sender.ts';

// What follows from an attempt.

export type Outcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly inMs: number; readonly reason: string }
  | { readonly kind: 'dead'; readonly reason: string };

const FIRST_MS = 5_000;
const FACTOR = 4;
const LAST_MS = 60 * 60_000;
/** Longest time that an endpoint may ask to be left alone. */
const LONGEST_ASKED_MS = 6 * 60 * 60_000;

/** The endpoint says that it is gone for good. */
const GONE = 410;

/** `retry-after`, as seconds or as a date, in milliseconds from now. */
export const askedWait = (retryAfter: string | undefined, now: Date): number => {
  const text = retryAfter?.trim() ?? '';
  const milliseconds = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime();
  return Number.isFinite(milliseconds) ? Math.min(LONGEST_ASKED_MS, Math.max(0, milliseconds)) : 0;
};

export interface RetryOptions {
  /** Attempts so far, this one included. */
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly now: Date;
  /** 0 up to but not including 1, for jitter. */
  readonly random: () => number;
}

/** Between half and all of a wait that grows, so that messages which failed together do not come back together. */
export const outcomeOf = (attempt: Attempt, { attempts, maxAttempts, now, random }: RetryOptions): Outcome => {
  if (attempt.kind === 'answered' && attempt.status >= 200 && attempt.status < 300) return { kind: 'delivered' };
  const reason = attempt.kind === 'answered' ? `status_${attempt.status}` : attempt.reason;
  if (attempts >= maxAttempts || (attempt.kind === 'answered' && attempt.status === GONE))
    return { kind: 'dead', reason };
  const grown = Math.min(LAST_MS, FIRST_MS * FACTOR ** Math.min(attempts - 1, 10)) * (0.5 + random() / 2);
  const asked = attempt.kind === 'answered' ? askedWait(attempt.retryAfter, now) : 0;
  return { kind: 'retry', inMs: Math.round(Math.max(grown, asked)), reason };
};
