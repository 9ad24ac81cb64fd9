import type { AuditKind } from '../../domain/audit.ts';
import type { ReviewOutcome, ReviewState } from '../../domain/review.ts';
import type { Suppression, SuppressionKind } from '../../domain/suppression.ts';
import type { AssessmentState, Decision, Versions } from '../../domain/verdict.ts';
import type { ReviewedCount, ShadowCount, VerdictCount } from '../../report/deception.ts';
import type { Page, StoredTrace } from '../contract.ts';

// What auditors may ask of the store beside reading flags: to judge, to share out work, to silence, and to measure.

export interface NewReview {
  readonly outcome: ReviewOutcome;
  readonly note: string | null;
  readonly reviewer: string;
}

export interface Review extends NewReview {
  readonly id: string;
  readonly flagId: string;
  /** From 1, in the order of writing. */
  readonly position: number;
  readonly at: Date;
}

export interface Reviewed {
  readonly review: Review;
  /** What the flag's state is now. */
  readonly state: ReviewState;
}

export interface Period {
  /** Inclusive. */
  readonly from?: Date | undefined;
  /** Exclusive. */
  readonly to?: Date | undefined;
}

/** How often one reviewer said the first and another the second of the same flag, each by their latest review. */
export interface OutcomePair {
  readonly reviewers: readonly [string, string];
  readonly outcomes: readonly [ReviewOutcome, ReviewOutcome];
  readonly count: number;
}

export type PrecisionDimension = 'flag' | 'category' | 'detector' | 'rule' | 'model';

/** Flags by what was made of them; those of one category, detector, rule or model version. */
export interface ReviewCount {
  readonly dimension: PrecisionDimension;
  readonly value: string;
  readonly states: Readonly<Record<ReviewState, number>>;
}

/** A flag that reviewers agree on, with its trace. */
export interface LabelledTrace {
  readonly flagId: string;
  readonly label: 0 | 1;
  /** Of its findings, the surest first. */
  readonly categories: readonly string[];
  readonly reviewers: number;
  readonly trace: StoredTrace;
}

