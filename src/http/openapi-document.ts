import { createHealth } from '../observe/health.ts';
import { createLogger } from '../observe/log.ts';
import { createMetrics } from '../observe/metrics.ts';
import type { HttpDeps } from './deps.ts';
import { buildServer } from './server.ts';

const unused = async (): Promise<never> => {
  throw new TypeError('the document is made without calling any handler');
};

/** A store for servers whose routes that read it are never called. */
export const idleStore = (unused: () => Promise<never>): HttpDeps['store'] => ({
  verdict: unused,
  flags: unused,
  flag: unused,
  flagFacets: unused,
  conversation: unused,
  conversationRisk: unused,
  riskyConversations: unused,
  storedVerdicts: unused,
  auditAccess: unused,
  verifyAudit: unused,
  erase: unused,
  webhooks: { list: unused, revive: unused, discard: unused },
  keys: { create: unused, list: unused, revoke: unused, find: unused, noteUse: unused, anyAlive: unused },
  reviews: {
    add: unused,
    list: unused,
    assign: unused,
    release: unused,
    outcomePairs: unused,
    counts: unused,
    labelled: unused,
  },
  reports: { verdicts: unused, reviewed: unused, shadow: unused, blocks: unused },
  suppressions: { add: unused, list: unused, find: unused, change: unused, end: unused },
  trail: { entries: unused, verdicts: unused },
  holds: { place: unused, list: unused, release: unused },
});

/** Enough of the service to register the routes. */
const idleDeps = (): HttpDeps => ({
  process: unused,
  store: idleStore(unused),
  expire: unused,
  candidate: () => {
    throw new TypeError('the document is made without calling any handler');
  },
  live: {
    open: () => ({ take: unused, close: () => undefined }),
    events: () => ({ feed: unused, finish: () => ({ payload: null }) }),
  },
  rules: () => [],
  categories: [],
  health: createHealth([], []),
  metrics: createMetrics({ processMetrics: false }),
  log: createLogger('silent'),
  config: {
    maxBodyBytes: 1_024,
    requestTimeoutMs: 1_000,
    maxInFlight: 1,
    streams: { idleMs: 1_000, deadlineMs: 1_000, maxOpen: 1, bufferBytes: 1 },
  },
  access: { ratePerMinute: 0, corsOrigins: [], metricsNeedKey: false },
  clock: () => new Date(0),
  newRequestId: () => '',
});

/** The OpenAPI 3.1 document of the server, as checked in under openapi/. Depends on nothing but the code. */
export const openapiDocument = async (): Promise<object> => {
  const app = buildServer(idleDeps());
  await app.ready();
  try {
    return app.swagger();
  } finally {
    await app.close();
  }
};
