import type { WebhookDeliveriesTable } from './webhooks/table.ts';

// The tables, as Kysely sees them. migrations/ makes them; docs/storage.md says why each is as it is.

export interface TraceIdentityTable {
  tenant: string;
  trace_id: string;
  content_hash: string;
  received_at: Date;
}

export interface ResponseLinksTable {
  tenant: string;
  response_id: string;
  previous_id: string;
  /** Where the response was filed when it came. */
  conversation_id: string;
  received_at: Date;
}

export interface VerdictsTable {
  tenant: string;
  received_at: Date;
  trace_id: string;
  conversation_id: string;
  turn: number | null;
  occurred_at: Date;
  decision: string;
  assessment: string;
  reasons: string[];
  risk: number;
  status: string;
  model_provider: string | null;
  model_name: string | null;
  model_version: string | null;
  content_hash: string;
  /** JSON of TraceHeader. */
  header: string;
  /** JSON of Verdict. */
  body: string;
  /** What it was flagged for. */
  categories: string[];
  /** Bits in the order of VIEWS. */
  views_seen: number;
  views_hit: number;
}

export interface TraceTextTable {
  tenant: string;
  received_at: Date;
  trace_id: string;
  /** JSON of Segment[]. */
  segments: string;
}

export interface FindingsTable {
  tenant: string;
  received_at: Date;
  trace_id: string;
  position: number;
  category: string;
  group_name: string;
  stance: string;
  view: string;
  severity: string;
  score: number;
  detector: string;
  rule: string | null;
}

export interface FlagsTable {
  tenant: string;
  received_at: Date;
  id: string;
  trace_id: string;
  conversation_id: string;
  decision: string;
  assessment: string;
  severity: string;
  model_name: string | null;
  model_version: string | null;
  categories: string[];
  groups: string[];
  stances: string[];
  views: string[];
  rules: string[];
  /** JSON of FlagBody. */
  body: string;
  risk: number;
  detectors: string[];
  review: string;
  /** Ids of the suppressions that kept it from alerting. */
  suppressions: string[];
  assignee: string | null;
  assigned_until: Date | null;
  words: string;
}

export interface ReviewsTable {
  tenant: string;
  flag_id: string;
  /** From 1, in the order of writing. */
  position: number;
  trace_id: string;
  outcome: string;
  /** JSON of a string. */
  note: string | null;
  reviewer: string;
  at: Date;
}

export interface SuppressionsTable {
  tenant: string;
  id: string;
  kind: string;
  value: string;
  /** JSON of a string, like everything that people type. */
  reason: string;
  owner: string;
  created_by: string;
  created_at: Date;
  expires_at: Date;
  ended_by: string | null;
  ended_at: Date | null;
}

export interface AuditLogTable {
  tenant: string;
  /** Comes as text from one driver and as a number from the other. */
  seq: string | number | bigint;
  at: Date;
  kind: string;
  subject: string;
  body: string;
  prev_hash: string;
  hash: string;
}

export interface AuditHeadTable {
  tenant: string;
  seq: string | number | bigint;
  hash: string;
}

export interface OutboxTable {
  id: string | number | bigint;
  kind: string;
  key: string;
  payload: string;
  created_at: Date;
}

export interface JudgeJobsTable {
  tenant: string;
  trace_id: string;
  received_at: Date;
  enqueued_at: Date;
  cause: string;
  priority: number;
  /** `waiting` (leased or not) or `dead`. */
  state: string;
  attempts: number;
  not_before: Date;
  lease_until: Date | null;
  leased_by: string | null;
  last_reason: string | null;
}

export interface JudgementsTable {
  tenant: string;
  trace_id: string;
  received_at: Date;
  judged_at: Date;
  cause: string;
  outcome: string;
  decision_before: string;
  decision: string;
  model: string | null;
  prompt: string | null;
  attempts: number;
  calls: number;
  prompt_tokens: string | number | bigint;
  completion_tokens: string | number | bigint;
  cost_usd: number | null;
}

export interface JudgeSpendTable {
  tenant: string;
  day: Date;
  tokens: string | number | bigint;
  cost_usd: number;
  calls: string | number | bigint;
}

export interface AlertRevisionsTable {
  tenant: string;
  trace_id: string;
  revision: number;
  content_hash: string;
}

export interface ConversationRiskTable {
  tenant: string;
  conversation_id: string;
  turns: string | number | bigint;
  unassessed: string | number | bigint;
  /** Thousandths of a nat. */
  weight: string | number | bigint;
  /** JSON of WeighedTurn[]. */
  evidence: string;
  score: number;
  decision: string;
  alert_revision: number;
  /** Whether an alert was raised and not withdrawn. */
  alerted: boolean;
  updated_at: Date;
}

export interface ApiKeysTable {
  tenant: string;
  /** UUID. */
  id: string;
  name: string;
  /** SHA-256 of the key. */
  hash: string;
  scopes: string[];
  created_at: Date;
  created_by: string;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

export interface LegalHoldsTable {
  tenant: string;
  id: string;
  kind: string;
  /** What a held row is known by. */
  needle: string;
  /** JSON of HoldTarget. */
  target: string;
  /** JSON of a string. */
  reason: string;
  placed_by: string;
  placed_at: Date;
  released_by: string | null;
  released_at: Date | null;
  /** JSON of a string. */
  release_reason: string | null;
}

export interface RetentionMarksTable {
  tenant: string;
  what: string;
  received_at: Date;
  trace_id: string;
}

export interface SchemaMigrationsTable {
  version: number;
  name: string;
  applied_at: Date;
  /** Older programs can work with it. */
  additive: boolean;
}

export interface Database {
  trace_identity: TraceIdentityTable;
  verdicts: VerdictsTable;
  response_links: ResponseLinksTable;
  trace_text: TraceTextTable;
  findings: FindingsTable;
  flags: FlagsTable;
  reviews: ReviewsTable;
  suppressions: SuppressionsTable;
  audit_log: AuditLogTable;
  audit_head: AuditHeadTable;
  outbox: OutboxTable;
  webhook_deliveries: WebhookDeliveriesTable;
  judge_jobs: JudgeJobsTable;
  judgements: JudgementsTable;
  judge_spend: JudgeSpendTable;
  alert_revisions: AlertRevisionsTable;
  api_keys: ApiKeysTable;
  legal_holds: LegalHoldsTable;
  retention_marks: RetentionMarksTable;
  conversation_risk: ConversationRiskTable;
  schema_migrations: SchemaMigrationsTable;
}
