import { CodedError } from '../domain/errors.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { NewRecord, WriteResult } from './contract.ts';
import { createVerdictCounting, type Source, type VerdictCountingOptions } from './verdict-counting.ts';

// Concurrent callers share transactions. What arrives while commits are in flight waits for the next one, so batches grow
// with the load by themselves; nothing ever waits for a timer.

export interface GroupCommitOptions extends VerdictCountingOptions {
  /** Most records in one transaction. */
  readonly maxBatch: number;
  /** Most transactions at once. The embedded store has one connection: more than 1 gains nothing there. */
  readonly maxInFlight?: number;
}

/**
 * Resolves once the record is durable, to the verdict that stands.
 * Rejects with a CodedError: `trace_conflict` where the id names other content, `store_unavailable` (nothing is known to
 * be stored; trying again is safe), `internal` where the store refuses this record.
 */
export type Commit = (record: NewRecord, source: Source) => Promise<Verdict>;

interface Waiting {
  readonly record: NewRecord;
  readonly source: Source;
  resolve(verdict: Verdict): void;
  reject(error: unknown): void;
}

type Write = (records: readonly NewRecord[]) => Promise<readonly WriteResult[]>;

export const createGroupCommit = (write: Write, options: GroupCommitOptions): Commit => {
  const { maxBatch, maxInFlight = 2, metrics, clock } = options;
  const count = createVerdictCounting(options);
  let queue: Waiting[] = [];
  let inFlight = 0;
  let scheduled = false;

  const settle = ({ record, source, resolve, reject }: Waiting, result: WriteResult): void => {
    count(record, result, source);
    if (result.kind === 'conflict') {
      reject(new CodedError('trace_conflict', 'This id already names a trace with other content.'));
    } else resolve(result.verdict);
  };

  const timed = async (batch: readonly Waiting[]): Promise<readonly WriteResult[]> => {
    const started = clock().getTime();
    const results = await write(batch.map(({ record }) => record));
    metrics.observe('cot_monitor_store_batch_size', batch.length);
    metrics.observe('cot_monitor_store_commit_duration_seconds', Math.max(0, clock().getTime() - started) / 1000);
    return results;
  };

  /** Resolves to the error that keeps the store from answering at all, if there is one. */
  const commit = async (batch: readonly Waiting[]): Promise<CodedError | null> => {
    let results: readonly WriteResult[];
    try {
      results = await timed(batch);
    } catch (error) {
      metrics.count('cot_monitor_store_errors_total');
      return fail(batch, error);
    }
    for (const [i, waiting] of batch.entries()) settle(waiting, results[i]!);
    return null;
  };

  const fail = async (batch: readonly Waiting[], error: unknown): Promise<CodedError | null> => {
    if (error instanceof CodedError && error.code === 'store_unavailable') return reject(batch, error);
    if (batch.length === 1) {
      batch[0]!.reject(error);
      return null;
    }
    // One record that the store refuses fails the whole transaction: halving finds it and lets its neighbours through.
    const middle = batch.length >> 1;
    const down = await commit(batch.slice(0, middle));
    return down === null ? commit(batch.slice(middle)) : reject(batch.slice(middle), down);
  };

  const reject = (batch: readonly Waiting[], error: CodedError): CodedError => {
    for (const waiting of batch) waiting.reject(error);
    return error;
  };

  const pump = (): void => {
    scheduled = false;
    while (queue.length > 0 && inFlight < maxInFlight) {
      const batch = queue.slice(0, maxBatch);
      queue = queue.slice(maxBatch);
      inFlight += 1;
      void commit(batch).finally(() => {
        inFlight -= 1;
        pump();
      });
    }
  };

  return (record, source) =>
    new Promise((resolve, reject) => {
      queue.push({ record, source, resolve, reject });
      if (scheduled || inFlight >= maxInFlight) return;
      // At the end of this turn of the event loop, so that what arrives together is committed together.
      scheduled = true;
      setImmediate(pump);
    });
};
