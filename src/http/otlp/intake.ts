import { CodedError, type ErrorCode } from '../../domain/errors.ts';
import type { Metrics } from '../../observe/metrics.ts';
import type { Submission } from '../../pipeline.ts';
import type { Admission, Slot } from '../admission.ts';
import type { PartialSuccess } from './protocol.ts';
import type { ModelSpan, ReadSpans } from './spans.ts';

// The spans of one request through the pipeline. An exporter sends a request again as a whole, so it is only answered once
// every span is durable or refused for good; what was durable before a failure changes nothing the second time.

export interface IntakeDeps {
  readonly process: (submission: Submission, source: 'otlp') => Promise<unknown>;
  readonly admission: Admission;
  readonly metrics: Pick<Metrics, 'count'>;
}

/** Spans of one request in the pipeline at once, where there is room for them. */
const AT_ONCE = 8;

/** What became of the spans that were not refused by an outage. */
interface Tally {
  rejected: Map<ErrorCode, number>;
  empty: number;
}

const explain = (total: number, rejected: ReadonlyMap<ErrorCode, number>, withoutContent: number): string => {
  const parts: string[] = [];
  if (rejected.size > 0) {
    const codes = [...rejected].map(([code, spans]) => `${code}: ${spans}`).join(', ');
    parts.push(`Of ${total} spans some could not be read (${codes}).`);
  }
  if (withoutContent > 0) {
    parts.push(
      `${withoutContent} spans of calls to a model hold no messages and were not assessed: let the instrumentation capture content.`,
    );
  }
  return parts.join(' ');
};

const createWork = ({ process, metrics }: IntakeDeps, tenant: string, tally: Tally) => {
  const refuse = (error: CodedError): void => {
    // Parts of another kind than text: nothing to read, and nothing wrong.
    if (error.code === 'empty_trace') tally.empty++;
    else tally.rejected.set(error.code, (tally.rejected.get(error.code) ?? 0) + 1);
  };
  return async (span: ModelSpan): Promise<void> => {
    try {
      await process({ ...span, tenant }, 'otlp');
      metrics.count('cot_monitor_otlp_spans_total', { result: 'stored' });
    } catch (error) {
      if (!(error instanceof CodedError) || error.status >= 500) throw error;
      refuse(error);
    }
  };
};

/**
 * Resolves once every span is durable or refused: to null where there is nothing to tell the sender.
 * @throws CodedError `overloaded`, `store_unavailable` and the like: the request is to be sent again
 */
export const takeIn = async (deps: IntakeDeps, read: ReadSpans, tenant: string): Promise<PartialSuccess | null> => {
  const { admission, metrics } = deps;
  const tally: Tally = { rejected: new Map(), empty: 0 };
  const work = createWork(deps, tenant, tally);
  const waiting = read.spans.values();
  let failure: unknown;
  let stopped = false;
  const run = async (slot: Slot): Promise<void> => {
    try {
      for (const span of waiting) {
        try {
          await work(span);
        } catch (error) {
          failure ??= error;
          // An outage ends the request; a fault that one span met must not cost the others their verdicts.
          stopped ||= error instanceof CodedError && error.status === 503;
        }
        if (stopped) return;
      }
    } finally {
      slot.release();
    }
  };
  if (read.spans.length > 0) {
    const runs = [run(admission.acquire('async'))];
    while (runs.length < Math.min(AT_ONCE, read.spans.length)) {
      const slot = admission.tryAcquire('async');
      if (slot === undefined) break;
      runs.push(run(slot));
    }
    await Promise.all(runs);
  }
  if (failure !== undefined) throw failure;

  const rejectedSpans = [...tally.rejected.values()].reduce((sum, spans) => sum + spans, 0);
  const withoutContent = read.withoutContent + tally.empty;
  metrics.count('cot_monitor_otlp_spans_total', { result: 'rejected' }, rejectedSpans);
  metrics.count('cot_monitor_otlp_spans_total', { result: 'without_content' }, withoutContent);
  metrics.count('cot_monitor_otlp_spans_total', { result: 'other' }, read.others);
  const errorMessage = explain(read.spans.length, tally.rejected, withoutContent);
  return errorMessage === '' ? null : { rejectedSpans, errorMessage };
};
