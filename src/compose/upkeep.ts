import type { Clock } from '../domain/clock.ts';
import { sleep } from '../kafka/backoff.ts';
import type { HealthSource } from '../observe/health.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import { createChainWatch } from '../record/chain-watch.ts';
import type { OpenStore } from '../record/store.ts';
import type { Releasers } from '../releasers.ts';

// What looks after the store while the service runs: whether it answers, how its connections are used, and whether the
// audit chains are whole.

export interface UpkeepDeps {
  readonly store: OpenStore;
  /** 0: the chains are not walked. */
  readonly auditEntriesPerMinute: number;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: Clock;
}

/** How often the store is asked whether it is there, in milliseconds. */
const PING_EVERY = 2_000;

/** Resolves to what /readyz shows of it. */
export const startUpkeep = (
  { store, auditEntriesPerMinute, metrics, log, clock }: UpkeepDeps,
  releasers: Releasers,
): readonly HealthSource[] => {
  const observe = (up: boolean): void => {
    metrics.set('cot_monitor_store_up', up ? 1 : 0);
    const use = store.connections();
    if (use === null) return;
    metrics.set('cot_monitor_database_connections_limit', use.limit);
    metrics.set('cot_monitor_database_connections', use.active, { state: 'active' });
    metrics.set('cot_monitor_database_connections', use.idle, { state: 'idle' });
    metrics.set('cot_monitor_database_connections', use.waiting, { state: 'waiting' });
  };
  observe(true);
  const pulse = setInterval(() => {
    store.ping().then(
      () => observe(true),
      () => observe(false),
    );
  }, PING_EVERY);
  releasers.add('pulse', () => clearInterval(pulse));
  if (auditEntriesPerMinute === 0) return [];
  const watch = createChainWatch({ store, entriesPerMinute: auditEntriesPerMinute, metrics, log, clock, sleep });
  releasers.add('audit watch', watch.stop);
  watch.start();
  return [watch.health];
};
