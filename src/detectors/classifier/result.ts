import type { Place } from '../../domain/outcome.ts';
import type { View } from '../../domain/taxonomy.ts';
import type { CoverageReason } from '../../domain/verdict.ts';
import type { Bag } from '../contract.ts';

export interface ScoredWindow extends Place {
  /** A logit: comparable with the scores of the same view only. */
  readonly score: number;
}

export interface WindowCoverage {
  /** Windows the text has. */
  readonly windows: number;
  /** Windows chosen to be read: fewer than there are where the text is longer than the budget. */
  readonly chosen: number;
  /** Windows read: fewer than chosen where time ran out. */
  readonly scored: number;
  /** Windows among those whose end the encoder could not take in (dense symbols make many tokens). */
  readonly cut: number;
}

export interface ViewScore {
  /** In the order of the text. */
  readonly windows: readonly ScoredWindow[];
  /** The windows that drove the score, at most three, the highest first. */
  readonly drivers: readonly ScoredWindow[];
  /** Log-mean-exp over the windows, each weighing as many as it stands for. */
  readonly pooled: number;
  /** Calibrated, 0–1. */
  readonly probability: number;
  readonly coverage: WindowCoverage;
  /** What the windows were scored from, where the task asked for it. */
  readonly bag?: Bag;
}

export interface EncoderScores {
  /** Views of which at least one window was read. */
  readonly views: Readonly<Partial<Record<View, ViewScore>>>;
  /** Views with text of which nothing was read, and why. */
  readonly unjudged: Readonly<Partial<Record<View, CoverageReason>>>;
  /** Over all views. */
  readonly coverage: WindowCoverage;
  /** Whether time ran out before every chosen window was read. */
  readonly timedOut: boolean;
}
