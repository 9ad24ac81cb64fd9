import { ALERT_SCHEMA, type Alert } from '../domain/alert.ts';
import { alertIdOf, flagIdOf } from '../domain/ids.ts';
import type { NewRecord } from './contract.ts';

// What goes out with a verdict. Neither message holds a quote: text is read over REST, by those who may read the trace.

export const VERDICT_SCHEMA = 'cot-monitor.verdict.v1';

export interface NewMessage {
  readonly kind: 'alert' | 'verdict';
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
}

export const messagesOf = (record: NewRecord, options: MessageOptions): readonly NewMessage[] => {
  const key = record.trace.conversationId;
  const messages: NewMessage[] = [];
  if (record.verdict.decision === 'alert') {
    messages.push({ kind: 'alert', key, payload: JSON.stringify(alertOf(record, options.publicUrl ?? '')) });
  }
  if (options.publishVerdicts) messages.push({ kind: 'verdict', key, payload: verdictPayload(record) });
  return messages;
};

const alertOf = ({ trace, verdict }: NewRecord, publicUrl: string): Alert => ({
  schema: ALERT_SCHEMA,
  alertId: alertIdOf(trace.tenant, trace.id),
  revision: 1,
  type: 'raised',
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
  url: `${publicUrl}/v1/flags/${flagIdOf(trace.tenant, trace.id)}`,
});

const verdictPayload = ({ trace, verdict }: NewRecord): string =>
  JSON.stringify({
    schema: VERDICT_SCHEMA,
    tenant: trace.tenant,
    verdict: {
      ...verdict,
      findings: verdict.findings.map((finding) => ({
        ...finding,
        evidence: finding.evidence.map(({ segment, start, end, sourcePath, hash }) => ({
          segment,
          start,
          end,
          sourcePath,
          hash,
        })),
      })),
    },
  });
