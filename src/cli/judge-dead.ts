import type { DeadLetters } from '../record/judging/contract.ts';
import { printable, type Terminal, table } from './terminal.ts';

// `judge dead`: what the judge gave up on, and another try for it.

export interface DeadTask {
  readonly action: 'dead';
  /** Undefined: all. */
  readonly tenant: string | undefined;
  readonly retry: boolean;
}

/** Shown at once; the oldest come first, and those that are retried leave the list. */
const MOST = 1_000;

/** @returns exit code: 1 where there are dead letters and nobody asked for another try */
export const tendDead = async (
  letters: DeadLetters,
  { tenant, retry }: DeadTask,
  { out }: Terminal,
): Promise<number> => {
  const list = await letters.list(tenant, MOST);
  if (list.length === 0) {
    out.write('The judge has given up on nothing.\n');
    return 0;
  }
  const rows = list.map(({ tenant, traceId, cause, enqueuedAt, attempts, reason, readable }) => [
    printable(tenant),
    printable(traceId),
    cause,
    enqueuedAt.toISOString(),
    String(attempts),
    reason,
    readable ? 'kept' : 'gone',
  ]);
  out.write(`${table(['tenant', 'trace', 'cause', 'queued', 'tries', 'last reason', 'text'], rows)}\n\n`);
  if (!retry) {
    const more = list.length === MOST ? ' or more' : '';
    out.write(`The judge has given up on ${list.length}${more} traces; --retry puts those whose text is kept back.\n`);
    return 1;
  }
  const count = await letters.retry(tenant);
  out.write(`${count} traces are in the queue again. Their verdicts stand until they are judged.\n`);
  return 0;
};
