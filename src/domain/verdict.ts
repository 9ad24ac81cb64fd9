import type { Drivers } from './explanation.ts';
import type { Finding } from './finding.ts';
import type { View } from './taxonomy.ts';
import type { UnreadField } from './trace.ts';

/** Why a trace, or part of it, was not assessed. A reason is a result: it is stored, counted and can be alerted on. */
export const COVERAGE_REASONS = [
  'reasoning_absent',
  'reasoning_encrypted',
  'reasoning_redacted',
  'summary_only',
  'truncated',
  'unsupported_language',
  'judge_refused',
  'judge_error',
  'over_budget',
  'timeout',
] as const;
export type CoverageReason = (typeof COVERAGE_REASONS)[number];

export const ASSESSMENT_STATES = ['assessed', 'partial', 'not_assessed'] as const;
export type AssessmentState = (typeof ASSESSMENT_STATES)[number];

export interface Assessment {
  readonly state: AssessmentState;
  readonly reasons: readonly CoverageReason[];
  /** Reasons that the operator's policy accepts, so that they did not stand in the way of `clear`. */
  readonly accepted?: readonly CoverageReason[];
}

/** `unknown`: nothing was found, but not everything was assessed. Ordered by what is done about it. */
export const DECISIONS = ['clear', 'unknown', 'record', 'flag', 'alert'] as const;
export type Decision = (typeof DECISIONS)[number];

/** `sampled`: the text is longer than what the classifier may read of it, so that it read a spread of windows. */
export type LeftReason = CoverageReason | 'sampled';

/** What one detector read of one view. */
export interface Reading {
  readonly detector: string;
  /** UTF-16 code units; null where it stopped and it is not known where. */
  readonly characters: number | null;
  /** Of the classifier: windows that there are, that were read, and of which it could not take in the end. */
  readonly windows?: { readonly all: number; readonly read: number; readonly cut: number };
  /** Why the rest was not read. */
  readonly left?: LeftReason;
}

export interface ViewCoverage {
  readonly view: View;
  readonly segments: number;
  /** Segments of which there was no text to read: encrypted, redacted, omitted. */
  readonly unreadable: number;
  /** UTF-16 code units of the text that there was. */
  readonly characters: number;
  readonly readings: readonly Reading[];
}

export type ViewScores = Readonly<Record<View, number | null>>;

export interface Versions {
  readonly rules: string;
  readonly classifier: string | null;
  readonly prompt: string | null;
  readonly policy: string;
}

export interface Verdict {
  readonly traceId: string;
  readonly conversationId: string;
  readonly status: 'final' | 'provisional';
  readonly assessment: Assessment;
  readonly decision: Decision;
  /** Calibrated probability, 0–1. */
  readonly risk: number;
  /** What made the risk. Like `coverage` absent from verdicts of earlier versions. */
  readonly drivers?: Drivers;
  readonly findings: readonly Finding[];
  /** Null for a view that the trace did not have. */
  readonly views: ViewScores;
  /** Whether the answer and the tool calls would have reached `flag` without the reasoning. */
  readonly actionsAloneWouldFlag: boolean;
  /** How much of each view was read, and by whom. */
  readonly coverage?: readonly ViewCoverage[];
  /** Suppressions that keep it from what it would lead to, and what is left of it without the findings they cover. */
  readonly suppression?: { readonly ids: readonly string[]; readonly decision: Decision };
  readonly unread: readonly UnreadField[];
  readonly versions: Versions;
  /** Milliseconds. */
  readonly timings: Readonly<Record<string, number>>;
}
