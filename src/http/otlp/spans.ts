import { CodedError } from '../../domain/errors.ts';

// Spans of an export request that hold what a model thought or said, each as the payload that src/normalise reads. Both
// encodings come here as plain objects, untrusted: what is odd about one span is skipped, and the rest is read.

type Json = { readonly [key: string]: unknown };

/** One span as it goes into the pipeline. Pointers of segments point into `payload`. */
export interface ModelSpan {
  readonly format: 'otel.genai' | 'openinference';
  readonly payload: Json;
}

export interface ReadSpans {
  readonly spans: readonly ModelSpan[];
  /** Spans about calls of a model in which its messages were not recorded. */
  readonly withoutContent: number;
  /** Spans about anything else. */
  readonly others: number;
}

const asObject = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;

const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const INTEGER = /^-?\d{1,20}$/;

/** A 64-bit number: as a number where it fits one. */
const integerOf = (value: unknown): unknown => {
  if (typeof value !== 'string' || !INTEGER.test(value)) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

/** OTLP's AnyValue as plain JSON. Bytes are no text of an exchange and are left out. Depth was bounded by the decoders. */
const plainValue = (any: unknown): unknown => {
  const value = asObject(any);
  if (value === null) return null;
  if (typeof value.stringValue === 'string') return value.stringValue;
  if (typeof value.boolValue === 'boolean') return value.boolValue;
  if (value.intValue !== undefined) return integerOf(value.intValue);
  if (typeof value.doubleValue === 'number') return value.doubleValue;
  const array = asObject(value.arrayValue);
  if (array !== null) return asArray(array.values).map(plainValue);
  const record = asObject(value.kvlistValue);
  return record === null ? null : recordOf(record.values);
};

const recordOf = (pairs: unknown): Json => {
  const entries: [string, unknown][] = [];
  for (const item of asArray(pairs)) {
    const pair = asObject(item);
    if (typeof pair?.key === 'string') entries.push([pair.key, plainValue(pair.value)]);
  }
  // Own properties whatever the names are, `__proto__` too.
  return Object.fromEntries(entries);
};

/** An id as hexadecimal text, however it came; undefined where there is none, or only zeros. */
const idOf = (value: unknown): string | undefined => {
  const hex = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  return typeof hex === 'string' && /^[0-9a-f]{2,64}$/i.test(hex) && /[^0]/.test(hex) ? hex.toLowerCase() : undefined;
};

const LATEST_NANOSECONDS = 253_402_300_799n * 1_000_000_000n;

const instantOf = (nanoseconds: unknown): string | undefined => {
  const text = typeof nanoseconds === 'number' ? String(nanoseconds) : nanoseconds;
  if (typeof text !== 'string' || !/^\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value > 0n && value <= LATEST_NANOSECONDS ? new Date(Number(value / 1_000_000n)).toISOString() : undefined;
};

/** The event in which instrumentations put messages that they keep off the span. */
const DETAILS_EVENT = 'gen_ai.client.inference.operation.details';

/** Attributes of the span, and of its event with the details where the span does not have them. */
const attributesOf = (span: Json): Json => {
  const own = recordOf(span.attributes);
  let all = own;
  for (const item of asArray(span.events)) {
    const event = asObject(item);
    if (event?.name === DETAILS_EVENT) all = { ...recordOf(event.attributes), ...all };
  }
  return all;
};

const isFilled = (value: unknown): boolean =>
  typeof value === 'string' ? !/^\s*(?:\[\s*\])?\s*$/.test(value) : asArray(value).length > 0;

const OPENINFERENCE_KIND = 'openinference.span.kind';

const kindOf = (attributes: Json): ModelSpan['format'] | 'without content' | 'other' => {
  if (isFilled(attributes['gen_ai.output.messages'])) return 'otel.genai';
  let model = attributes[OPENINFERENCE_KIND] === 'LLM';
  for (const key in attributes) {
    if (key.startsWith('llm.output_messages')) return 'openinference';
    // Tools, agents and evaluations have gen_ai attributes too; those of a call to a model name a model.
    if (key === 'gen_ai.request.model' || key === 'gen_ai.response.model') model = true;
  }
  if (attributes[OPENINFERENCE_KIND] === 'LLM' && isFilled(attributes['output.value'])) return 'openinference';
  return model ? 'without content' : 'other';
};

const payloadOf = (span: Json, attributes: Json): Json => {
  const [traceId, spanId, startTime] = [idOf(span.traceId), idOf(span.spanId), instantOf(span.startTimeUnixNano)];
  return {
    ...(traceId === undefined ? {} : { traceId }),
    ...(spanId === undefined ? {} : { spanId }),
    ...(startTime === undefined ? {} : { startTime }),
    attributes,
  };
};

/** @throws CodedError `invalid_body` for what is no export request */
export const readSpans = (request: unknown): ReadSpans => {
  const resources = asObject(request)?.resourceSpans;
  if (asObject(request) === null || (resources !== undefined && !Array.isArray(resources))) {
    throw new CodedError('invalid_body', 'The body is not an ExportTraceServiceRequest.', {
      errors: [{ path: '/resourceSpans', message: 'must be an array' }],
    });
  }
  const spans: ModelSpan[] = [];
  let withoutContent = 0;
  let others = 0;
  for (const resource of asArray(resources)) {
    for (const scope of asArray(asObject(resource)?.scopeSpans)) {
      for (const item of asArray(asObject(scope)?.spans)) {
        const span = asObject(item);
        if (span === null) continue;
        const attributes = attributesOf(span);
        const kind = kindOf(attributes);
        if (kind === 'other') others++;
        else if (kind === 'without content') withoutContent++;
        else spans.push({ format: kind, payload: payloadOf(span, attributes) });
      }
    }
  }
  return { spans, withoutContent, others };
};