export interface Reviews {
  /** Null where there is no such flag. Audited; the reviewer's own assignment ends with it. */
  add(tenant: string, flagId: string, review: NewReview): Promise<Reviewed | null>;
  /** In the order of writing; null where there is no such flag. */
  list(tenant: string, flagId: string): Promise<readonly Review[] | null>;
  /** Null where there is no such flag; `taken` where somebody else has it in hand. */
  assign(tenant: string, flagId: string, assignee: string, until: Date): Promise<'assigned' | 'taken' | null>;
  /** Whether there is such a flag. Only the assignee's own assignment ends. */
  release(tenant: string, flagId: string, assignee: string): Promise<boolean>;
  outcomePairs(tenant: string, period: Period): Promise<readonly OutcomePair[]>;
  counts(tenant: string, period: Period): Promise<readonly ReviewCount[]>;
  /** Flags that are confirmed or false by all who decided, oldest first, from after `cursor`. */
  labelled(
    tenant: string,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<{ readonly items: readonly LabelledTrace[]; readonly next: string | null }>;
}

export interface NewSuppression {
  readonly kind: SuppressionKind;
  readonly value: string;
  readonly reason: string;
  readonly owner: string;
  readonly expiresAt: Date;
}

export interface StoredSuppression extends Suppression, NewSuppression {
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly endedBy: string | null;
  readonly endedAt: Date | null;
  /** Flags that it kept from alerting. */
  readonly suppressed: number;
}

export interface SuppressionChange {
  readonly reason?: string | undefined;
  readonly owner?: string | undefined;
  readonly expiresAt?: Date | undefined;
}

export interface Suppressions {
  add(tenant: string, suppression: NewSuppression, by: string): Promise<StoredSuppression>;
  /** Newest first. */
  list(tenant: string, filter: { readonly active?: boolean | undefined }): Promise<readonly StoredSuppression[]>;
  find(tenant: string, id: string): Promise<StoredSuppression | null>;
  /** Null where there is none, `ended` where it is over already: what is over is history and stays as it was. */
  change(
    tenant: string,
    id: string,
    change: SuppressionChange,
    by: string,
  ): Promise<StoredSuppression | 'ended' | null>;
  /** Null where there is none. Ending it twice changes nothing. */
  end(tenant: string, id: string, by: string): Promise<StoredSuppression | null>;
}

/** Which verdicts a report is of, by the time of occurrence. */
export interface ReportScope extends Period {
  readonly model?: string | undefined;
  readonly modelVersion?: string | undefined;
}

/** Verdicts of one day, UTC, that are alike in everything a report asks. */
export interface DayCount extends VerdictCount {
  /** `2026-11-24`. */
  readonly day: string;
  readonly model: string | null;
  readonly modelVersion: string | null;
}

/** A run of traces of one size, in the order of occurrence, and how many of each class or flag are among them. */
export interface BlockCount {
  readonly total: number;
  readonly classed: readonly {
    readonly flagged: boolean;
    readonly categories: readonly string[];
    readonly count: number;
  }[];
}

export interface Reports {
  /** One row for all that is alike: few, however many verdicts there are. */
  verdicts(tenant: string, scope: ReportScope): Promise<readonly DayCount[]>;
  /** What reviewers made of the flags in scope. */
  reviewed(tenant: string, scope: ReportScope): Promise<readonly ReviewedCount[]>;
  shadow(tenant: string, scope: ReportScope): Promise<ShadowCount>;
  /** Whole blocks of `size` assessed traces; the last, unfinished one is left out. */
  blocks(tenant: string, scope: ReportScope, size: number): Promise<readonly BlockCount[]>;
}

/** Which entries of the audit log; all that are named must hold. */
export interface TrailQuery extends Period {
  /** Who did it. Verdicts have no actor. */
  readonly actor?: string | undefined;
  readonly action?: readonly AuditKind[] | undefined;
  /** What was done to it, to its traces and to their flags. */
  readonly conversationId?: string | undefined;
  readonly subject?: string | undefined;
  readonly limit: number;
  /** Opaque: `next` or `previous` of an earlier page. */
  readonly cursor?: string | undefined;
}

/** One entry of a chain, as it stands there: reading it does not verify it. */
export interface AuditedEntry {
  readonly seq: number;
  readonly at: Date;
  readonly action: AuditKind;
  /** Id of a trace, conversation, flag, key …, or `*`. */
  readonly subject: string;
  readonly actor: string | null;
  /** What the body says; null where it is no longer what was written. */
  readonly details: Readonly<Record<string, unknown>> | null;
  /** The text that the hash covers. */
  readonly body: string;
  readonly prevHash: string;
  readonly hash: string;
}

/** One verdict that a trace had, as the chain has it. The last one is the one that stands. */
export interface PastVerdict {
  readonly seq: number;
  readonly at: Date;
  readonly status: 'provisional' | 'final';
  readonly decision: Decision;
  readonly risk: number;
  /** Null in entries of before this was noted. */
  readonly assessment: AssessmentState | null;
  readonly versions: Versions;
  /** SHA-256 of the verdict as it was stored. */
  readonly verdictHash: string;
}

export interface AuditTrail {
  /** Latest first. Rejects with `invalid_cursor`. */
  entries(tenant: string, query: TrailQuery): Promise<Page<AuditedEntry>>;
  /** The verdicts that traces had, oldest first, by trace id; those without an entry are left out. */
  verdicts(tenant: string, traceIds: readonly string[]): Promise<ReadonlyMap<string, readonly PastVerdict[]>>;
}

/** What a store has for auditors beside `Store`. */
export interface Auditing {
  readonly reviews: Reviews;
  readonly suppressions: Suppressions;
  readonly reports: Reports;
  readonly trail: AuditTrail;
}
