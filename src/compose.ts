import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCandidates } from './compose/candidate.ts';
import { type JudgeTier, startJudgeTier } from './compose/judge-tier.ts';
import { createKafkaTier, type KafkaTier } from './compose/kafka-tier.ts';
import { startUpkeep } from './compose/upkeep.ts';
import { createWebhookTier } from './compose/webhook-tier.ts';
import type { Config } from './config/config.ts';
import { createConversationRule } from './decide/conversation.ts';
import { levelOf } from './decide/decide.ts';
import { loadPolicy } from './decide/policy.ts';
import type { Clock } from './domain/clock.ts';
import { CodedError } from './domain/errors.ts';
import { createEngine, type Engine } from './engine.ts';
import { type Authentication, createAuthentication } from './http/authentication.ts';
import type { RuleSummary } from './http/deps.ts';
import { createTokenVerifier } from './http/oidc.ts';
import { buildServer } from './http/server.ts';
import { createCanaries, loadCanaries } from './judging/canaries.ts';
import { sleep } from './kafka/backoff.ts';
import { createHealth, type HealthSource } from './observe/health.ts';
import type { Logger } from './observe/log.ts';
import { createMetrics } from './observe/metrics.ts';
import { createPipeline } from './pipeline.ts';
import { createEvaluations, type Evaluations, type EvaluationsDeps } from './publish/evaluations.ts';
import { type Courier, endpointsOf } from './publish/webhooks/courier.ts';
import { createGroupCommit } from './record/group-commit.ts';
import { createRetentionSchedule } from './record/retention/schedule.ts';
import { createSettledCounting } from './record/settled-counting.ts';
import { type OpenStore, openStore } from './record/store.ts';
import type { LevelOf } from './record/weight.ts';
import { type Releasers, withReleasers } from './releasers.ts';
import { loadTaxonomy } from './taxonomy/load.ts';

// The whole service, put together in order: store, engine, relay, HTTP, consumer. What was opened is closed in reverse,
// so that nothing new comes in while what is in hand still finds everything it needs.

export interface Service {
  /** Where REST answers, as a base URL. */
  readonly address: string;
  readonly store: OpenStore['kind'];
  /** Drains and closes everything; later calls wait for the first. */
  close(): Promise<void>;
}

export interface ServiceDeps {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
}

export const VERSION: string = (
  JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as { version: string }
).version;

/** The auditors' page, built by `npm run build`; the same place whether this runs from src/ or from dist/. */
const PAGE = join(import.meta.dirname, '..', 'dist', 'console');

/** @throws CodedError where a part cannot start; what had been opened is closed again */
export const startService = (deps: ServiceDeps): Promise<Service> =>
  withReleasers((releasers) => start(deps, releasers));

