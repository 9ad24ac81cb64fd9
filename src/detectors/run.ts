import type { DetectorResult, Outcome } from '../domain/outcome.ts';
import type { Trace } from '../domain/trace.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Detector, DetectorContext } from './contract.ts';

// Runs the detectors of the cheap tiers side by side, each under the trace's deadline. A detector that fails is
// `unjudged`: it never takes the trace down with it, and it never counts as clear.

export interface DetectionDeps {
  readonly detectors: readonly Detector[];
  readonly deadlineMs: number;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export type Detect = (trace: Trace) => Promise<readonly DetectorResult[]>;

/** Time beyond the deadline that a detector gets to hand over what it has. */
const GRACE_MS = 250;

export const createDetection = ({ detectors, deadlineMs, metrics, log }: DetectionDeps): Detect => {
  const run = async (detector: Detector, trace: Trace, context: DetectorContext): Promise<DetectorResult> => {
    const started = performance.now();
    const outcome = await settle(detector, trace, context);
    const milliseconds = performance.now() - started;
    metrics.observe('cot_monitor_detector_duration_seconds', milliseconds / 1000, { detector: detector.name });
    metrics.count('cot_monitor_detector_outcomes_total', { detector: detector.name, outcome: outcome.kind });
    return { detector: detector.name, outcome, milliseconds };
  };

  const settle = async (detector: Detector, trace: Trace, context: DetectorContext): Promise<Outcome> => {
    const late = Promise.withResolvers<Outcome>();
    const timer = setTimeout(() => late.resolve({ kind: 'unjudged', reason: 'timeout' }), deadlineMs + GRACE_MS);
    try {
      return await Promise.race([detector.detect(trace, context), late.promise]);
    } catch (error) {
      log.error({ detector: detector.name, traceId: trace.id, error }, 'A detector failed');
      return { kind: 'unjudged', reason: 'timeout' };
    } finally {
      clearTimeout(timer);
    }
  };

  return (trace) => {
    // The machine's time, not the injected clock's: worker threads hold themselves to it too.
    const context: DetectorContext = { signal: AbortSignal.timeout(deadlineMs), deadline: Date.now() + deadlineMs };
    return Promise.all(detectors.map((detector) => run(detector, trace, context)));
  };
};
