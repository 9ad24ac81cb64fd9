import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Clock } from '../domain/clock.ts';
import type { ConversationRule } from '../domain/conversation.ts';
import type { Logger } from '../observe/log.ts';
import { createAccessLog } from './access-log.ts';
import { type ChainReport, type ChainWalk, chainedTenants, verifyAudit, verifyChain, walkChain } from './audit-walk.ts';
import type { Auditing } from './auditing/contract.ts';
import { createReports, createReviews, createSuppressions, createTrail } from './auditing/store.ts';
import { createAvailability, type StoreHealth, within } from './availability.ts';
import { type Connection, connectEmbedded, connectPostgres, type PoolUse } from './connection.ts';
import type { Anchor, Store } from './contract.ts';
import { findConversation, findKeptTraces } from './conversations.ts';
import { codedDatabaseError } from './database-errors.ts';
import { erase } from './erasure/erase.ts';
import { findFlagFacets } from './flag-facets.ts';
import { findFlag, findFlags } from './flags.ts';
import type { DeadLetters } from './judging/contract.ts';
import { listDead, reviveDead } from './judging/dead.ts';
import { createJudgeQueue } from './judging/queue.ts';
import { createKeys } from './keys.ts';
import { migrate, requireMigrated } from './migrate.ts';
import { createOutbox } from './outbox.ts';
import { createPartitions } from './partitions.ts';
import { findConversationOf } from './response-links.ts';
import type { Expired, Holds, RetentionLimits } from './retention/contract.ts';
import { expire } from './retention/expire.ts';
import { createHolds } from './retention/holds.ts';
import { findConversationRisk, findRiskyConversations } from './risky-conversations.ts';
import { findStoredVerdicts } from './stored-verdicts.ts';
import { protectTables } from './tenancy/protect.ts';
import { createTenancy, type ForTenant } from './tenancy/tenancy.ts';
import { findVerdict } from './verdicts.ts';
import { createWebhooks } from './webhooks/deliveries.ts';
import type { LevelOf } from './weight.ts';
import { createWrite } from './write.ts';

// The store: PostgreSQL, or the embedded one behind the same SQL. A trace, its verdict, findings, flag, audit entry and
// outbox messages become durable together or not at all; everything else in this folder follows from that.

export interface StoreOptions {
  /** PostgreSQL connection string. Unset: the embedded store under `dataDir`. */
  readonly url?: string | undefined;
  readonly dataDir: string;
  readonly poolSize: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Share, 0–1, of unflagged traces whose text is kept. */
  readonly keepTraceShare: number;
  /** Prefix of the links in alerts, without a slash at its end. */
  readonly publicUrl?: string | undefined;
  /** How the policy weighs a finding, for reports and suppressions. Unset: what is meant or done alerts. */
  readonly levelOf?: LevelOf | undefined;
  /** What the turns of a conversation lead to together. Unset: they are not weighed. */
  readonly conversations?: ConversationRule | undefined;
  /** Whether every verdict goes to the outbox, and not alerts alone. */
  readonly publishVerdicts?: boolean | undefined;
  /** Whether webhooks are told of a tenant's alerts. Unset: nobody's. */
  readonly hasWebhooks?: ((tenant: string) => boolean) | undefined;
  /** Whether an older store is brought up to date, or refused. Default: brought up to date. */
  readonly migrate?: boolean | undefined;
}

export interface OpenStore extends Store, Auditing {
  /** What the latest operation or ping met. Reads no database. */
  health(): StoreHealth;
  /** Walks the tenant's audit chain to the first break. */
  verifyChain(tenant: string): Promise<ChainReport>;
  /** See `walkChain`. */
  walkChain(tenant: string, from: Anchor, limit: number, anchor?: Anchor): Promise<ChainWalk>;
  /** How the connections are used; null where there is no pool. Reads no database. */
  connections(): PoolUse | null;
  readonly holds: Holds;
  /**
   * Takes away what is older than its kind is kept, but for what is held. Safe to call on every replica at once: one at a
   * time gets on with it, and what was cut short is finished by the next.
   */
  expire(limits: RetentionLimits): Promise<Expired>;
  /** Judge work that was given up. */
  readonly deadLetters: DeadLetters;
  /** Everybody who has an audit chain. */
  chainedTenants(): Promise<readonly string[]>;
}

const PING_MS = 2_000;

/**
 * Connects, migrates, and makes the partitions of today and of what comes next.
 * @throws CodedError `store_unavailable`, `store_locked`, `store_newer`, `store_older`, or `invalid_config` for a server that will not do.
 */
