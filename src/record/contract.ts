import type { Scope } from '../domain/access.ts';
import type { ConversationRisk } from '../domain/conversation.ts';
import type { Finding } from '../domain/finding.ts';
import type { JudgeOrder } from '../domain/judging.ts';
import type { ReviewState } from '../domain/review.ts';
import type { Severity, Stance, View } from '../domain/taxonomy.ts';
import type { Model, Segment, Trace } from '../domain/trace.ts';
import type { AssessmentState, Decision, Verdict } from '../domain/verdict.ts';
import type { BacktestVerdict, Period } from '../report/backtest.ts';
import type { Erased, Erasure } from './erasure/contract.ts';
import type { JudgeQueue } from './judging/contract.ts';
import type { Webhooks } from './webhooks/contract.ts';

// What the rest of the service may ask of the store. PostgreSQL and the embedded store answer the same questions with the
// same SQL.

/** One trace with its verdict, to be made durable with its audit entry and outbox messages in one transaction. */
export interface NewRecord {
  readonly trace: Trace;
  readonly verdict: Verdict;
  readonly receivedAt: Date;
  /** Judge work that is queued with it; the verdict is provisional then. */
  readonly judging?: JudgeOrder | undefined;
}

export type WriteResult =
  /** Durable now. */
  | {
      readonly kind: 'stored';
      readonly verdict: Verdict;
      /** What conversations of its batch were raised to; told with one of its records. */
      readonly raised?: readonly Decision[];
    }
  /** The same content was durable already: the verdict that stands, unchanged. */
  | { readonly kind: 'duplicate'; readonly verdict: Verdict }
  /** The caller's id names other content. Nothing of this record was stored. */
  | { readonly kind: 'conflict' };

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
  readonly previous: string | null;
}

export type FlagSort = 'newest' | 'risk';

export interface PageQuery {
  readonly limit: number;
  /** Opaque: `next` or `previous` of an earlier page. */
  readonly cursor?: string | undefined;
}

/** Filters are conjunctive; several values of one filter are alternatives. */
export interface FlagQuery {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly model?: readonly string[] | undefined;
  readonly modelVersion?: readonly string[] | undefined;
  readonly category?: readonly string[] | undefined;
  readonly group?: readonly string[] | undefined;
  readonly severity?: readonly Severity[] | undefined;
  readonly stance?: readonly Stance[] | undefined;
  readonly view?: readonly View[] | undefined;
  readonly decision?: readonly Decision[] | undefined;
  readonly assessment?: readonly AssessmentState[] | undefined;
  readonly rule?: readonly string[] | undefined;
  readonly detector?: readonly string[] | undefined;
  readonly review?: readonly ReviewState[] | undefined;
  readonly suppressed?: boolean | undefined;
  /** Who has it in hand now; `none` for what nobody has. */
  readonly assignee?: string | undefined;
  /** Words that its quotes and explanations must hold, all of them; `word*` stands for any that begin so. */
  readonly q?: string | undefined;
  readonly conversationId?: string | undefined;
  /** `newest` by time of receipt, `risk` by risk first. Default: newest. */
  readonly sort?: FlagSort | undefined;
  readonly limit: number;
  /** Opaque: `next` or `previous` of an earlier page. */
  readonly cursor?: string | undefined;
}

export type FlagFilter = Omit<FlagQuery, 'limit' | 'cursor' | 'sort'>;

export type PeriodQuery = PageQuery & Period;

export interface RiskyQuery extends PageQuery {
  /** Default: `flag` and `alert`. */
  readonly decision?: readonly Decision[] | undefined;
}

export interface Assignment {
  readonly assignee: string;
  readonly expiresAt: Date;
}

export interface FacetValue {
  /** Null where the trace did not say. */
  readonly value: string | null;
  readonly count: number;
}

/** How the flags of a query are spread. Counted over the newest that match, up to a bound. */
export interface FlagFacets {
  /** Exact where `complete`; else at least so many match. */
  readonly count: number;
  readonly complete: boolean;
  /** Most frequent values first. */
  readonly facets: Readonly<Record<string, readonly FacetValue[]>>;
}

/** What a flag is when it is written; the rest of `Flag` changes later. */
export interface WrittenFlag {
  readonly id: string;
  readonly traceId: string;
  readonly conversationId: string;
  readonly turn: number | null;
  readonly model: Model;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly decision: Decision;
  readonly risk: number;
  readonly severity: Severity;
  readonly assessmentState: AssessmentState;
  readonly findings: readonly Finding[];
}

export interface Flag extends WrittenFlag {
  readonly review: ReviewState;
  /** Ids of the suppressions that kept it from alerting. */
  readonly suppressedBy: readonly string[];
  /** Null where nobody has it in hand, or no longer. */
  readonly assignment: Assignment | null;
}

/** A trace whose text is kept, with its verdict. `segments` is null where policy kept the verdict only. */
export interface StoredTrace {
  readonly traceId: string;
  readonly conversationId: string;
  readonly turn: number | null;
  readonly model: Model;
  readonly format: string;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly labels: Readonly<Record<string, string>>;
  readonly segments: readonly Segment[] | null;
  /** When its words were erased. */
  readonly erasedAt: Date | null;
  readonly verdict: Verdict;
}

export interface OutboxMessage {
  /** Ascending in the order of commits of one writer; not dense. */
  readonly id: string;
  readonly kind: 'alert' | 'conversation_alert' | 'verdict';
  /** Partition key: the conversation id. */
  readonly key: string;
  /** JSON. */
  readonly payload: string;
}

export interface OutboxStats {
  readonly depth: number;
  /** Null where the outbox is empty. */
  readonly oldest: Date | null;
}

