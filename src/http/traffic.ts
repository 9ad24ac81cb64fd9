import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../domain/clock.ts';
import type { CodedError } from '../domain/errors.ts';
import type { Logger } from '../observe/log.ts';
import { bounded, type Metrics } from '../observe/metrics.ts';

// What is counted of every request, and the little that is logged: server errors and slow answers, sampled. A line per
// request would cost half of the throughput, and the counters say the same.

const SLOW_MS = 5_000;
const SAMPLE_PERIOD_MS = 1_000;

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** The route's pattern, never its address: ids of traces must not become label values. */
export const routeLabel = (request: FastifyRequest): string => request.routeOptions.url ?? 'other';

/**
 * Lets one event per key and period pass; answers how many that one stands for, or undefined for the others.
 * Keys come from a closed set.
 */
export const createSampler = (clock: Clock, periodMs: number): ((key: string) => number | undefined) => {
  const seen = new Map<string, { since: number; held: number }>();
  return (key) => {
    const now = clock().getTime();
    const entry = seen.get(key);
    if (entry !== undefined && now - entry.since < periodMs) {
      entry.held++;
      return undefined;
    }
    seen.set(key, { since: now, held: 0 });
    return 1 + (entry?.held ?? 0);
  };
};

export interface Traffic {
  /** Logs server errors. */
  readonly problem: (error: CodedError, request: FastifyRequest) => void;
  /** Counts requests and their durations. */
  readonly register: (app: FastifyInstance) => void;
  /** Counts a request that was answered before it had a route. */
  readonly unrouted: (request: FastifyRequest, status: number) => void;
}

export const createTraffic = (metrics: Metrics, log: Logger, clock: Clock): Traffic => {
  const sample = createSampler(clock, SAMPLE_PERIOD_MS);
  const unrouted = (request: FastifyRequest, status: number): void =>
    metrics.count('cot_monitor_http_requests_total', {
      method: bounded(request.method, METHODS),
      route: 'other',
      status: String(status),
    });

  const problem = (error: CodedError, request: FastifyRequest): void => {
    if (error.status < 500) return;
    const count = sample(error.code);
    if (count === undefined) return;
    const fields = {
      requestId: request.id,
      route: routeLabel(request),
      method: request.method,
      code: error.code,
      count,
    };
    if (error.code === 'internal') log.error({ ...fields, error: error.cause ?? error }, 'request failed');
    else log.warn({ ...fields, error: error.cause ?? error }, 'request refused');
  };

  const register = (app: FastifyInstance): void => {
    app.addHook('onResponse', (request, reply, done) => {
      const route = routeLabel(request);
      const method = bounded(request.method, METHODS);
      const milliseconds = reply.elapsedTime;
      metrics.count('cot_monitor_http_requests_total', { method, route, status: String(reply.statusCode) });
      metrics.observe('cot_monitor_http_request_duration_seconds', milliseconds / 1_000, { method, route });
      if (milliseconds > SLOW_MS && request.routeOptions.config?.longRequest !== true) {
        const count = sample('slow');
        if (count !== undefined) {
          log.warn(
            { requestId: request.id, route, method, status: reply.statusCode, milliseconds, count },
            'slow answer',
          );
        }
      }
      done();
    });
  };
  return { problem, register, unrouted };
};
