import type { WebhookEndpoint, WebhooksConfig } from '../../config/webhooks.ts';
import type { Clock } from '../../domain/clock.ts';
import { sleep } from '../../kafka/backoff.ts';
import type { PartHealth } from '../../observe/health.ts';
import type { Logger } from '../../observe/log.ts';
import type { Metrics } from '../../observe/metrics.ts';
import type { DeliveryQueue } from './contract.ts';
import { webhookMessage } from './message.ts';
import { outcomeOf } from './retrying.ts';
import type { Send } from './sender.ts';

// Takes alerts from the outbox into deliveries and carries those to their endpoints. Each endpoint has places of its own:
// one that hangs costs its own places, until the timeout, and nobody else's.

export interface CourierDeps {
  readonly queue: DeliveryQueue;
  readonly send: Send;
  readonly config: Pick<WebhooksConfig, 'endpoints' | 'groupMs' | 'attempts' | 'timeoutMs'>;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'count' | 'set'>;
  readonly clock: Clock;
  /** 0 up to but not including 1, for jitter. */
  readonly random: () => number;
  /** Longest time between two looks into the outbox, in milliseconds. */
  readonly pollMs?: number;
}

export interface Courier {
  start(): void;
  /** There may be alerts in the outbox. */
  notify(): void;
  /** Not ok while the queue cannot be read. */
  health(): PartHealth;
  /** Takes no more and waits for what is on its way, at most so long; the rest is sent again by whoever comes next. */
  stop(withinMs: number): Promise<void>;
}

type Claimed = Awaited<ReturnType<DeliveryQueue['claim']>>[number];

/** Alerts moved at once. */
const BATCH = 200;
/** Attempts at one endpoint at once. */
const PLACES = 4;
/** Beyond the timeout of an attempt: to note what became of it. */
const LEASE_MARGIN_MS = 30_000;

export const endpointsOf = (endpoints: readonly WebhookEndpoint[], tenant: string): readonly string[] =>
  endpoints.flatMap(({ name, tenants }) => (tenants.includes('*') || tenants.includes(tenant) ? [name] : []));

export const createCourier = (deps: CourierDeps): Courier => {
  const { queue, send, config, log, metrics, clock, random, pollMs = 1_000 } = deps;
  const routing = { endpointsOf: (tenant: string) => endpointsOf(config.endpoints, tenant), windowMs: config.groupMs };
  const leaseMs = config.timeoutMs + LEASE_MARGIN_MS;
  const stopping = new AbortController();
  const cut = new AbortController();
  const onTheWay = new Map<string, Set<Promise<void>>>();
  let wake = new AbortController();
  let failing: string | undefined;
  let loop: Promise<void> = Promise.resolve();

  const attempt = async (
    endpoint: WebhookEndpoint,
    { id, body: group, attempts, createdAt }: Claimed,
  ): Promise<void> => {
    const message = webhookMessage({ id, group, createdAt, secrets: endpoint.secrets, at: clock() });
    const result = await send(endpoint.url, message.headers, message.body, cut.signal);
    // It was cut short by us, which says nothing about the endpoint: the lease runs out and somebody sends it again.
    if (cut.signal.aborted) return;
    const now = clock();
    const outcome = outcomeOf(result, { attempts, maxAttempts: config.attempts, now, random });
    metrics.count('cot_monitor_webhook_attempts_total', { endpoint: endpoint.name, result: outcome.kind });
    if (outcome.kind === 'delivered') return queue.delivered(id);
    const fields = { component: 'webhooks', address: endpoint.name, reason: outcome.reason, count: attempts };
    if (outcome.kind === 'dead') {
      log.error(fields, 'a webhook message was given up');
      return queue.giveUp(id, outcome.reason);
    }
    log.debug({ ...fields, milliseconds: outcome.inMs }, 'a webhook message will be tried again');
    return queue.retryAt(id, new Date(now.getTime() + outcome.inMs), outcome.reason);
  };

  const carry = (endpoint: WebhookEndpoint, claimed: Claimed): void => {
    const places = onTheWay.get(endpoint.name) ?? new Set();
    onTheWay.set(endpoint.name, places);
    const done = attempt(endpoint, claimed)
      .catch((error: unknown) =>
        log.warn({ component: 'webhooks', address: endpoint.name, error }, 'what became of a message was not noted'),
      )
      .then(() => {
        places.delete(done);
        wake.abort();
      });
    places.add(done);
  };

  const report = async (): Promise<void> => {
    const { waiting, dead, oldestDue } = await queue.stats();
    metrics.set('cot_monitor_webhook_deliveries', waiting, { state: 'waiting' });
    metrics.set('cot_monitor_webhook_deliveries', dead, { state: 'dead' });
    const age = oldestDue === null ? 0 : Math.max(0, clock().getTime() - oldestDue.getTime()) / 1_000;
    metrics.set('cot_monitor_webhook_age_seconds', age);
  };

  /** Resolves to whether there may be more to do right away. */
  const turn = async (): Promise<boolean> => {
    let more = (await queue.intake(routing, BATCH)) === BATCH;
    for (const endpoint of config.endpoints) {
      const free = PLACES - (onTheWay.get(endpoint.name)?.size ?? 0);
      if (free <= 0 || stopping.signal.aborted) continue;
      const claimed = await queue.claim(endpoint.name, free, leaseMs);
      for (const delivery of claimed) carry(endpoint, delivery);
      more ||= claimed.length === free;
    }
    await report();
    // Where every place is taken, its end wakes us.
    return more && config.endpoints.some(({ name }) => (onTheWay.get(name)?.size ?? 0) < PLACES);
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // Before the turn, so that a notification during it leads to another one.
      wake = new AbortController();
      let more = false;
      try {
        more = await turn();
        if (failing !== undefined) log.info({ component: 'webhooks' }, 'the queue of webhooks can be read again');
        failing = undefined;
      } catch (error) {
        if (failing === undefined) log.warn({ component: 'webhooks', error }, 'the queue of webhooks cannot be read');
        failing = 'the queue of webhooks cannot be read';
      }
      if (!more) await sleep(pollMs, failing === undefined ? wake.signal : stopping.signal);
    }
  };

  return {
    start: () => {
      loop = run();
    },
    notify: () => wake.abort(),
    health: () => (failing === undefined ? { ok: true } : { ok: false, reason: failing }),
    stop: async (withinMs) => {
      stopping.abort();
      wake.abort();
      await loop;
      const all = Promise.all([...onTheWay.values()].flatMap((places) => [...places]));
      const over = new AbortController();
      await Promise.race([all.then(() => over.abort()), sleep(withinMs, over.signal)]);
      cut.abort();
      await all;
    },
  };
};