const start = async ({ config, log, clock }: ServiceDeps, releasers: Releasers): Promise<Service> => {
  const metrics = createMetrics({ processMetrics: true });
  const policy = loadPolicy(config.detect.policyFile, loadTaxonomy(config.detect.categoriesDir));
  const weigh: LevelOf = (finding) => levelOf(finding, policy);
  const store = await openStore({
    ...config.store,
    clock,
    log,
    publicUrl: config.http.publicUrl,
    publishVerdicts: config.kafka?.topics.verdicts !== undefined,
    levelOf: weigh,
    conversations: createConversationRule(policy),
    hasWebhooks: (tenant) => endpointsOf(config.webhooks?.endpoints ?? [], tenant).length > 0,
  });
  releasers.add('store', store.close);
  const engine = await createEngine({ config, metrics, log, clock }, releasers);
  metrics.set('cot_monitor_build_info', 1, {
    version: VERSION,
    rules: engine.rulesVersion,
    classifier: engine.classifierVersion ?? 'none',
    policy: engine.policyVersion,
  });

  // Walking the chains is a worker's task.
  const auditEntriesPerMinute = config.role === 'api' ? 0 : config.store.auditEntriesPerMinute;
  const upkeep = startUpkeep({ store, auditEntriesPerMinute, metrics, log, clock }, releasers);

  let kafka: KafkaTier | undefined;
  let courier: Courier | undefined;
  const counting = {
    metrics,
    models: new Set(config.metricsModels),
    categories: engine.taxonomy.ids,
    levelOf: weigh,
  };
  const commit = createGroupCommit(store.write, {
    maxBatch: config.store.batchSize,
    maxInFlight: store.kind === 'postgres' ? 2 : 1,
    ...counting,
    clock,
  });
  const evaluations = evaluationsTo(config.evaluations, { log, metrics, clock });
  if (evaluations !== undefined) releasers.add('evaluations', evaluations.stop);
  const countSettled = createSettledCounting(counting);
  /** There may be something in the outbox. */
  const announce = (): void => {
    kafka?.notify();
    courier?.notify();
  };
  let tier: JudgeTier | undefined;
  const pipeline = createPipeline(
    engine.assessor,
    async (assessed, source) => {
      const verdict = await commit(assessed, source);
      announce();
      if (verdict.status === 'provisional') tier?.notify();
      // A redelivered trace is answered the verdict that stood before, which was told then.
      if (verdict === assessed.verdict) evaluations?.emit(assessed.trace, verdict);
      return verdict;
    },
    {
      // Without a judge nobody would ever finish a provisional verdict.
      route: config.judge === undefined ? undefined : engine.route,
      conversationOf: store.conversationOf,
    },
  );

  const parts: HealthSource[] = [{ name: 'store', required: true, check: store.health }, ...upkeep];
  const progress: HealthSource[] = [];
  if (config.kafka !== undefined && config.role !== 'api') {
    kafka = createKafkaTier(
      { config, kafka: config.kafka, store, process: pipeline.process, metrics, log, clock },
      releasers,
    );
    parts.push(...kafka.parts);
    progress.push(...kafka.progress);
  }
  if (config.webhooks !== undefined && config.role !== 'api') {
    courier = createWebhookTier(
      { webhooks: config.webhooks, config, queue: store.webhooks, log, metrics, clock },
      releasers,
    );
    parts.push({ name: 'webhooks', required: false, check: courier.health });
  }

  const authentication = await authenticationFor({ config, log, clock }, store);
  if (authentication !== undefined) releasers.add('authentication', authentication.close);
  tier = startJudgeTier(
    {
      config,
      store,
      finalise: engine.finalise,
      taxonomy: engine.taxonomy,
      metrics,
      log,
      clock,
      onFinal: (trace, verdict) => {
        countSettled(trace, verdict);
        announce();
        evaluations?.emit(trace, verdict);
      },
    },
    releasers,
  );
  if (config.canaryIntervalMs > 0 && config.role !== 'api') {
    const canaries = createCanaries({
      canaries: loadCanaries(),
      process: pipeline.process,
      waitForFinal: tier?.waitForFinal,
      intervalMs: config.canaryIntervalMs,
      metrics,
      log,
      clock,
      sleep,
    });
    parts.push(canaries.health);
    releasers.add('canaries', canaries.stop);
    canaries.start();
  }
  if (config.retention.intervalMs > 0 && config.role !== 'api') {
    const retention = createRetentionSchedule({
      expire: () => store.expire(config.retention),
      intervalMs: config.retention.intervalMs,
      metrics,
      log,
      clock,
      sleep,
    });
    releasers.add('retention', retention.stop);
    retention.start();
  }
  parts.push(...(tier?.parts ?? []));
  progress.push(...(tier?.progress ?? []));

  const app = buildServer({
    process: pipeline.process,
    waitForFinal: tier?.waitForFinal,
    candidate: createCandidates(policy, engine.taxonomy),
    live: engine.live,
    store,
    expire: () => store.expire(config.retention),
    rules: () => engine.rules.map(summaryOf),
    categories: engine.taxonomy.categories,
    operationsOnly: config.role === 'worker',
    health: createHealth(parts, progress),
    metrics,
    log,
    config: config.http,
    access: config.access,
    page: { folder: PAGE, oidc: config.access.oidc },
    authentication,
    clock,
    newRequestId: randomUUID,
  });
  releasers.add('http', () => app.close());
  const address = await listen(app, config.http);
  courier?.start();
  kafka?.start();

  let closing: Promise<void> | undefined;
  return {
    address,
    store: store.kind,
    close: () => {
      tier?.hurry();
      closing ??= releasers.release();
      return closing;
    },
  };
};

/** @throws CodedError `invalid_config` where nobody could ever be let in */
const authenticationFor = async (
  { config: { access, role }, log, clock }: ServiceDeps,
  store: OpenStore,
): Promise<Authentication | undefined> => {
  if (!access.required || (role === 'worker' && !access.metricsNeedKey)) return undefined;
  const { operatorKeyHash, oidc } = access;
  if (operatorKeyHash === undefined && oidc === undefined && !(await store.keys.anyAlive())) {
    throw new CodedError(
      'invalid_config',
      'Requests need a key (HOST is not a loopback address, or AUTH=on), and there is none: set ADMIN_KEY or ' +
        'ADMIN_KEY_FILE, or OIDC_ISSUER, or make a key first with `cot-monitor keys create`.',
    );
  }
  const verifyToken = oidc === undefined ? undefined : createTokenVerifier(oidc);
  return createAuthentication({ keys: store.keys, operatorKeyHash, verifyToken, clock, log });
};

const evaluationsTo = (
  to: Config['evaluations'],
  deps: Pick<EvaluationsDeps, 'log' | 'metrics' | 'clock'>,
): Evaluations | undefined =>
  to === undefined ? undefined : createEvaluations({ ...to, ...deps, version: VERSION, fetch, retryMs: 1_000 });

const listen = async (app: ReturnType<typeof buildServer>, { host, port }: Config['http']): Promise<string> => {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another process has it: choose another PORT' : `HOST and PORT: ${code}`;
    throw new CodedError('invalid_config', `Cannot listen on ${host}:${port}; ${why}.`, { cause });
  }
};

const summaryOf = (rule: Engine['rules'][number]): RuleSummary => {
  const { id, slug, version, hash, title, category, stance, severity, status, views } = rule;
  const { description, references, falsePositives, triage } = rule;
  return {
    id,
    slug,
    version: String(version),
    hash,
    title,
    category,
    stance,
    severity,
    status,
    views,
    description,
    references,
    falsePositives,
    triage,
  };
};
