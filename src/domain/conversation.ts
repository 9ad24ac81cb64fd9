import type { Decision, Verdict } from './verdict.ts';

// Risk over the turns of a conversation. It is made of sums, so that turns count the same in whatever order they come, and
// of integers, so that sums of them are the same too.

/** A turn that weighs something: where to look. */
export interface WeighedTurn {
  readonly traceId: string;
  readonly turn: number | null;
  /** Of the turn's own verdict. */
  readonly risk: number;
  /** Thousandths of a nat above what is ordinary. */
  readonly weight: number;
}

export interface ConversationSums {
  /** Turns that were read at all. */
  readonly turns: number;
  /** Turns that nobody could read: they say nothing, and thin out nothing. */
  readonly unassessed: number;
  /** Of all turns that were read, in thousandths of a nat. */
  readonly weight: number;
}

export interface ConversationRisk extends ConversationSums {
  readonly conversationId: string;
  readonly decision: Decision;
  /** What the thresholds of the policy are compared with; 0 for an ordinary conversation. */
  readonly score: number;
  /** The turns that weigh most, the heaviest first. */
  readonly evidence: readonly WeighedTurn[];
  /** When its latest turn was received or judged. */
  readonly updatedAt: Date;
}

/** How the policy weighs turns, and what they lead to together. */
export interface ConversationRule {
  /** Null where nobody could read the turn. */
  weigh(verdict: Verdict): number | null;
  score(sums: ConversationSums): number;
  decide(sums: ConversationSums): Decision;
}

export const CONVERSATION_ALERT_SCHEMA = 'cot-monitor.conversation-alert.v1';

/** A message on the alerts topic, beside those about single traces. It names turns and holds no words of them. */
export interface ConversationAlert {
  readonly schema: typeof CONVERSATION_ALERT_SCHEMA;
  /** Stable over revisions: dedupe on it. */
  readonly alertId: string;
  readonly revision: number;
  readonly type: 'raised' | 'updated' | 'withdrawn';
  readonly conversationId: string;
  readonly tenant: string;
  readonly decision: Decision;
  readonly score: number;
  readonly turns: number;
  readonly evidence: readonly WeighedTurn[];
  readonly url: string;
}
