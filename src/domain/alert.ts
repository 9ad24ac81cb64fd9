import type { Evidence, Finding } from './finding.ts';
import type { ReviewState } from './review.ts';
import type { Model } from './trace.ts';
import type { Assessment, Decision } from './verdict.ts';

export const ALERT_SCHEMA = 'cot-monitor.alert.v1';

/** Alerts carry places and hashes. What stands there is read over REST, by those who may read the trace. */
export type AlertEvidence = Pick<Evidence, 'segment' | 'start' | 'end' | 'hash'>;

export type AlertFinding = Pick<
  Finding,
  'category' | 'group' | 'stance' | 'view' | 'severity' | 'score' | 'detector'
> & { readonly evidence: readonly AlertEvidence[] };

/** One message on the alerts topic. `alertId` is stable over redelivery and revisions: consumers dedupe on it. */
export interface Alert {
  readonly schema: typeof ALERT_SCHEMA;
  readonly alertId: string;
  readonly revision: number;
  readonly type: 'raised' | 'updated' | 'withdrawn';
  readonly traceId: string;
  readonly conversationId: string;
  readonly tenant: string;
  readonly model: Model;
  readonly occurredAt: string;
  readonly decision: Decision;
  readonly risk: number;
  readonly findings: readonly AlertFinding[];
  readonly assessment: Assessment;
  /** What reviewers made of it; absent while nobody has looked. */
  readonly review?: ReviewState;
  /** Where to read the flag, relative to the service's public address. */
  readonly url: string;
}
