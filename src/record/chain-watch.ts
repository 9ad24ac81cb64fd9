import type { Clock } from '../domain/clock.ts';
import type { HealthSource } from '../observe/health.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import { START } from './audit-walk.ts';
import type { Anchor, ChainBreak } from './contract.ts';
import type { OpenStore } from './store.ts';

// The running check of the audit chains: so many entries a minute, one chain after the other, and again from the
// beginning. Where each chain ended last is kept in memory, so that a chain that somebody rewrote as a whole, or dropped,
// is noticed too while the process lives. `audit verify` with an anchor noted elsewhere is what holds beyond that.

export interface ChainWatchDeps {
  readonly store: Pick<OpenStore, 'chainedTenants' | 'walkChain'>;
  readonly entriesPerMinute: number;
  readonly metrics: Pick<Metrics, 'count' | 'set'>;
  readonly log: Logger;
  readonly clock: Clock;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface ChainWatch {
  readonly health: HealthSource;
  /** Walks a minute's worth of entries. Rejects where the store does. */
  round(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

const MINUTE = 60_000;

export const createChainWatch = (deps: ChainWatchDeps): ChainWatch => {
  const { store, entriesPerMinute, metrics, log, clock, sleep } = deps;
  const stopping = new AbortController();
  const ends = new Map<string, Anchor>();
  const broken = new Map<string, ChainBreak>();
  /** Tenants that this pass has still to walk, and how far it came with the first of them. */
  let ahead: string[] = [];
  let at = START;
  let loop: Promise<void> = Promise.resolve();
  metrics.set('cot_monitor_audit_broken_chains', 0);

  const note = (tenant: string, found: ChainBreak | null): void => {
    if (found === null) broken.delete(tenant);
    else {
      if (!broken.has(tenant)) {
        log.error(
          { component: 'audit', tenant, reason: `${found.reason} at entry ${found.seq}` },
          'an audit chain is broken',
        );
      }
      broken.set(tenant, found);
    }
    metrics.set('cot_monitor_audit_broken_chains', broken.size);
  };

  const round = async (): Promise<void> => {
    if (ahead.length === 0) {
      ahead = [...new Set([...(await store.chainedTenants()), ...ends.keys()])].sort();
      at = START;
    }
    let left = entriesPerMinute;
    while (ahead.length > 0 && left > 0 && !stopping.signal.aborted) {
      const tenant = ahead[0]!;
      const walk = await store.walkChain(tenant, at, left, ends.get(tenant));
      const sound = walk.at.seq - at.seq;
      metrics.count('cot_monitor_audit_entries_checked_total', {}, sound);
      // A chain without entries costs a look, too.
      left -= Math.max(1, sound);
      at = walk.at;
      if (walk.break === null && !walk.ended) return;
      note(tenant, walk.break);
      if (walk.break === null) ends.set(tenant, walk.at);
      ahead.shift();
      at = START;
    }
    if (ahead.length === 0) metrics.set('cot_monitor_audit_last_pass_timestamp_seconds', clock().getTime() / 1_000);
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await round().catch((error: unknown) => {
        log.warn({ component: 'audit', error }, 'the audit chains could not be read');
      });
      await sleep(MINUTE, stopping.signal);
    }
  };

  return {
    health: {
      name: 'audit',
      required: false,
      check: () =>
        broken.size === 0
          ? { ok: true }
          : { ok: false, reason: `${broken.size} audit chains are broken: audit verify says which` },
    },
    round,
    start: () => {
      loop = run();
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
};
