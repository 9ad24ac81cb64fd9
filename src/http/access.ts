import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { Identity, Scope } from '../domain/access.ts';
import { CodedError } from '../domain/errors.ts';
import type { Authentication } from './authentication.ts';

// Who may call what, in one place. A route that does not stand here cannot be registered, so none is open by oversight.

/** `open`: anybody. `any`: whoever has a key or token. Otherwise one of these scopes. */
type Need = 'open' | 'any' | readonly Scope[];

const NEEDS: Readonly<Record<string, Need>> = {
  'POST /v1/monitor': ['ingest'],
  'POST /v1/traces': ['ingest'],
  'POST /v1/monitor/batch': ['ingest'],
  'POST /v1/monitor/stream': ['ingest'],
  'GET /v1/verdicts/:traceId': ['ingest', 'audit'],
  'GET /v1/flags': ['audit'],
  'GET /v1/flags/facets': ['audit'],
  'GET /v1/flags/export': ['audit'],
  'GET /v1/flags/:id': ['audit'],
  'GET /v1/flags/:id/reviews': ['audit'],
  'POST /v1/flags/:id/reviews': ['audit'],
  'POST /v1/flags/:id/assignment': ['audit'],
  'DELETE /v1/flags/:id/assignment': ['audit'],
  'GET /v1/suppressions': ['audit'],
  'GET /v1/suppressions/:id': ['audit'],
  'POST /v1/suppressions': ['audit'],
  'PATCH /v1/suppressions/:id': ['audit'],
  'DELETE /v1/suppressions/:id': ['audit'],
  'GET /v1/reviews/export': ['audit'],
  'GET /v1/reports/deception': ['audit'],
  'GET /v1/reports/compare': ['audit'],
  'GET /v1/reports/drift': ['audit'],
  'GET /v1/reports/precision': ['audit'],
  'GET /v1/reports/agreement': ['audit'],
  'GET /v1/conversations': ['audit'],
  'GET /v1/conversations/:id': ['audit'],
  'GET /v1/audit': ['audit', 'admin'],
  'GET /v1/audit/verification': ['audit'],
  'GET /v1/rules': 'any',
  'GET /v1/categories': 'any',
  'GET /v1/keys': ['admin'],
  'POST /v1/keys': ['admin'],
  'DELETE /v1/keys/:id': ['admin'],
  'POST /v1/erasures': ['admin'],
  'POST /v1/backtests': ['admin'],
  'GET /v1/holds': ['audit', 'admin'],
  'POST /v1/holds': ['admin'],
  'POST /v1/holds/:id/release': ['admin'],
  'POST /v1/retention/runs': ['admin'],
  'GET /v1/webhooks/deliveries': ['admin'],
  'POST /v1/webhooks/retries': ['admin'],
  'POST /v1/webhooks/discards': ['admin'],
  'GET /livez': 'open',
  'GET /readyz': 'open',
  // Figures without text; METRICS_AUTH closes it.
  'GET /metrics': 'open',
};

/** Pages that hold no data: what they show they ask the API for. */
const OPEN_PAGES = ['/docs', '/console'];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** OPTIONS and 405 answers, which tell only what the API document tells. */
    methodsOnly?: boolean;
  }
}

const isOpenPage = (url: string): boolean => OPEN_PAGES.some((page) => url === page || url.startsWith(`${page}/`));

const needOf = (method: string, url: string, methodsOnly: boolean | undefined): Need | undefined =>
  methodsOnly || method === 'OPTIONS' || isOpenPage(url)
    ? 'open'
    : NEEDS[`${method === 'HEAD' ? 'GET' : method} ${url}`];

/** Failed attempts a minute and address before the answer is 429. Keys cannot be guessed; this keeps the noise down. */
const FAILURES_PER_MINUTE = 100;
const MINUTE = 60_000;

export interface AccessOptions {
  /** Undefined: requests need no credentials. */
  readonly authentication: Authentication | undefined;
  readonly ratePerMinute: number;
  readonly corsOrigins: readonly string[];
  readonly metricsNeedKey: boolean;
}

const refuseUndeclared = (app: FastifyInstance): void => {
  app.addHook('onRoute', ({ method, url, config }: RouteOptions) => {
    for (const each of Array.isArray(method) ? method : [method]) {
      if (needOf(each, url, config?.methodsOnly) === undefined) {
        throw new TypeError(`${each} ${url} has no line in src/http/access.ts: say who may call it`);
      }
    }
  });
};

const allows = (need: Need, { scopes }: Identity): boolean =>
  typeof need === 'string' || need.some((scope) => scopes.includes(scope));

type Limited = ReturnType<FastifyInstance['createRateLimit']>;

const spend = async (limit: Limited, request: FastifyRequest): Promise<void> => {
  const spent = await limit(request);
  if (spent.isAllowed || !spent.isExceeded) return;
  throw new CodedError('rate_limited', 'This key has sent too many requests.', { retryAfter: spent.ttlInSeconds });
};

/** Asks for credentials before bodies are read. Call before any route. */
const guard = (app: FastifyInstance, options: AccessOptions): void => {
  const { authentication, ratePerMinute, metricsNeedKey } = options;
  if (authentication === undefined) return;
  const perKey =
    ratePerMinute === 0
      ? undefined
      : app.createRateLimit({
          max: ratePerMinute,
          timeWindow: MINUTE,
          keyGenerator: ({ identity }) => `${identity?.tenant ?? ''}\u0000${identity?.actor ?? ''}`,
        });
  const perAddress = app.createRateLimit({ max: FAILURES_PER_MINUTE, timeWindow: MINUTE });

  const identify = async (request: FastifyRequest): Promise<Identity> => {
    try {
      return await authentication.identify(request.headers);
    } catch (error) {
      if (error instanceof CodedError && error.code === 'unauthenticated') await spend(perAddress, request);
      throw error;
    }
  };

  app.addHook('onRequest', async (request, reply) => {
    const { url = '', config } = request.routeOptions;
    const declared = needOf(request.method, url, config.methodsOnly);
    // A route that nobody declared is nobody's: it looks like one that is not there.
    if (declared === undefined) throw new CodedError('not_found', 'There is nothing at this address.');
    const need = url === '/metrics' && metricsNeedKey ? 'any' : declared;
    if (need === 'open') return;
    reply.header('www-authenticate', 'Bearer');
    const identity = await identify(request);
    reply.removeHeader('www-authenticate');
    request.identity = identity;
    if (perKey !== undefined) await spend(perKey, request);
    if (!allows(need, identity) && typeof need !== 'string') {
      throw new CodedError('forbidden', `This needs the scope ${need.join(' or ')}.`);
    }
  });
};

/** Call before any route is registered. */
export const registerAccess = (app: FastifyInstance, options: AccessOptions): void => {
  refuseUndeclared(app);
  if (options.corsOrigins.length > 0) {
    app.register(cors, {
      origin: [...options.corsOrigins],
      methods: ['GET', 'HEAD', 'POST', 'DELETE'],
      allowedHeaders: ['authorization', 'x-api-key', 'content-type', 'x-trace-format', 'x-request-id'],
      exposedHeaders: ['x-request-id', 'retry-after'],
      maxAge: 600,
    });
  }
  app.register(rateLimit, { global: false });
  app.after(() => guard(app, options));
};
