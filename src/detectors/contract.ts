import type { Outcome, Place } from '../domain/outcome.ts';
import type { View } from '../domain/taxonomy.ts';
import type { Trace } from '../domain/trace.ts';

export interface DetectorContext {
  /** Aborts when the trace's deadline passes; a detector then answers what it has, marked incomplete, or `unjudged`. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch by which the detector should have answered. */
  readonly deadline: number;
}

/** The windows read of a trace's reasoning, as a head sees them. */
export interface Bag {
  /** One after another, all of the same length. */
  readonly vectors: Float32Array;
  /** How many windows of the text each stands for. */
  readonly weights: readonly number[];
}

export interface Example {
  readonly bag: Bag;
  readonly positive: boolean;
  readonly source: string;
}

/** A pooled score, a logit: comparable within one head only. */
export type ScoreBag = (bag: Bag) => number;

/** What evaluation needs to train the classifier's head anew without what it is measured on. */
export interface HeadTraining {
  /** Equal version, equal bags. */
  readonly version: string;
  /** Undefined where the trace has no reasoning that the encoder reads. */
  embed(trace: Trace): Promise<Bag | undefined>;
  /** The head in force. */
  readonly shipped: ScoreBag;
  /** @param seeds heads that are averaged into one */
  fit(examples: readonly Example[], seeds: number): ScoreBag;
}

/** One way of looking at a trace. It scores; it never decides. */
export interface Detector {
  readonly name: string;
  /** Changes whenever the same trace could get another outcome. */
  readonly version: string;
  readonly hash: string;
  detect(trace: Trace, context: DetectorContext): Promise<Outcome>;
  /**
   * Narrows places that drove a view's score down to sentences, where that costs too much to be done for every trace.
   * @param deadline milliseconds since the epoch; what is not done by then stays as it is
   */
  locate?(trace: Trace, view: View, places: readonly Place[], deadline: number): Promise<readonly Place[]>;
  close(): Promise<void>;
}
