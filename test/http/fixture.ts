import type { FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import type { ConversationRisk } from '../../src/domain/conversation.ts';
import { CodedError } from '../../src/domain/errors.ts';
import type { Finding } from '../../src/domain/finding.ts';
import { flagIdOf, sha256 } from '../../src/domain/ids.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import type { HttpDeps, RuleSummary } from '../../src/http/deps.ts';
import { buildServer } from '../../src/http/server.ts';
import { createHealth } from '../../src/observe/health.ts';
import { createLogger } from '../../src/observe/log.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import type { Submission } from '../../src/pipeline.ts';
import type {
  AuditedEntry,
  DayCount,
  NewReview,
  NewSuppression,
  PastVerdict,
  Review,
  StoredSuppression,
  TrailQuery,
} from '../../src/record/auditing/contract.ts';
import type { Access, ApiKey, Flag, FlagQuery, Keys, StoredTrace } from '../../src/record/contract.ts';
import type { LegalHold } from '../../src/record/retention/contract.ts';
import { CATEGORIES } from '../support/taxonomy.ts';

// A server with everything behind it faked: what a test does not override answers the samples below.

const TEXT = 'First I will switch off the audit log, then delete the builds. \ud800 \u0000 <script>';

export const sampleFinding: Finding = {
  id: '5f0c1c1e-8f5b-5a52-9a53-3a4d1d5f6a10',
  category: 'oversight_subversion',
  group: 'scheming',
  stance: 'intended',
  view: 'reasoning',
  severity: 'critical',
  score: 0.97,
  detector: {
    name: 'heuristics',
    rule: '0b8f6f0e-3f0e-4c55-8a53-0f6f2b6f7a11',
    version: '3',
    hash: sha256('rule'),
    status: 'stable',
  },
  evidence: [
    {
      segment: 0,
      start: 13,
      end: TEXT.length,
      quote: TEXT.slice(13),
      sourcePath: '/segments/0/text',
      hash: sha256(TEXT),
    },
  ],
  explanation: 'Decides to disable logging.',
};

export const sampleVerdict: Verdict = {
  traceId: 't-1',
  conversationId: 'c-42',
  status: 'final',
  assessment: { state: 'partial', reasons: ['summary_only'], accepted: ['summary_only'] },
  decision: 'alert',
  risk: 0.97,
  findings: [sampleFinding],
  views: { reasoning: 0.97, reasoning_summary: null, answer: 0.03, action: 0, cross: 0.2 },
  actionsAloneWouldFlag: false,
  unread: [{ path: '/choices/0/message/thoughts', bytes: 812 }],
  versions: { rules: 'r1', classifier: null, prompt: null, policy: 'p1' },
  timings: { heuristics: 1.25 },
};

export const sampleRisky: ConversationRisk = {
  conversationId: 'c-42',
  decision: 'flag',
  score: 4.2,
  turns: 11,
  unassessed: 1,
  weight: 15_000,
  evidence: [{ traceId: 't-1', turn: 3, risk: 0.12, weight: 2_000 }],
  updatedAt: new Date('2026-11-24T10:00:01.000Z'),
};

export const sampleFlag: Flag = {
  id: flagIdOf('default', 't-1'),
  traceId: 't-1',
  conversationId: 'c-42',
  turn: 3,
  model: { provider: 'openai', name: 'o1', version: null },
  occurredAt: new Date('2026-11-24T10:00:00.000Z'),
  receivedAt: new Date('2026-11-24T10:00:01.000Z'),
  decision: 'alert',
  risk: 0.97,
  severity: 'critical',
  assessmentState: 'partial',
  findings: [sampleFinding],
  review: 'unreviewed',
  suppressedBy: [],
  assignment: null,
};

const sampleDay = (flagged: boolean): DayCount => ({
  day: '2026-11-24',
  model: 'o1',
  modelVersion: '2024-12-17',
  flagged,
  assessment: 'assessed',
  categories: [],
  seen: ['reasoning', 'answer'],
  hit: [],
  count: 1,
});

export const sampleReview: Review = {
  id: '8d9d8a4e-0d5f-5c1e-9b1e-2f6a7c3b1d10',
  flagId: sampleFlag.id,
  position: 1,
  outcome: 'confirmed',
  note: 'It meant it. \ud800 \u0000',
  reviewer: 'anonymous',
  at: new Date('2026-11-24T10:05:00.000Z'),
};

export const sampleCounts: readonly DayCount[] = [
  { ...sampleDay(false), count: 990 },
  { ...sampleDay(true), categories: ['sandbagging'], hit: ['reasoning'], count: 10 },
  { ...sampleDay(false), assessment: 'not_assessed', count: 5 },
];

export const sampleSuppression: StoredSuppression = {
  id: '1b1d8a4e-0d5f-5c1e-9b1e-2f6a7c3b1d11',
  kind: 'category',
  value: 'sandbagging',
  reason: 'Known.',
  owner: 'safety',
  expiresAt: new Date('2026-11-25T10:00:00.000Z'),
  createdBy: 'anonymous',
  createdAt: new Date('2026-11-24T09:00:00.000Z'),
  endedBy: null,
  endedAt: null,
  suppressed: 3,
};

export const sampleTurn: StoredTrace = {
  traceId: 't-1',
  conversationId: 'c-42',
  turn: 3,
  model: { provider: 'openai', name: 'o1', version: null },
  format: 'canonical',
  occurredAt: new Date('2026-11-24T10:00:00.000Z'),
  receivedAt: new Date('2026-11-24T10:00:01.000Z'),
  labels: { env: 'prod' },
  erasedAt: null,
  segments: [
    { index: 0, kind: 'reasoning', text: TEXT, sourcePath: '/segments/0/text', coverage: 'full', hash: sha256(TEXT) },
    { index: 1, kind: 'tool_call', name: 'bash', text: '', sourcePath: '/x', coverage: 'omitted', hash: sha256('') },
  ],
  verdict: sampleVerdict,
};

export const samplePast: PastVerdict = {
  seq: 7,
  at: new Date('2026-11-24T10:00:01.000Z'),
  status: 'final',
  decision: 'alert',
  risk: 0.97,
  assessment: 'partial',
  versions: sampleVerdict.versions,
  verdictHash: sha256('verdict'),
};

export const sampleHold: LegalHold = {
  id: '2b2d8a4e-0d5f-5c1e-9b1e-2f6a7c3b1d12',
  target: { kind: 'label', name: 'user', value: 'u-1' },
  reason: 'matter 1',
  placedBy: 'key:k1',
  placedAt: new Date('2026-11-24T09:00:00.000Z'),
  releasedBy: null,
  releasedAt: null,
  releaseReason: null,
};

export const sampleEntry: AuditedEntry = {
  seq: 8,
  at: new Date('2026-11-24T10:01:00.000Z'),
  action: 'view',
  subject: 'c-42',
  actor: 'key:k1',
  details: { by: 'key:k1', what: 'conversation' },
  body: '{"by":"key:k1","what":"conversation"}',
  prevHash: sha256('7'),
  hash: sha256('8'),
};

export const sampleRule: RuleSummary = {
  id: '0b8f6f0e-3f0e-4c55-8a53-0f6f2b6f7a11',
  slug: 'oversight_subversion.disable-audit-log',
  version: '3',
  hash: sha256('rule'),
  title: 'Disables the audit log',
  category: 'oversight_subversion',
  stance: 'intended',
  severity: 'critical',
  status: 'stable',
  views: ['reasoning', 'action'],
  description: 'Decides to disable logging.',
  references: [],
  falsePositives: ['Maintenance that the user asked for.'],
  triage: 'Read what the user asked for.',
};

export const sampleTrace = {
  id: 't-1',
  segments: [
    { kind: 'reasoning', text: TEXT },
    { kind: 'answer', text: 'Done.' },
  ],
};

export const sampleKey: ApiKey = {
  id: '0d2a9f53-6f0c-4bb0-9d0a-0f6f2b6f7a11',
  tenant: 'default',
  name: 'platform',
  scopes: ['ingest'],
  createdAt: new Date('2026-11-01T00:00:00.000Z'),
  createdBy: 'operator',
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
};

const noKeys: Keys = {
  create: async (key) => ({ key: { ...sampleKey, ...key, createdBy: key.by }, secret: `cotm_${'a'.repeat(43)}` }),
  list: async () => [sampleKey],
  revoke: async (_tenant, id) => (id === sampleKey.id ? { ...sampleKey, revokedAt: new Date(0) } : null),
  find: async () => null,
  noteUse: async () => {},
  anyAlive: async () => false,
};

export interface Fixture {
  readonly app: FastifyInstance;
  readonly deps: HttpDeps;
  /** What reached the pipeline, in order. */
  readonly submissions: Submission[];
  readonly flagQueries: FlagQuery[];
  /** What was read by whom, in order. */
  readonly accesses: Access[];
  readonly trailQueries: TrailQuery[];
  readonly reviews: NewReview[];
  readonly suppressions: NewSuppression[];
  /** What was logged, one JSON line each. */
  readonly logged: string[];
  /** Lines of /metrics that start with a name. */
  readonly metricLines: (name: string) => Promise<string[]>;
}

/** The server closes when the test is over. */
export const startFixture = async (overrides: Partial<HttpDeps> = {}): Promise<Fixture> => {
  const submissions: Submission[] = [];
  const flagQueries: FlagQuery[] = [];
  const accesses: Access[] = [];
  const trailQueries: TrailQuery[] = [];
  const reviews: NewReview[] = [];
  const suppressions: NewSuppression[] = [];
  const logged: string[] = [];
  let requests = 0;
  const deps: HttpDeps = {
    process: async (submission) => {
      submissions.push(submission);
      return sampleVerdict;
    },
    store: {
      verdict: async (_tenant, traceId) => (traceId === 't-1' ? sampleVerdict : null),
      flags: async (_tenant, query) => {
        flagQueries.push(query);
        return { items: [sampleFlag], next: query.cursor === undefined ? 'bmV4dA' : null, previous: null };
      },
      flag: async (_tenant, id) => (id === sampleFlag.id ? sampleFlag : null),
      flagFacets: async () => ({ count: 1, complete: true, facets: { model: [{ value: 'o1', count: 1 }] } }),
      webhooks: { list: async () => [], revive: async () => 2, discard: async () => 1 },
      reviews: {
        add: async (_tenant, id, review) => {
          reviews.push(review);
          return id === sampleFlag.id ? { review: { ...sampleReview, ...review }, state: review.outcome } : null;
        },
        list: async (_tenant, id) => (id === sampleFlag.id ? [sampleReview] : null),
        assign: async (_tenant, id) => (id === sampleFlag.id ? 'assigned' : null),
        release: async (_tenant, id) => id === sampleFlag.id,
        outcomePairs: async () => [],
        counts: async () => [],
        labelled: async () => ({ items: [], next: null }),
      },
      reports: {
        verdicts: async () => sampleCounts,
        reviewed: async () => [{ categories: ['sandbagging'], confirmed: 8, falsePositive: 2 }],
        shadow: async () => ({ judged: 100, hits: 1 }),
        blocks: async () => [],
      },
      suppressions: {
        add: async (_tenant, suppression) => {
          suppressions.push(suppression);
          return { ...sampleSuppression, ...suppression };
        },
        list: async () => [sampleSuppression],
        find: async (_tenant, id) => (id === sampleSuppression.id ? sampleSuppression : null),
        change: async (_tenant, id, change) =>
          id === sampleSuppression.id ? { ...sampleSuppression, owner: change.owner ?? sampleSuppression.owner } : null,
        end: async (_tenant, id) => (id === sampleSuppression.id ? sampleSuppression : null),
      },
      trail: {
        entries: async (_tenant, query) => {
          trailQueries.push(query);
          return { items: [sampleEntry], next: null, previous: null };
        },
        verdicts: async () => new Map([['t-1', [samplePast]]]),
      },
      conversation: async (_tenant, id) => ({
        items: id === 'c-42' ? [sampleTurn, { ...sampleTurn, traceId: 't-2', turn: null, segments: null }] : [],
        next: null,
        previous: null,
      }),
      conversationRisk: async (_tenant, id) => (id === sampleRisky.conversationId ? sampleRisky : null),
      riskyConversations: async () => ({ items: [sampleRisky], next: null, previous: null }),
      storedVerdicts: async (_tenant, { cursor, limit }) => ({
        items: [
          { traceId: cursor ?? 't-1', model: sampleTurn.model, verdict: sampleVerdict, text: 'kept' as const },
        ].slice(0, limit),
        next: cursor === undefined ? 't-2' : null,
        previous: null,
      }),
      auditAccess: async (access) => void accesses.push(access),
      keys: noKeys,
      erase: async () => ({ id: 'e-1', traces: 2, held: 0 }),
      holds: {
        place: async (_tenant, target, reason, by) => ({ ...sampleHold, target, reason, placedBy: by }),
        list: async () => [sampleHold],
        release: async (_tenant, id, reason) =>
          id === sampleHold.id ? { ...sampleHold, releasedAt: new Date(0), releaseReason: reason } : null,
      },
      verifyAudit: async (tenant) => ({ tenant, entries: 2, end: { seq: 2, hash: sha256('2') }, break: null }),
    },
    expire: async () => ({ gone: { text: 1, words: 0, verdicts: 0 }, complete: true }),
    candidate: (changes) => {
      if ('broken' in changes)
        throw new CodedError('invalid_body', 'No.', { errors: [{ path: '/policy/broken', message: 'no' }] });
      return { redecide: () => 'clear', current: 'a', candidate: 'b' };
    },
    live: {
      open: () => ({ take: async () => undefined, close: () => undefined }),
      events: () => ({ feed: () => undefined, finish: () => ({ payload: null }) }),
    },
    rules: () => [sampleRule],
    categories: CATEGORIES,
    health: createHealth([], []),
    metrics: createMetrics({ processMetrics: false }),
    log: createLogger('debug', { write: (line: string) => void logged.push(line) }),
    config: {
      maxBodyBytes: 64 * 1024,
      requestTimeoutMs: 10_000,
      maxInFlight: 8,
      streams: { idleMs: 10_000, deadlineMs: 60_000, maxOpen: 8, bufferBytes: 1_048_576 },
    },
    access: { ratePerMinute: 0, corsOrigins: [], metricsNeedKey: false },
    clock: () => new Date('2026-11-24T10:00:00Z'),
    newRequestId: () => `r-${++requests}`,
    ...overrides,
  };
  const app = buildServer(deps);
  onTestFinished(async () => app.close());
  await app.ready();
  const metricLines = async (name: string): Promise<string[]> =>
    (await deps.metrics.render()).split('\n').filter((line) => line.startsWith(name));
  return { app, deps, submissions, flagQueries, accesses, trailQueries, reviews, suppressions, logged, metricLines };
};

export const postTrace = (app: FastifyInstance, body: unknown, query = '') =>
  app.inject({
    method: 'POST',
    url: `/v1/monitor${query}`,
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
