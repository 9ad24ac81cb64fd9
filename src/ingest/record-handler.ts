import type { Clock } from '../domain/clock.ts';
import { CodedError } from '../domain/errors.ts';
import { type BackoffOptions, createBackoff, sleep } from '../kafka/backoff.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Submission } from '../pipeline.ts';
import type { RecordOutcome, SourceRecord } from './contract.ts';
import { isRefusal, type Quarantine, type Refusal, refusalOf } from './quarantine.ts';

// One record, from bytes to something durable. It ends stored or quarantined; a failure that is not the record's fault is
// retried for as long as the record is ours, so that nothing is ever skipped.

/** What the partition's lane hands to the handling of one record. */
export interface RecordControl {
  /** Aborts when the record is no longer ours (partition revoked) or the service stops: retries end, attempts do not. */
  readonly signal: AbortSignal;
  /** Called once, on the first failure that will be retried: the partition starts no further records until `release`. */
  hold(error: unknown): void;
  release(): void;
}

/** `abandoned`: not durable anywhere; the offset must not be committed, and the record will be delivered again. */
export type HandlerOutcome = RecordOutcome | 'abandoned';

export type RecordHandler = (record: SourceRecord, control: RecordControl) => Promise<HandlerOutcome>;

export interface RecordHandlerDeps {
  readonly read: (record: SourceRecord) => Submission;
  /** Resolves once the verdict is durable. */
  readonly process: (submission: Submission) => Promise<unknown>;
  /** Whether the store answers right now; never rejects. */
  readonly storeHealthy: () => Promise<boolean>;
  readonly quarantine: Quarantine;
  readonly metrics: Pick<Metrics, 'count' | 'observe'>;
  readonly clock: Clock;
  readonly backoff: BackoffOptions;
}

/** An error nobody foresaw, met so often while the store was healthy, is the record's: it must not stall its partition. */
export const POISON_STRIKES = 5;

const POISON: Refusal = {
  code: 'internal',
  reason: `Reading this record failed ${POISON_STRIKES} times in a way that was not foreseen, while the store was healthy.`,
};

/** Coded 5xx errors are outages by name. `internal` is coded too, but only says that something else was caught before. */
const isUnforeseen = (error: unknown): boolean => !(error instanceof CodedError) || error.code === 'internal';

/** Runs tasks one after the other. */
const createQueue = (): (<T>(task: () => Promise<T>) => Promise<T>) => {
  let tail: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = tail.then(task);
    tail = result.catch(() => undefined);
    return result;
  };
};

export const createRecordHandler = (deps: RecordHandlerDeps): RecordHandler => {
  // Verdicts are written in micro-batches, and one poison record fails its whole batch. Suspects are therefore retried
  // one at a time: the innocent get through on their own, and only the guilty collect strikes.
  const alone = createQueue();

  return async (record, control) => {
    const backoff = createBackoff(deps.backoff);
    let refusal: Refusal | undefined;
    let submission: Submission | undefined;
    let strikes = 0;
    let held = false;

    const attempt = async (): Promise<RecordOutcome> => {
      if (refusal === undefined) {
        submission ??= deps.read(record);
        const current = submission;
        await (strikes > 0 ? alone(() => deps.process(current)) : deps.process(current));
        return 'stored';
      }
      await deps.quarantine(record, refusal);
      return 'quarantined';
    };

    /** Whether the record's fate is decided by this error: the next attempt is then the quarantine, at once. */
    const decides = async (error: unknown): Promise<boolean> => {
      if (refusal !== undefined) return false;
      if (isRefusal(error)) {
        refusal = refusalOf(error);
        return true;
      }
      if (isUnforeseen(error) && (await deps.storeHealthy())) strikes += 1;
      if (strikes >= POISON_STRIKES) refusal = POISON;
      return refusal !== undefined;
    };

    try {
      while (true) {
        try {
          const outcome = await attempt();
          deps.metrics.count('cot_monitor_kafka_records_total', { result: outcome });
          if (record.timestamp !== null) {
            const delay = Math.max(0, deps.clock().getTime() - record.timestamp) / 1000;
            deps.metrics.observe('cot_monitor_kafka_delay_seconds', delay);
          }
          return outcome;
        } catch (error) {
          if (await decides(error)) continue;
          if (!held) {
            held = true;
            control.hold(error);
          }
        }
        await sleep(backoff.next(), control.signal);
        if (control.signal.aborted) return 'abandoned';
      }
    } finally {
      if (held) control.release();
    }
  };
};
