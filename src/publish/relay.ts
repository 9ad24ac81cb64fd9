import type { Clock } from '../domain/clock.ts';
import { type BackoffOptions, createBackoff, sleep } from '../kafka/backoff.ts';
import { explainKafkaError } from '../kafka/errors.ts';
import type { PartHealth } from '../observe/health.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { AlertSink, MessageSource, OutgoingMessage } from './contract.ts';

// Carries messages from the outbox to the sink, until the sink acknowledges. It wakes when the store says that it wrote
// some, and now and then by itself, for messages that another process wrote or that an earlier one left behind.

export interface RelayDeps {
  readonly source: MessageSource;
  readonly sink: AlertSink;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'count' | 'set'>;
  readonly clock: Clock;
  /** Most messages taken at once. */
  readonly batchSize?: number;
  /** Longest time between two looks into the outbox, in milliseconds. */
  readonly intervalMs?: number;
  readonly backoff?: BackoffOptions;
}

export interface Relay {
  start(): void;
  /** There may be something in the outbox. Cheap; call it after every commit. */
  notify(): void;
  /** Not ok while the latest attempt failed. */
  health(): PartHealth;
  /** Resolves when the drain in hand is over and no other will begin. */
  stop(): Promise<void>;
}

export const createRelay = (deps: RelayDeps): Relay => {
  const { source, sink, log, metrics, clock, batchSize = 200, intervalMs = 1_000 } = deps;
  const backoff = createBackoff(deps.backoff ?? { initialMs: 200, maxMs: 15_000 });
  const stopping = new AbortController();
  let wake = new AbortController();
  let failing: string | undefined;
  let loop: Promise<void> = Promise.resolve();

  const report = async (): Promise<void> => {
    const { depth, oldest } = await source.stats();
    metrics.set('cot_monitor_outbox_depth', depth);
    const age = oldest === null ? 0 : Math.max(0, clock().getTime() - oldest.getTime()) / 1_000;
    metrics.set('cot_monitor_outbox_age_seconds', age);
  };

  /** Resolves to whether there may be more to take right away. Rejects when something was not acknowledged. */
  const drain = async (): Promise<boolean> => {
    let refused = 0;
    const publish = async (messages: readonly OutgoingMessage[]): Promise<readonly string[]> => {
      const acknowledged = new Set(await sink.publish(messages));
      for (const { id, kind } of messages) {
        if (acknowledged.has(id)) metrics.count('cot_monitor_outbox_published_total', { kind });
        else refused += 1;
      }
      return [...acknowledged];
    };
    const published = await source.drain(batchSize, publish);
    // Some went out: the sink works, and what it refused is tried again after the shortest wait.
    if (published > 0) backoff.reset();
    if (refused > 0) throw new Error('some messages were not acknowledged');
    return published >= batchSize;
  };

  const failed = (error: unknown): void => {
    metrics.count('cot_monitor_outbox_errors_total');
    const reason = explainKafkaError(error);
    if (failing === undefined)
      log.warn({ component: 'relay', error, reason }, 'publishing failed; trying until it works');
    failing = reason;
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // Before the drain, so that a notification during it leads to another one.
      wake = new AbortController();
      try {
        const more = await drain();
        if (failing !== undefined) log.info({ component: 'relay' }, 'publishing works again');
        failing = undefined;
        backoff.reset();
        await report();
        if (!more) await sleep(intervalMs, wake.signal);
      } catch (error) {
        failed(error);
        await report().catch(() => undefined);
        // A notification does not shorten this: new messages do not mend a broker.
        await sleep(backoff.next(), stopping.signal);
      }
    }
  };

  return {
    start: () => {
      loop = run();
    },
    notify: () => wake.abort(),
    health: () => (failing === undefined ? { ok: true } : { ok: false, reason: failing }),
    stop: async () => {
      stopping.abort();
      wake.abort();
      await loop;
    },
  };
};
