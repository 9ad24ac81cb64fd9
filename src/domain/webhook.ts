import type { Alert } from './alert.ts';
import type { Severity } from './taxonomy.ts';
import type { Model } from './trace.ts';

/** One alert in a webhook message. More of it is read at `url`. */
export type GroupedAlert = Pick<
  Alert,
  'alertId' | 'revision' | 'type' | 'traceId' | 'decision' | 'risk' | 'occurredAt' | 'url'
> & {
  /** Of its strongest finding; null where it has none any more. */
  readonly severity: Severity | null;
  readonly categories: readonly string[];
};

/** Alerts of one rule, model and conversation, told of together. No text of a trace. */
export interface AlertGroup {
  readonly tenant: string;
  /** Of the strongest finding; the detector's name where it is no rule, null where there is no finding. */
  readonly rule: string | null;
  readonly model: Model;
  readonly conversationId: string;
  /** `raised` if any of them was. */
  readonly type: Alert['type'];
  /** The highest. */
  readonly severity: Severity | null;
  /** All of them, also those that `alerts` does not name. */
  readonly count: number;
  /** When the first and the last of them occurred. */
  readonly from: string;
  readonly to: string;
  /** The newest, by id. */
  readonly alerts: readonly GroupedAlert[];
}
