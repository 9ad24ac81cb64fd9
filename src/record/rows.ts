import { flagIdOf, sha256 } from '../domain/ids.ts';
import type { ReviewState } from '../domain/review.ts';
import { searchWords } from '../domain/search-words.ts';
import { VIEWS, type View, worstSeverity } from '../domain/taxonomy.ts';
import type { Trace } from '../domain/trace.ts';
import type { Verdict } from '../domain/verdict.ts';
import { viewBits } from '../report/deception.ts';
import type { AuditEntry } from './audit.ts';
import { arrayLiteral, type Column } from './bulk-insert.ts';
import type { Flag, NewRecord, StoredTrace, WrittenFlag } from './contract.ts';
import type { AlertRevision } from './messages.ts';
import type { TraceHeader } from './trace-header.ts';
import { type Counted, countedOf, type LevelOf, plainLevel } from './weight.ts';

// What one record becomes in each table.

const headerOf = ({ conversationId, turn, model, format, occurredAt, labels, usage }: Trace): TraceHeader => ({
  conversationId,
  turn,
  model,
  format,
  occurredAt: occurredAt.toISOString(),
  labels,
  usage,
});

/** A record and its verdict's JSON, made once: it is stored and its hash goes into the audit entry. */
export interface Row extends NewRecord {
  readonly body: string;
  readonly counted: Counted;
}

export const rowOf = (record: NewRecord, levelOf: LevelOf = plainLevel): Row => ({
  ...record,
  body: JSON.stringify(record.verdict),
  counted: countedOf(record.verdict, levelOf),
});

export const isFlagged = (verdict: Verdict): boolean => verdict.decision === 'flag' || verdict.decision === 'alert';

/** Whether the text is kept. The draw is by hash, so that every replica, and a redelivery, draws the same. */
export const isKept = ({ trace, verdict }: NewRecord, share: number): boolean => {
  if (isFlagged(verdict)) return true;
  const drawn = Number.parseInt(sha256(`keep\u0000${trace.tenant}\u0000${trace.id}`).slice(0, 12), 16) / 2 ** 48;
  return drawn < share;
};

const PLACE: readonly Column<NewRecord>[] = [
  { name: 'tenant', type: 'text', value: (r) => r.trace.tenant },
  { name: 'received_at', type: 'timestamptz', value: (r) => r.receivedAt.toISOString() },
  { name: 'trace_id', type: 'text', value: (r) => r.trace.id },
];

export const IDENTITY_COLUMNS: readonly Column<NewRecord>[] = [
  ...PLACE,
  { name: 'content_hash', type: 'text', value: (r) => r.trace.contentHash },
];

export const VERDICT_COLUMNS: readonly Column<Row>[] = [
  ...PLACE,
  { name: 'conversation_id', type: 'text', value: (r) => r.trace.conversationId },
  { name: 'turn', type: 'integer', value: (r) => (r.trace.turn === null ? null : String(r.trace.turn)) },
  { name: 'occurred_at', type: 'timestamptz', value: (r) => r.trace.occurredAt.toISOString() },
  { name: 'decision', type: 'text', value: (r) => r.verdict.decision },
  { name: 'assessment', type: 'text', value: (r) => r.verdict.assessment.state },
  { name: 'reasons', type: 'text[]', value: (r) => arrayLiteral(r.verdict.assessment.reasons) },
  { name: 'risk', type: 'double', value: (r) => String(r.verdict.risk) },
  { name: 'status', type: 'text', value: (r) => r.verdict.status },
  { name: 'model_provider', type: 'text', value: (r) => r.trace.model.provider },
  { name: 'model_name', type: 'text', value: (r) => r.trace.model.name },
  { name: 'model_version', type: 'text', value: (r) => r.trace.model.version },
  { name: 'content_hash', type: 'text', value: (r) => r.trace.contentHash },
  { name: 'header', type: 'text', value: (r) => JSON.stringify(headerOf(r.trace)) },
  { name: 'body', type: 'text', value: (r) => r.body },
  { name: 'categories', type: 'text[]', value: (r) => arrayLiteral(r.counted.categories) },
  { name: 'views_seen', type: 'integer', value: (r) => String(viewBits(seenViews(r.verdict))) },
  { name: 'views_hit', type: 'integer', value: (r) => String(viewBits(r.counted.hit)) },
];

