import { ALERT_SCHEMA, type Alert } from '../domain/alert.ts';
import type { Evidence, Finding } from '../domain/finding.ts';
import { alertIdOf, flagIdOf, sha256 } from '../domain/ids.ts';
import { CANARY_TENANT } from '../domain/judging.ts';
import type { ReviewState } from '../domain/review.ts';
import type { Trace } from '../domain/trace.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { NewRecord } from './contract.ts';
import { wipeVerdict } from './erasure/wipe.ts';

// What goes out with a verdict. Neither message holds a quote: text is read over REST, by those who may read the trace.

export const VERDICT_SCHEMA = 'cot-monitor.verdict.v1';

export interface NewMessage {
  readonly kind: 'alert' | 'conversation_alert' | 'verdict' | 'webhook';
  /** Conversation id: what concerns one conversation stays in order on the topic. */
  readonly key: string;
  /** JSON. */
  readonly payload: string;
}

export interface MessageOptions {
  /** Prefix of the links in alerts, without a slash at its end. Unset: links are relative. */
  readonly publicUrl?: string | undefined;
  /** Whether every verdict is published, and not alerts alone. */
  readonly publishVerdicts?: boolean | undefined;
  /** Whether webhooks are told of a tenant's alerts. Unset: nobody's. */
  readonly hasWebhooks?: ((tenant: string) => boolean) | undefined;
}

/** What was last said of an alert. */
export interface AlertRevision {
  readonly revision: number;
  /** Of everything in the alert but its revision and type. */
  readonly contentHash: string;
}

export interface Messages {
  readonly messages: readonly NewMessage[];
  /** What is said of the alert now; null where nothing new is. */
  readonly revision: AlertRevision | null;
}

/** What goes out with a record that is new. A provisional alert that is not severe waits for the judge. */
export const messagesOf = (record: NewRecord, options: MessageOptions): Messages =>
  messagesFor(record, record.judging === undefined || record.judging.alertNow, null, options);

/** What goes out where a verdict takes the place of an earlier one; `told` is what was last said of its alert. */
export const updateMessagesOf = (
  record: NewRecord,
  told: AlertRevision | null,
  review: ReviewState,
  options: MessageOptions,
): Messages => messagesFor(record, true, told, options, review);

/** What goes out where reviewers have judged what was told of before; null where that changes nothing. */
export const reviewedAlertOf = (
  record: Told,
  review: ReviewState,
  told: AlertRevision,
  options: MessageOptions,
): { readonly message: NewMessage; readonly revision: AlertRevision } | null => {
  if (record.trace.tenant === CANARY_TENANT) return null;
  const alert = alertFor(record, told, options.publicUrl ?? '', review);
  if (alert === null) return null;
  const message = { kind: 'alert', key: record.trace.conversationId, payload: JSON.stringify(alert.alert) } as const;
  return { message, revision: alert.told };
};

const messagesFor = (
  record: NewRecord,
  speak: boolean,
  told: AlertRevision | null,
  options: MessageOptions,
  review: ReviewState = 'unreviewed',
): Messages => {
  if (record.trace.tenant === CANARY_TENANT) return { messages: [], revision: null };
  const key = record.trace.conversationId;
  const alert = speak ? alertFor(record, told, options.publicUrl ?? '', review) : null;
  const messages: NewMessage[] = [];
  if (alert !== null) {
    const payload = JSON.stringify(alert.alert);
    messages.push({ kind: 'alert', key, payload });
    // A message of its own: brokers and endpoints are told independently of one another.
    if (options.hasWebhooks?.(record.trace.tenant)) messages.push({ kind: 'webhook', key, payload });
  }
  if (options.publishVerdicts) messages.push({ kind: 'verdict', key, payload: verdictPayload(record) });
  return { messages, revision: alert === null ? null : alert.told };
};

/** As much of a record as an alert tells. */
interface Told {
  readonly trace: Pick<Trace, 'tenant' | 'id' | 'conversationId' | 'model' | 'occurredAt'>;
  readonly verdict: Verdict;
}

const alertFor = (
  record: Told,
  told: AlertRevision | null,
  publicUrl: string,
  review: ReviewState,
): { readonly alert: Alert; readonly told: AlertRevision } | null => {
  const decided = (record.verdict.suppression?.decision ?? record.verdict.decision) === 'alert';
  if (!decided && told === null) return null;
  const raised = decided && review !== 'false_positive';
  const content = alertOf(record, publicUrl, review);
  const contentHash = sha256(JSON.stringify(content));
  if (contentHash === told?.contentHash) return null;
  const revision = (told?.revision ?? 0) + 1;
  const type = told === null ? 'raised' : raised ? 'updated' : 'withdrawn';
  const { schema, alertId, ...rest } = content;
  return { alert: { schema, alertId, revision, type, ...rest }, told: { revision, contentHash } };
};

const alertOf = (
  { trace, verdict }: Told,
  publicUrl: string,
  review: ReviewState,
): Omit<Alert, 'revision' | 'type'> => ({
  schema: ALERT_SCHEMA,
  alertId: alertIdOf(trace.tenant, trace.id),
  traceId: trace.id,
  conversationId: trace.conversationId,
  tenant: trace.tenant,
  model: trace.model,
  occurredAt: trace.occurredAt.toISOString(),
  decision: verdict.decision,
  risk: verdict.risk,
  findings: verdict.findings.map(({ category, group, stance, view, severity, score, detector, evidence }) => ({
    category,
    group,
    stance,
    view,
    severity,
    score,
    detector,
    evidence: evidence.map(({ segment, start, end, hash }) => ({ segment, start, end, hash })),
  })),
  assessment: verdict.assessment,
  ...(review === 'unreviewed' ? {} : { review }),
  url: `${publicUrl}/v1/flags/${flagIdOf(trace.tenant, trace.id)}`,
});

/** Evidence without its quotes: what says where, and nothing of what stands there. */
const placed = <T extends { readonly evidence: readonly Evidence[] }>(of: T) => ({
  ...of,
  evidence: of.evidence.map(({ segment, start, end, sourcePath, hash }) => ({ segment, start, end, sourcePath, hash })),
});

const verdictPayload = ({ trace, verdict }: NewRecord): string => {
  const { drivers, findings } = verdict;
  return JSON.stringify({
    schema: VERDICT_SCHEMA,
    tenant: trace.tenant,
    verdict: {
      ...verdict,
      ...(drivers === undefined ? {} : { drivers: { ...drivers, contributions: drivers.contributions.map(placed) } }),
      findings: findings.map(told),
    },
  });
};

/** A rule's explanation is the rule's own; a judge's may quote what it read. */
const told = (finding: Finding) => ({
  ...placed(finding),
  explanation: finding.detector.name === 'judge' ? '' : finding.explanation,
});

/** A verdict message without what callers or judges wrote; null where it is about another trace. */
export const wipePayload = (payload: string, tenant: string, traceIds: ReadonlySet<string>): string | null => {
  const message = JSON.parse(payload) as { readonly tenant: string; readonly verdict: Verdict };
  if (message.tenant !== tenant || !traceIds.has(message.verdict.traceId)) return null;
  // It never had quotes, and must not get empty ones.
  return JSON.stringify({ ...message, verdict: wipeVerdict(message.verdict) }, (key, value) =>
    key === 'quote' ? undefined : value,
  );
};