export interface Outbox {
  /**
   * Leases up to `limit` messages, oldest first, that no other relay holds (SKIP LOCKED), hands them to `publish`, and
   * deletes those whose ids it resolves to, in one transaction. Returns how many were published. A relay that dies
   * releases its lease with its transaction, and the messages go out again: at least once.
   */
  drain(limit: number, publish: (messages: readonly OutboxMessage[]) => Promise<readonly string[]>): Promise<number>;
  stats(): Promise<OutboxStats>;
}

/** Somebody read text of a tenant, or took it away: for the audit chain. */
export interface Access {
  readonly tenant: string;
  /** Who, as `Identity.actor` says it. */
  readonly actor: string;
  readonly action: 'view' | 'export';
  /** What kind of thing: `conversation`, `flag`, `flags` … */
  readonly what: string;
  /** Its id, or `*` where it is a list. */
  readonly subject: string;
  /** Filters and counts, never text of a trace. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

export interface ChainBreak {
  /** The first place that does not fit. */
  readonly seq: number;
  /** `missing`: no entry, or more than one. `altered`: its hash does not cover it. `unlinked`: it does not follow its
   * predecessor. `headless`: the chain does not end where its head says. `surplus`: it goes on, or begins, where none
   * should be. `replaced`: sound in itself, and not the chain that was seen before. */
  readonly reason: 'missing' | 'altered' | 'unlinked' | 'headless' | 'surplus' | 'replaced';
}

/** An entry that was seen before, and noted where nobody who can write here can: the chain must still hold it. */
export interface Anchor {
  readonly seq: number;
  readonly hash: string;
}

export interface AuditReport {
  readonly tenant: string;
  /** Entries found sound, from the first on. */
  readonly entries: number;
  /** The last of them: note it elsewhere, and give it as the anchor next time. Null where there is none. */
  readonly end: Anchor | null;
  readonly break: ChainBreak | null;
}

export interface ApiKey {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Date;
  readonly createdBy: string;
  /** Null: never. */
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** Within half a minute. */
  readonly lastUsedAt: Date | null;
}

export interface NewApiKey {
  readonly tenant: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
  /** Who makes it, as `Identity.actor` says it. */
  readonly by: string;
}

export interface Keys {
  /** `secret` is what callers send; it is told here and never again. */
  create(key: NewApiKey): Promise<{ readonly key: ApiKey; readonly secret: string }>;
  /** Newest first. */
  list(tenant: string): Promise<readonly ApiKey[]>;
  /** Null where the tenant has no such key. Revoking twice changes nothing. */
  revoke(tenant: string, id: string, by: string): Promise<ApiKey | null>;
  /** By SHA-256 of what was sent, over all tenants; alive or not. */
  find(hash: string): Promise<ApiKey | null>;
  /** Latest use by key id. */
  noteUse(uses: ReadonlyMap<string, Date>): Promise<void>;
  /** Whether there is a key that would be let in. */
  anyAlive(): Promise<boolean>;
}

export interface Store {
  readonly kind: 'postgres' | 'embedded';
  /**
   * One transaction for all records: identity, verdict, findings, flag, kept text, audit entries (hash chain per tenant),
   * outbox messages. Results are in the order of `records`. Records of one batch with the same tenant and id are handled
   * like redeliveries of the first. Rejects as a whole where the database fails: nothing was stored then.
   */
  write(records: readonly NewRecord[]): Promise<readonly WriteResult[]>;
  verdict(tenant: string, traceId: string): Promise<Verdict | null>;
  flags(tenant: string, query: FlagQuery): Promise<Page<Flag>>;
  flag(tenant: string, id: string): Promise<Flag | null>;
  flagFacets(tenant: string, query: FlagFilter): Promise<FlagFacets>;
  /**
   * Turns in order: by turn, then by time of occurrence; those without a turn at the end. Empty where the conversation is
   * not known. Rejects with `invalid_cursor`.
   */
  conversation(tenant: string, conversationId: string, query: PageQuery): Promise<Page<StoredTrace>>;
  /** What its turns say together; null where it is not known. */
  conversationRisk(tenant: string, conversationId: string): Promise<ConversationRisk | null>;
  /** Conversations that were recorded, flagged or alerted for their turns together, the highest score first. */
  riskyConversations(tenant: string, query: RiskyQuery): Promise<Page<ConversationRisk>>;
  /** The conversation that a response was filed in; its own id where nothing is known of it. */
  conversationOf(tenant: string, responseId: string): Promise<string>;
  /** Verdicts of a period by time of receipt, oldest first, in pages: what a backtest reads. */
  storedVerdicts(tenant: string, query: PeriodQuery): Promise<Page<BacktestVerdict>>;
  /** Traces whose text is kept, oldest first, in pages: what `replay` reads. */
  keptTraces(
    tenant: string,
    options: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<StoredTrace>>;
  /** Durable before it resolves: await it before the text goes out. Concurrent calls share a transaction. */
  auditAccess(access: Access): Promise<void>;
  /** Walks the tenant's audit chain to its end or to the first break. */
  verifyAudit(tenant: string, anchor?: Anchor): Promise<AuditReport>;
  /**
   * Takes text, quotes, explanations, labels and notes of what is stored now, and leaves decisions, scores and the chain.
   * Resolves when all of it is done; one that was cut short is finished by asking again.
   */
  erase(erasure: Erasure): Promise<Erased>;
  readonly keys: Keys;
  readonly outbox: Outbox;
  readonly webhooks: Webhooks;
  readonly judging: JudgeQueue;
  /** Rejects where the database does not answer within a second or two. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
