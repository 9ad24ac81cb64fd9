import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../domain/clock.ts';
import { CANARY_TENANT } from '../domain/judging.ts';
import type { Trace } from '../domain/trace.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import { type EvaluationEvent, evaluationEvents } from './evaluation-events.ts';

// Verdicts back to OpenTelemetry, where the spans are. A courtesy, not a record: nothing waits for it, a receiver that is
// away costs events (each counted) and never a verdict. What must arrive goes through the outbox.

const BATCH = 256;
/** Events waiting; more are dropped. */
const MOST_WAITING = 4_096;
const ATTEMPTS = 3;
const TIMEOUT_MS = 10_000;
/** What OTLP lets a client send again. */
const RETRYABLE = new Set([429, 502, 503, 504]);

export interface EvaluationsDeps {
  /** The receiver's logs endpoint, whole: `…/v1/logs`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly version: string;
  readonly fetch: typeof fetch;
  /** Milliseconds before the second attempt; twice that before the third. */
  readonly retryMs: number;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'count'>;
  readonly clock: Clock;
}

export interface Evaluations {
  /** Returns at once. */
  emit(trace: Trace, verdict: Verdict): void;
  /** Sends what waits, without further attempts where one fails. */
  stop(): Promise<void>;
}

export const createEvaluations = (deps: EvaluationsDeps): Evaluations => {
  const { metrics, log } = deps;
  let waiting: EvaluationEvent[] = [];
  let running: Promise<void> | undefined;
  let stopped = false;

  const count = (result: 'sent' | 'failed' | 'dropped', events: number): void =>
    metrics.count('cot_monitor_evaluations_total', { result }, events);

  /** How many the receiver refused of those it was sent; undefined where it may be asked again. */
  const post = async (body: string): Promise<number | 'all' | undefined> => {
    try {
      const response = await deps.fetch(deps.url, {
        method: 'POST',
        headers: { ...deps.headers, 'content-type': 'application/json' },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!response.ok) {
        await response.body?.cancel();
        return RETRYABLE.has(response.status) ? undefined : 'all';
      }
      const answer = (await response.json().catch(() => ({}))) as { partialSuccess?: { rejectedLogRecords?: unknown } };
      const rejected = Number(answer?.partialSuccess?.rejectedLogRecords ?? 0);
      return Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
    } catch {
      return undefined;
    }
  };

  /** Whether all were taken. */
  const send = async (events: readonly EvaluationEvent[]): Promise<boolean> => {
    const body = JSON.stringify({
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'cot-monitor' } }] },
          scopeLogs: [{ scope: { name: 'cot-monitor', version: deps.version }, logRecords: events }],
        },
      ],
    });
    let refused: number | 'all' | undefined;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      refused = await post(body);
      if (refused !== undefined || stopped) break;
      if (attempt < ATTEMPTS) await wait(deps.retryMs * attempt, undefined, { ref: false });
    }
    const failed = typeof refused === 'number' ? Math.min(refused, events.length) : events.length;
    count('sent', events.length - failed);
    if (failed === 0) return true;
    count('failed', failed);
    log.warn({ component: 'evaluations', count: failed }, 'events were not taken by the OTLP receiver');
    return false;
  };

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      const taken = await send(batch);
      if (taken || !stopped) continue;
      // A shutdown does not wait for a receiver that is away.
      count('failed', waiting.length);
      waiting = [];
    }
    running = undefined;
  };

  return {
    emit: (trace, verdict) => {
      // The service's own probes are nobody's models.
      if (trace.tenant === CANARY_TENANT) return;
      const events = evaluationEvents(trace, verdict, deps.clock());
      const room = Math.max(0, MOST_WAITING - waiting.length);
      if (events.length > room) count('dropped', events.length - room);
      waiting.push(...events.slice(0, room));
      if (waiting.length > 0) running ??= run();
    },
    stop: async () => {
      stopped = true;
      await running;
    },
  };
};
