import type { Draft } from './draft.ts';
import { asObject, type Json } from './json.ts';
import { mendName } from './names.ts';
import { instantOf } from './provider-fields.ts';

// A span as tracers keep it: its attributes, bare or under `attributes`, and who it is.

export const attributesOf = (body: unknown, path: string): { attributes: Json; at: string } => {
  const object = asObject(body) ?? {};
  const inner = asObject(object.attributes);
  return inner === null ? { attributes: object, at: path } : { attributes: inner, at: `${path}/attributes` };
};

/**
 * Takes the span's time and identity. A span that is exported again is the same trace again. Spans of one OpenTelemetry
 * trace are turns of one conversation where no other was named.
 */
export const readIdentity = (draft: Draft, body: unknown): void => {
  const span = asObject(body) ?? {};
  const context = asObject(span.context) ?? span;
  const traceId = mendName(context.traceId ?? context.trace_id);
  const spanId = mendName(context.spanId ?? context.span_id);
  draft.occurredAt = instantOf(span.startTime ?? span.start_time ?? span.timestamp);
  if (traceId === null || spanId === null) return;
  draft.span = { traceId, spanId };
  draft.conversationId ??= traceId;
};
