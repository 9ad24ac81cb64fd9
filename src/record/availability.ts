import { CodedError } from '../domain/errors.ts';
import type { Logger } from '../observe/log.ts';
import { codedDatabaseError } from './database-errors.ts';

export interface StoreHealth {
  readonly ok: boolean;
  readonly reason?: string;
}

export interface Availability {
  /** Runs an operation of the store; every failure becomes a CodedError. What it tells of the database is remembered. */
  run<T>(operation: () => Promise<T>): Promise<T>;
  /** What the latest operation or ping met. */
  health(): StoreHealth;
}

/** Readiness follows the real operations: a probe that passes while every write fails would say nothing. */
export const createAvailability = (log: Logger): Availability => {
  let up = true;
  const note = (now: boolean): void => {
    if (now === up) return;
    up = now;
    if (up) log.info({ component: 'store' }, 'the store answers again');
    else log.error({ component: 'store', code: 'store_unavailable' }, 'the store cannot be reached');
  };
  return {
    run: async (operation) => {
      try {
        const result = await operation();
        note(true);
        return result;
      } catch (error) {
        const coded = codedDatabaseError(error);
        if (coded.code === 'store_unavailable') note(false);
        throw coded;
      }
    },
    health: () => (up ? { ok: true } : { ok: false, reason: 'the store cannot be reached' }),
  };
};

/** @throws CodedError `store_unavailable` where the answer takes longer. The operation itself goes on unheard. */
export const within = async <T>(milliseconds: number, operation: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new CodedError('store_unavailable', 'The store does not answer.', { retryAfter: 1 })),
      milliseconds,
    );
  });
  try {
    return await Promise.race([operation, late]);
  } finally {
    clearTimeout(timer);
  }
};
