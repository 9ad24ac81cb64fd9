import type { Outcome } from '../domain/outcome.ts';
import type { Trace } from '../domain/trace.ts';

export interface DetectorContext {
  /** Aborts when the trace's deadline passes; a detector then answers what it has, marked incomplete, or `unjudged`. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch by which the detector should have answered. */
  readonly deadline: number;
}

/** One way of looking at a trace. It scores; it never decides. */
export interface Detector {
  readonly name: string;
  /** Changes whenever the same trace could get another outcome. */
  readonly version: string;
  readonly hash: string;
  detect(trace: Trace, context: DetectorContext): Promise<Outcome>;
  close(): Promise<void>;
}
