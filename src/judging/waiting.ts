import type { Verdict } from '../domain/verdict.ts';

// Callers who wait for the judge. The replica that judged may be another one, so besides being told by its own worker a
// waiter looks into the store now and then, more rarely the longer it waits.

export interface Waiting {
  /** The worker has stored a final verdict. */
  tell(tenant: string, verdict: Verdict): void;
  /** The final verdict, or null where there is none in time or the signal aborted. */
  final(tenant: string, traceId: string, milliseconds: number, signal: AbortSignal): Promise<Verdict | null>;
}

export interface WaitingDeps {
  readonly find: (tenant: string, traceId: string) => Promise<Verdict | null>;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const FIRST_LOOK_MS = 250;
const LAST_LOOK_MS = 4_000;

export const createWaiting = ({ find, sleep }: WaitingDeps): Waiting => {
  const told = new Map<string, Set<(verdict: Verdict) => void>>();
  const keyOf = (tenant: string, traceId: string): string => JSON.stringify([tenant, traceId]);

  const watch = async (tenant: string, traceId: string, over: AbortSignal): Promise<Verdict | null> => {
    for (let wait = FIRST_LOOK_MS; !over.aborted; wait = Math.min(LAST_LOOK_MS, wait * 2)) {
      await sleep(wait, over);
      // A store that does not answer for a moment is no reason to give up waiting.
      const verdict = over.aborted ? null : await find(tenant, traceId).catch(() => null);
      if (verdict?.status === 'final') return verdict;
    }
    return null;
  };

  return {
    tell: (tenant, verdict) => {
      for (const resolve of told.get(keyOf(tenant, verdict.traceId)) ?? []) resolve(verdict);
    },
    final: async (tenant, traceId, milliseconds, signal) => {
      const key = keyOf(tenant, traceId);
      const done = new AbortController();
      const over = AbortSignal.any([signal, done.signal, AbortSignal.timeout(milliseconds)]);
      const { promise, resolve } = Promise.withResolvers<Verdict>();
      const waiters = told.get(key) ?? new Set();
      told.set(key, waiters.add(resolve));
      try {
        return await Promise.race([promise, watch(tenant, traceId, over)]);
      } finally {
        done.abort();
        waiters.delete(resolve);
        if (waiters.size === 0) told.delete(key);
      }
    },
  };
};
