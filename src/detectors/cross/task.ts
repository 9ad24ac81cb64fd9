import type { Place } from '../../domain/outcome.ts';
import type { SegmentKind } from '../../domain/trace.ts';

// What crosses to the worker thread and back.

export interface CompareText {
  readonly segment: number;
  readonly kind: SegmentKind;
  readonly text: string;
  /** Of the tool, where it has one. */
  readonly name?: string;
}

export interface CompareTask {
  readonly texts: readonly CompareText[];
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export interface CrossSign {
  readonly signal: string;
  readonly places: readonly Place[];
}

export interface Comparison {
  readonly signs: readonly CrossSign[];
  readonly complete: boolean;
}