export const openStore = async (options: StoreOptions): Promise<OpenStore> => {
  const { url, dataDir, poolSize, log } = options;
  try {
    const connection = url === undefined ? await connectEmbedded(dataDir) : connectPostgres(url, poolSize, log);
    return await createStore(connection, options);
  } catch (error) {
    throw codedDatabaseError(error);
  }
};

/** Takes the connection over: it is closed with the store, and where the store cannot be made. */
export const createStore = async (
  { kind, db, dialect, connections, close }: Connection,
  options: Omit<StoreOptions, 'url' | 'dataDir' | 'poolSize'>,
): Promise<OpenStore> => {
  const { clock, log, keepTraceShare, publicUrl, publishVerdicts, levelOf, conversations, hasWebhooks } = options;
  const partitions = createPartitions(db);
  let forTenant: ForTenant;
  try {
    if (options.migrate === false) await requireMigrated(db);
    else for (const name of await migrate(db)) log.info({ component: 'store', reason: name }, 'migration applied');
    forTenant = await createTenancy(dialect, db, await protectTables(db));
    await partitions.prepare(clock());
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
  const write = createWrite({
    db,
    partitions,
    clock,
    options: { keepTraceShare, publicUrl, publishVerdicts, levelOf, conversations, hasWebhooks },
  });
  const logAccess = createAccessLog(db, partitions, clock);
  const keys = createKeys(db, forTenant, partitions, clock);
  const auditedFor = (tenant: string) => ({ db: forTenant(tenant), partitions, clock });
  const availability = createAvailability(log);
  const { run } = availability;
  return {
    kind,
    write: (records) => run(() => write(records)),
    verdict: (tenant, traceId) => run(() => findVerdict(forTenant(tenant), tenant, traceId)),
    flags: (tenant, query) => run(() => findFlags(forTenant(tenant), db, tenant, query, clock())),
    flag: (tenant, id) => run(() => findFlag(forTenant(tenant), tenant, id, clock())),
    flagFacets: (tenant, query) => run(() => findFlagFacets(forTenant(tenant), db, tenant, query, clock())),
    conversation: (tenant, id, query) => run(() => findConversation(forTenant(tenant), tenant, id, query)),
    conversationOf: (tenant, id) => run(() => findConversationOf(forTenant(tenant), tenant, id)),
    conversationRisk: (tenant, id) => run(() => findConversationRisk(forTenant(tenant), tenant, id)),
    riskyConversations: (tenant, query) => run(() => findRiskyConversations(forTenant(tenant), tenant, query)),
    storedVerdicts: (tenant, query) => run(() => findStoredVerdicts(forTenant(tenant), tenant, query)),
    keptTraces: (tenant, page) => run(() => findKeptTraces(forTenant(tenant), tenant, page)),
    auditAccess: (access) => run(() => logAccess(access)),
    reviews: createReviews(auditedFor, { publicUrl }, run),
    reports: createReports(auditedFor, run),
    suppressions: createSuppressions(auditedFor, clock, run),
    trail: createTrail(auditedFor, db, run),
    keys: {
      create: (key) => run(() => keys.create(key)),
      list: (tenant) => run(() => keys.list(tenant)),
      revoke: (tenant, id, by) => run(() => keys.revoke(tenant, id, by)),
      find: (hash) => run(() => keys.find(hash)),
      noteUse: (uses) => run(() => keys.noteUse(uses)),
      anyAlive: () => run(keys.anyAlive),
    },
    outbox: createOutbox(db, kind, availability),
    webhooks: createWebhooks({ db, forTenant, clock, newId: randomUUID, run }),
    judging: createJudgeQueue({
      db,
      clock,
      availability,
      options: { keepTraceShare, publicUrl, publishVerdicts, levelOf, conversations, hasWebhooks },
    }),
    deadLetters: {
      list: (tenant, limit) => run(() => listDead(db, tenant, limit)),
      retry: (tenant) => run(() => reviveDead(db, clock(), tenant)),
    },
    ping: () => run(async () => void (await within(PING_MS, sql`select 1`.execute(db)))),
    health: availability.health,
    verifyChain: (tenant) => run(() => verifyChain(forTenant(tenant), tenant)),
    verifyAudit: (tenant, anchor) => run(() => verifyAudit(forTenant(tenant), tenant, anchor)),
    walkChain: (tenant, from, limit, anchor) => run(() => walkChain(forTenant(tenant), tenant, from, limit, anchor)),
    connections,
    holds: createHolds(auditedFor, randomUUID, run),
    expire: (limits) => run(() => expire({ db, partitions, clock }, limits)),
    chainedTenants: () => run(() => chainedTenants(db)),
    erase: (erasure) => run(() => erase({ db, partitions, clock, newId: randomUUID }, erasure)),
    close,
  };
};
