import type { Clock } from './domain/clock.ts';
import type { JudgeOrder, JudgeWish } from './domain/judging.ts';
import type { DetectorResult } from './domain/outcome.ts';
import type { SegmentKind, Trace } from './domain/trace.ts';
import type { Verdict } from './domain/verdict.ts';

// The story, one trace long: normalise → detect → decide → record → publish. REST, Kafka and the command line all call
// this. Publishing is not a step here: `record` writes the alert to the outbox in the verdict's own transaction, and the
// relay takes it from there.

export interface Submission {
  /**
   * What was posted: parsed JSON, untrusted. Where `media` says so, the text of an event stream, or what a live reader
   * made of one (`Live.events`).
   */
  readonly payload: unknown;
  readonly media?: 'event-stream' | 'assembled' | undefined;
  /** Set by who received it (key, topic configuration), never by the payload. */
  readonly tenant: string;
  /** Wire format, or undefined to have it detected. */
  readonly format?: string | undefined;
  /** Unset: `auto`. */
  readonly judge?: JudgeWish | undefined;
}

/** What one run of the pipeline makes of a trace. */
export interface Assessed {
  readonly trace: Trace;
  readonly verdict: Verdict;
  readonly receivedAt: Date;
  /** What the verdict was made from, where it was made just now. */
  readonly results?: readonly DetectorResult[];
  /** Judge work to be queued with it; the verdict is provisional then. */
  readonly judging?: JudgeOrder | undefined;
}

/** Whether the judge is to look at a trace; null where not. */
export type Route = (trace: Trace, verdict: Verdict) => JudgeOrder | null;

/** The conversation that a response was filed in; its own id where nothing is known of it. */
export type ConversationOf = (tenant: string, responseId: string) => Promise<string>;

export interface Stages {
  normalise(submission: Submission, receivedAt: Date): Trace;
  detect(trace: Trace): Promise<readonly DetectorResult[]>;
  decide(trace: Trace, results: readonly DetectorResult[]): Verdict;
  /** Shows more exactly what a verdict rests on; decides nothing. */
  locate?(trace: Trace, verdict: Verdict): Promise<Verdict>;
}

export type Source = 'http' | 'kafka' | 'otlp' | 'canary';

/** Resolves once the verdict is durable; to the verdict that stands (an earlier one, if the trace was known). */
export type Record = (assessed: Assessed, source: Source) => Promise<Verdict>;

/** The part of the story that leaves nothing behind. */
export interface Assessor {
  /** Nothing is stored: what `scan` uses. */
  assess(submission: Submission): Promise<Assessed>;
  /** The same for a trace that was normalised before: what `replay` uses. */
  reassess(trace: Trace): Promise<Verdict>;
}

export interface Pipeline extends Assessor {
  /** Durable before it resolves. Rejects with a CodedError for what cannot be read or conflicts. */
  process(submission: Submission, source: Source): Promise<Verdict>;
}

export const createAssessor = (stages: Stages, clock: Clock): Assessor => {
  return {
    reassess: async (trace) => stages.decide(trace, await stages.detect(trace)),
    assess: async (submission) => {
      const receivedAt = clock();
      const trace = stages.normalise(submission, receivedAt);
      const results = await stages.detect(trace);
      const verdict = stages.decide(trace, results);
      return { trace, verdict: (await stages.locate?.(trace, verdict)) ?? verdict, receivedAt, results };
    },
  };
};

/** Somebody waits for the answer: before everything that nobody waits for. */
const WAITED_FOR = 2;

const routed = (assessed: Assessed, wish: JudgeWish, route: Route): Assessed => {
  const order = wish === 'never' ? null : route(assessed.trace, assessed.verdict);
  if (order === null) return assessed;
  const judging = wish === 'wait' ? { ...order, priority: order.priority + WAITED_FOR } : order;
  return { ...assessed, verdict: { ...assessed.verdict, status: 'provisional' }, judging };
};

/** The turns of a chain of responses stand in one conversation: the one that the response before was filed in. */
const joined = async (assessed: Assessed, conversationOf: ConversationOf): Promise<Assessed> => {
  const { trace, verdict } = assessed;
  const previous = trace.origin?.previousResponseId;
  if (previous === undefined) return assessed;
  const conversationId = await conversationOf(trace.tenant, previous);
  return { ...assessed, trace: { ...trace, conversationId }, verdict: { ...verdict, conversationId } };
};

export interface PipelineOptions {
  /** Who goes to the judge. Unset: nobody does, and every verdict is final. */
  readonly route?: Route | undefined;
  readonly conversationOf: ConversationOf;
}

export const createPipeline = (
  assessor: Assessor,
  record: Record,
  { route = () => null, conversationOf }: PipelineOptions,
): Pipeline => ({
  ...assessor,
  process: async (submission, source) => {
    const assessed = await joined(await assessor.assess(submission), conversationOf);
    return record(routed(assessed, submission.judge ?? 'auto', route), source);
  },
});

/** What was found in a trace that is still being written. Not durable, and not the last word. */
export type Preview = Pick<Verdict, 'decision' | 'risk' | 'findings' | 'views'>;

/** One trace that is being written. */
export interface LiveTrace {
  /** Takes the next piece of a text; resolves when there is room for more. */
  take(key: string, kind: SegmentKind, text: string): Promise<void>;
  /** Forgets it. */
  close(): void;
}

/** Puts the events of a provider's stream together while they come. */
export interface LiveEvents {
  /** Throws CodedError for what cannot be read. */
  feed(text: string): void;
  /** What to submit of all that came. Throws `undetected_format` where nothing did that is known. */
  finish(): Pick<Submission, 'payload' | 'media'>;
}

/** Looks at traces while they are being written. */
export interface Live {
  /** @param onChange told when what was found has changed; null once nothing more will be looked at before the end */
  open(tenant: string, onChange: (preview: Preview | null) => void): LiveTrace;
  /** @param onText told of text as it comes; `maxEvent` bounds an unfinished event, in UTF-16 units */
  events(onText: (key: string, kind: SegmentKind, text: string) => void, maxEvent: number): LiveEvents;
}
