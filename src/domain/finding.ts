import type { Group, Severity, Stance, View } from './taxonomy.ts';

export const RULE_STATUSES = ['experimental', 'test', 'stable'] as const;
export type RuleStatus = (typeof RULE_STATUSES)[number];

/** The exact place a finding rests on: half-open UTF-16 offsets in the text of a segment, as it was received. */
export interface Evidence {
  readonly segment: number;
  readonly start: number;
  readonly end: number;
  /** Always `segment.text.slice(start, end)`. */
  readonly quote: string;
  readonly sourcePath: string;
  /** The segment's hash. */
  readonly hash: string;
}

export interface DetectorRef {
  readonly name: string;
  readonly rule: string | null;
  readonly version: string;
  readonly hash: string;
  /** Maturity of the rule, null for detectors that are not rules. Only `stable` rules alert on their own. */
  readonly status: RuleStatus | null;
}

export interface Finding {
  readonly id: string;
  readonly category: string;
  readonly group: Group;
  readonly stance: Stance;
  readonly view: View;
  readonly severity: Severity;
  /** Calibrated probability, 0–1, that the finding is right. */
  readonly score: number;
  readonly detector: DetectorRef;
  readonly evidence: readonly Evidence[];
  readonly explanation: string;
}
