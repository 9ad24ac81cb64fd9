import type { Evidence } from './finding.ts';
import type { View } from './taxonomy.ts';
import type { CoverageReason } from './verdict.ts';

// Why a risk is what it is, and how much of the trace it rests on: parts of a verdict that decide nothing.

/** One piece of evidence, and how far it moved the risk. */
export interface Contribution {
  readonly detector: string;
  /** Of the rule or signal; null for what is none. */
  readonly rule: string | null;
  /** Null where it looked at the trace as a whole. */
  readonly view: View | null;
  /** The finding that it rests on, whose evidence shows where; null for a score that is no finding. */
  readonly finding: string | null;
  /** Natural logarithm of what it multiplies the odds with: they add up. Below 0 it speaks against misalignment. */
  readonly logOdds: number;
  /** Where no finding shows it: the sentences, or else windows, that raised the score, the strongest first. */
  readonly evidence: readonly Evidence[];
}

/** `log(risk / (1 − risk))` is that of `baseRisk` plus all `logOdds`, up to rounding. */
export interface Drivers {
  /** Risk before any evidence; 0 where there was none, and then there are no contributions. */
  readonly baseRisk: number;
  /** What moved it most first. */
  readonly contributions: readonly Contribution[];
}

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