const seenViews = ({ views }: Verdict): readonly View[] => VIEWS.filter((view) => views[view] !== null);

export const TEXT_COLUMNS: readonly Column<NewRecord>[] = [
  ...PLACE,
  { name: 'segments', type: 'text', value: (r) => JSON.stringify(r.trace.segments) },
];

/** Rows with judge work; `at` is when it was queued. */
export interface JudgeRow extends NewRecord {
  readonly at: Date;
}

export const JUDGE_COLUMNS: readonly Column<JudgeRow>[] = [
  ...PLACE,
  { name: 'enqueued_at', type: 'timestamptz', value: (r) => r.at.toISOString() },
  { name: 'cause', type: 'text', value: (r) => r.judging!.cause },
  { name: 'priority', type: 'double', value: (r) => String(r.judging!.priority) },
  { name: 'state', type: 'text', value: () => 'waiting' },
  { name: 'attempts', type: 'integer', value: () => '0' },
  { name: 'not_before', type: 'timestamptz', value: (r) => r.at.toISOString() },
];

export interface ToldRow {
  readonly record: NewRecord;
  readonly told: AlertRevision;
}

export const TOLD_COLUMNS: readonly Column<ToldRow>[] = [
  { name: 'tenant', type: 'text', value: (r) => r.record.trace.tenant },
  { name: 'trace_id', type: 'text', value: (r) => r.record.trace.id },
  { name: 'revision', type: 'integer', value: (r) => String(r.told.revision) },
  { name: 'content_hash', type: 'text', value: (r) => r.told.contentHash },
];

interface FindingRow {
  readonly record: NewRecord;
  readonly position: number;
}

export const findingRows = (records: readonly NewRecord[]): readonly FindingRow[] =>
  records.flatMap((record) => record.verdict.findings.map((_, position) => ({ record, position })));

const findingOf = ({ record, position }: FindingRow) => record.verdict.findings[position]!;

export const FINDING_COLUMNS: readonly Column<FindingRow>[] = [
  ...PLACE.map((column) => ({ ...column, value: (row: FindingRow) => column.value(row.record) })),
  { name: 'position', type: 'integer', value: (row) => String(row.position) },
  { name: 'category', type: 'text', value: (row) => findingOf(row).category },
  { name: 'group_name', type: 'text', value: (row) => findingOf(row).group },
  { name: 'stance', type: 'text', value: (row) => findingOf(row).stance },
  { name: 'view', type: 'text', value: (row) => findingOf(row).view },
  { name: 'severity', type: 'text', value: (row) => findingOf(row).severity },
  { name: 'score', type: 'double', value: (row) => String(findingOf(row).score) },
  { name: 'detector', type: 'text', value: (row) => findingOf(row).detector.name },
  { name: 'rule', type: 'text', value: (row) => findingOf(row).detector.rule },
];

const flagOf = ({ trace, verdict, receivedAt }: NewRecord): WrittenFlag => ({
  id: flagIdOf(trace.tenant, trace.id),
  traceId: trace.id,
  conversationId: trace.conversationId,
  turn: trace.turn,
  model: trace.model,
  occurredAt: trace.occurredAt,
  receivedAt,
  decision: verdict.decision,
  risk: verdict.risk,
  severity: worstSeverity(verdict.findings.map((f) => f.severity)),
  assessmentState: verdict.assessment.state,
  findings: verdict.findings,
});

interface FlagRow {
  readonly record: NewRecord;
  readonly flag: WrittenFlag;
}

export const flagRows = (records: readonly NewRecord[]): readonly FlagRow[] =>
  records.filter((record) => isFlagged(record.verdict)).map((record) => ({ record, flag: flagOf(record) }));

/** The distinct values of a flag's findings. */
const distinct = (values: readonly (string | null)[]): string =>
  arrayLiteral([...new Set(values.filter((value) => value !== null))]);

