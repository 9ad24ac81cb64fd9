import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { OidcConfig } from '../config/access.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../domain/clock.ts';
import type { RuleStatus } from '../domain/finding.ts';
import type { Category, Severity, Stance, View } from '../domain/taxonomy.ts';
import type { Decision, Verdict } from '../domain/verdict.ts';
import type { Health } from '../observe/health.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Live, Submission } from '../pipeline.ts';
import type { Auditing } from '../record/auditing/contract.ts';
import type { Store } from '../record/contract.ts';
import type { Expired, Holds } from '../record/retention/contract.ts';
import type { Webhooks } from '../record/webhooks/contract.ts';
import type { Authentication } from './authentication.ts';

/** One rule as `GET /v1/rules` shows it: everything but its pattern. */
export interface RuleSummary {
  /** UUID; stable over renames. */
  readonly id: string;
  readonly slug: string;
  readonly version: string;
  /** Content hash, as findings carry it. */
  readonly hash: string;
  readonly title: string;
  readonly category: string;
  readonly stance: Stance;
  readonly severity: Severity;
  readonly status: RuleStatus;
  readonly views: readonly View[];
  readonly description: string;
  readonly references: readonly string[];
  readonly falsePositives: readonly string[];
  /** What a reviewer should look at first. */
  readonly triage: string;
}

/** A policy that is not in force, and what it would decide. */
export interface Candidate {
  readonly redecide: (verdict: Verdict) => Decision;
  /** Hashes of the policy in force and of this one. */
  readonly current: string;
  readonly candidate: string;
}

/** What the REST side needs of the rest of the service. */
export interface HttpDeps {
  /** Durable before it resolves; rejects with a CodedError for what cannot be read, conflicts or cannot be stored. */
  readonly process: (submission: Submission, source: 'http' | 'otlp') => Promise<Verdict>;
  readonly store: Pick<
    Store,
    | 'verdict'
    | 'flags'
    | 'flag'
    | 'flagFacets'
    | 'conversation'
    | 'conversationRisk'
    | 'riskyConversations'
    | 'storedVerdicts'
    | 'auditAccess'
    | 'erase'
    | 'keys'
    | 'verifyAudit'
  > &
    Auditing & { readonly holds: Holds; readonly webhooks: Pick<Webhooks, 'list' | 'revive' | 'discard'> };
  /** Takes away what is older than it may be, of all tenants. */
  readonly expire: () => Promise<Expired>;
  /** Undefined: requests need no credentials. */
  readonly authentication?: Authentication | undefined;
  /** The final verdict, or null where it is not there in time or the signal aborted. Unset: nothing is ever judged. */
  readonly waitForFinal?:
    | ((tenant: string, traceId: string, signal: AbortSignal) => Promise<Verdict | null>)
    | undefined;
  /** The policy in force with these changes. Throws `invalid_body` naming the fields at fault. */
  readonly candidate: (changes: object) => Candidate;
  readonly live: Live;
  readonly rules: () => readonly RuleSummary[];
  readonly categories: readonly Category[];
  /** Nothing but probes and metrics is served. */
  readonly operationsOnly?: boolean | undefined;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly config: Pick<Config['http'], 'maxBodyBytes' | 'requestTimeoutMs' | 'maxInFlight' | 'streams'>;
  readonly access: Pick<Config['access'], 'ratePerMinute' | 'corsOrigins' | 'metricsNeedKey'>;
  /** The auditors' page, as it was built, and where it sends people to sign in. Unset: there is none. */
  readonly page?: { readonly folder: string; readonly oidc: OidcConfig | undefined } | undefined;
  readonly clock: Clock;
  readonly newRequestId: () => string;
}

/** The server as routes see it: request and answer types follow from zod schemas. */
export type HttpApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
