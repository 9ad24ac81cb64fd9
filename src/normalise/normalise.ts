import { CodedError } from '../domain/errors.ts';
import { deriveId, sha256 } from '../domain/ids.ts';
import type { Origin, Segment, Trace } from '../domain/trace.ts';
import { applyPlace } from './caller-fields.ts';
import { addUnreadable, type Draft, type DraftSegment } from './draft.ts';
import { chooseFormat } from './formats.ts';
import { contentHashOf } from './identity.ts';
import { requireShallow } from './json.ts';
import { openPosted } from './posted.ts';
import { markOpen, openRecorded } from './stream/recorded.ts';
import { findUnread, MAX_UNREAD } from './unread.ts';

// Payload in, Trace out, whatever format it came in. Pure: the same payload gives the same trace, redelivered or not, but
// for the time that stands in for one the payload does not tell. Every text the format knows becomes a segment; what
// nobody can read becomes a segment that says so; long text that nothing read is reported.

export interface Submitted {
  /** Parsed JSON, untrusted. */
  readonly payload: unknown;
  readonly tenant: string;
  /** Format id, or undefined to have it detected. */
  readonly format?: string | undefined;
  /** `event-stream`: the payload is the text of a provider's event stream; `assembled`: what a StreamReader made of one. */
  readonly media?: 'event-stream' | 'assembled' | undefined;
}

/**
 * Makes a trace of what was posted. Throws CodedError: `invalid_body`, `empty_trace`, `too_deep`, `unknown_format`,
 * `format_mismatch`, `undetected_format`.
 */
export const normalise = (submitted: Submitted, receivedAt: Date): Trace => {
  const { tenant, format: declared } = submitted;
  const { payload, open, unread } = openRecorded(submitted.payload, submitted.media);
  requireShallow(payload);
  const { posted, place } = openPosted(payload);
  const format = chooseFormat(posted.body, declared);
  const draft = format.read(posted);
  if (place !== null) applyPlace(draft, place);
  noteBilledReasoning(draft);
  markOpen(draft, open);
  if (draft.segments.length === 0) {
    throw new CodedError('empty_trace', `The payload, read as ${format.id}, holds no text and no sign of reasoning.`);
  }
  const segments = draft.segments.map(segmentOf);
  const contentHash = contentHashOf(draft, segments);
  const id = draft.id ?? deriveId('trace', tenant, sourceIdOf(draft), contentHash);
  return {
    id,
    idSource: draft.id === null ? 'derived' : 'caller',
    tenant,
    conversationId: draft.conversationId ?? id,
    turn: draft.turn,
    model: draft.model,
    format: format.id,
    occurredAt: draft.occurredAt ?? receivedAt,
    segments,
    usage: draft.usage,
    labels: draft.labels,
    unread: [...findUnread(payload as object, draft, format.notText), ...unread].slice(0, MAX_UNREAD),
    contentHash,
    origin: originOf(draft),
  };
};

/** A conversation that is named, by the provider or the caller, needs no chain. */
const originOf = ({ responseId, previousId, conversationId, span }: Draft): Origin => ({
  ...(responseId === null ? {} : { responseId }),
  ...(previousId === null || previousId !== conversationId ? {} : { previousResponseId: previousId }),
  ...span,
});

/** A span is told from the next by its own ids: two spans may show the same response. */
const sourceIdOf = ({ span, responseId }: Draft): string =>
  span === null ? (responseId ?? '') : `${span.traceId}/${span.spanId}`;

const segmentOf = ({ kind, name, text, sourcePath, coverage }: DraftSegment, index: number): Segment => ({
  index,
  kind,
  ...(name === null ? {} : { name }),
  text,
  sourcePath,
  coverage,
  hash: sha256(text),
});

/** Reasoning that was paid for and not shown was omitted; history's reasoning does not make up for it. */
const noteBilledReasoning = (draft: Draft): void => {
  if (!((draft.usage.reasoningTokens ?? 0) > 0) || draft.reasoningTokensAt === null) return;
  for (let i = draft.responseFrom; i < draft.segments.length; i++) {
    const { kind } = draft.segments[i]!;
    if (kind === 'reasoning' || kind === 'reasoning_summary') return;
  }
  addUnreadable(draft, 'omitted', draft.reasoningTokensAt);
};
