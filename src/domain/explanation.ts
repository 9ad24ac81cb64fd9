import type { Evidence } from './finding.ts';
import type { View } from './taxonomy.ts';

// Why a risk is what it is: a part of the verdict that decides nothing.

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
