import type { View } from './taxonomy.ts';

// One exchange with a model, as the monitor sees it: an ordered list of typed segments, whatever format it came in.

export const SEGMENT_KINDS = [
  'system',
  'user',
  'reasoning',
  'reasoning_summary',
  'answer',
  'tool_call',
  'tool_result',
] as const;
export type SegmentKind = (typeof SEGMENT_KINDS)[number];

/**
 * How much of a segment there was to read. Only `full` and `truncated` text is ever scanned: `redacted`, `encrypted` and
 * `omitted` segments record that something was there which nobody could read.
 */
export const SEGMENT_COVERAGES = ['full', 'truncated', 'redacted', 'encrypted', 'omitted'] as const;
export type SegmentCoverage = (typeof SEGMENT_COVERAGES)[number];

export interface Segment {
  readonly index: number;
  readonly kind: SegmentKind;
  /** Tool name for `tool_call` and `tool_result`. */
  readonly name?: string;
  /** As received. Offsets of evidence count its UTF-16 code units. Empty where coverage is not `full` or `truncated`. */
  readonly text: string;
  /** JSON pointer (RFC 6901) into what was posted. */
  readonly sourcePath: string;
  readonly coverage: SegmentCoverage;
  /** Lower-case hex SHA-256 of the text's UTF-8 bytes. */
  readonly hash: string;
}

export interface Model {
  readonly provider: string | null;
  readonly name: string | null;
  readonly version: string | null;
}

export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly reasoningTokens?: number;
}

/** Text that looked like reasoning under a key the format does not know: reported, so that a rename is noticed. */
export interface UnreadField {
  readonly path: string;
  readonly bytes: number;
}

/** What the trace is called where it came from: for answers to that place, and to join the turns of a conversation. */
export interface Origin {
  readonly responseId?: string;
  /** The response that this one goes on from, where the provider names that and no conversation. */
  readonly previousResponseId?: string;
  /** Of the OpenTelemetry span that the trace was. */
  readonly traceId?: string;
  readonly spanId?: string;
}

export interface Trace {
  readonly id: string;
  /** Whether `id` is the caller's own (a clash of content is then a 409) or derived from the content. */
  readonly idSource: 'caller' | 'derived';
  readonly tenant: string;
  readonly conversationId: string;
  readonly turn: number | null;
  readonly model: Model;
  readonly format: string;
  readonly occurredAt: Date;
  readonly segments: readonly Segment[];
  readonly usage: Usage;
  readonly labels: Readonly<Record<string, string>>;
  readonly unread: readonly UnreadField[];
  /** Lower-case hex SHA-256 over everything the caller sent that the monitor keeps. Equal hash, equal content. */
  readonly contentHash: string;
  readonly origin?: Origin;
}

export const isReadable = (segment: Segment): boolean =>
  segment.coverage === 'full' || segment.coverage === 'truncated';

/** The view that a segment's text is read under; undefined for what others said, which is no evidence about the model. */
export const viewOf = (kind: SegmentKind): View | undefined => {
  switch (kind) {
    case 'reasoning':
    case 'reasoning_summary':
    case 'answer':
      return kind;
    case 'tool_call':
      return 'action';
    case 'system':
    case 'user':
    case 'tool_result':
      return undefined;
  }
};