export const FLAG_COLUMNS: readonly Column<FlagRow>[] = [
  ...PLACE.map((column) => ({ ...column, value: (row: FlagRow) => column.value(row.record) })),
  { name: 'id', type: 'text', value: ({ flag }) => flag.id },
  { name: 'conversation_id', type: 'text', value: ({ flag }) => flag.conversationId },
  { name: 'decision', type: 'text', value: ({ flag }) => flag.decision },
  { name: 'assessment', type: 'text', value: ({ flag }) => flag.assessmentState },
  { name: 'severity', type: 'text', value: ({ flag }) => flag.severity },
  { name: 'model_name', type: 'text', value: ({ flag }) => flag.model.name },
  { name: 'model_version', type: 'text', value: ({ flag }) => flag.model.version },
  { name: 'categories', type: 'text[]', value: ({ flag }) => distinct(flag.findings.map((f) => f.category)) },
  { name: 'groups', type: 'text[]', value: ({ flag }) => distinct(flag.findings.map((f) => f.group)) },
  { name: 'stances', type: 'text[]', value: ({ flag }) => distinct(flag.findings.map((f) => f.stance)) },
  { name: 'views', type: 'text[]', value: ({ flag }) => distinct(flag.findings.map((f) => f.view)) },
  { name: 'rules', type: 'text[]', value: ({ flag }) => distinct(flag.findings.map((f) => f.detector.rule)) },
  { name: 'body', type: 'text', value: ({ flag }) => JSON.stringify(flag) },
  { name: 'risk', type: 'double', value: ({ flag }) => String(flag.risk) },
  { name: 'detectors', type: 'text[]', value: ({ flag }) => distinct(flag.findings.map((f) => f.detector.name)) },
  {
    name: 'suppressions',
    type: 'text[]',
    value: ({ record }) => arrayLiteral(record.verdict.suppression?.ids ?? []),
  },
  { name: 'words', type: 'tsvector', value: ({ flag }) => arrayLiteral(searchWords(excerptOf(flag))) },
];

/** Of each quote, so that one long one leaves room for the others. */
const MAX_QUOTE = 400;

/** What free text is searched in. */
const excerptOf = ({ findings }: WrittenFlag): string =>
  findings
    .flatMap(({ explanation, evidence }) => [explanation, ...evidence.map(({ quote }) => quote)])
    .map((text) => text.slice(0, MAX_QUOTE))
    .join('\n');

/** The columns that `parseFlag` reads. */
export const FLAG_FIELDS = ['body', 'review', 'suppressions', 'assignee', 'assigned_until'] as const;

export interface FlagFields {
  readonly body: string;
  readonly review: string;
  readonly suppressions: readonly string[];
  readonly assignee: string | null;
  readonly assigned_until: Date | null;
}

export const parseFlag = (row: FlagFields, now: Date): Flag => {
  const flag = JSON.parse(row.body) as WrittenFlag;
  const { assignee, assigned_until: expiresAt } = row;
  return {
    ...flag,
    occurredAt: new Date(flag.occurredAt),
    receivedAt: new Date(flag.receivedAt),
    review: row.review as ReviewState,
    suppressedBy: row.suppressions,
    assignment: assignee !== null && expiresAt !== null && expiresAt > now ? { assignee, expiresAt } : null,
  };
};

export const parseVerdict = (body: string): Verdict => JSON.parse(body) as Verdict;

export const parseTrace = (row: {
  readonly trace_id: string;
  readonly received_at: Date;
  readonly header: string;
  readonly body: string;
  readonly segments: string | null;
}): StoredTrace => {
  const { conversationId, turn, model, format, occurredAt, labels, erasedAt } = JSON.parse(row.header) as TraceHeader;
  return {
    traceId: row.trace_id,
    conversationId,
    turn,
    model,
    format,
    occurredAt: new Date(occurredAt),
    receivedAt: row.received_at,
    labels,
    segments: row.segments === null ? null : JSON.parse(row.segments),
    erasedAt: erasedAt === undefined ? null : new Date(erasedAt),
    verdict: parseVerdict(row.body),
  };
};

/** The verdict's own hash stands for its body: the log says what was decided without repeating any text. */
export const auditEntryOf = ({ trace, verdict, body }: Row): AuditEntry => ({
  tenant: trace.tenant,
  kind: 'verdict',
  subject: trace.id,
  body: JSON.stringify({
    traceId: trace.id,
    contentHash: trace.contentHash,
    status: verdict.status,
    decision: verdict.decision,
    risk: verdict.risk,
    assessment: verdict.assessment.state,
    verdictHash: sha256(body),
    versions: verdict.versions,
  }),
});
