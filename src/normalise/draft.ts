import type { SegmentCoverage, SegmentKind, Usage } from '../domain/trace.ts';
import { serialise, serialiseReadable } from './json.ts';
import { mendName } from './names.ts';
import { splitThinking } from './think-tags.ts';

// What a format's reader fills in, in the order of the payload; normalise.ts makes the Trace of it. Readers never decide
// what a missing or unreadable part means: they put down that it was there.

export interface DraftSegment {
  kind: SegmentKind;
  name: string | null;
  text: string;
  /** Where it was read. Differs from `sourcePath` only inside a string that holds JSON. */
  at: string;
  /** JSON pointer into what was posted. */
  sourcePath: string;
  coverage: SegmentCoverage;
}

export interface Draft {
  readonly segments: DraftSegment[];
  /** Index of the first segment that is the response's and not history's. */
  responseFrom: number;
  /** The caller's own id, or null. */
  id: string | null;
  responseId: string | null;
  /** The response before it, where the provider names that and no conversation. */
  previousId: string | null;
  /** Ids of the OpenTelemetry span that was posted. */
  span: { readonly traceId: string; readonly spanId: string } | null;
  conversationId: string | null;
  turn: number | null;
  model: { provider: string | null; name: string | null; version: string | null };
  occurredAt: Date | null;
  usage: Usage;
  /** Where the billed reasoning tokens stand, or null. */
  reasoningTokensAt: string | null;
  labels: Readonly<Record<string, string>>;
  /** Objects with nothing left to look for: their whole JSON is a segment's text, or they repeat what was read. */
  readonly settled: Set<object>;
  /** Pointers to strings that are known and in no segment: what repeats others, and ciphertext under odd keys. */
  readonly known: Set<string>;
  /** Values that stood in the payload as strings of JSON. */
  readonly parsed: { readonly value: unknown; readonly path: string }[];
  /** Names of tools by the id of the call, for results that name only the id. */
  readonly toolNames: Map<string, string>;
}

export const createDraft = (): Draft => ({
  segments: [],
  responseFrom: 0,
  id: null,
  responseId: null,
  previousId: null,
  span: null,
  conversationId: null,
  turn: null,
  model: { provider: null, name: null, version: null },
  occurredAt: null,
  usage: {},
  reasoningTokensAt: null,
  labels: {},
  settled: new Set(),
  known: new Set(),
  parsed: [],
  toolNames: new Map(),
});

const push = (
  draft: Draft,
  kind: SegmentKind,
  text: string,
  path: string,
  coverage: SegmentCoverage,
  name: string | null,
): void => {
  draft.segments.push({ kind, name, text, at: path, sourcePath: path, coverage });
};

/** Adds text as it is. Anything but a string, and a string of white space, is no text: returns false. */
export const addText = (draft: Draft, kind: SegmentKind, text: unknown, path: string, name?: unknown): boolean => {
  if (typeof text !== 'string' || !/\S/.test(text)) return false;
  push(draft, kind, text, path, 'full', name === undefined ? null : mendName(name));
  return true;
};

/** Adds text the model wrote where its answer belongs: what stands between think tags becomes reasoning. */
export const addAnswer = (draft: Draft, text: unknown, path: string): boolean => {
  if (typeof text !== 'string') return false;
  let added = false;
  for (const piece of splitThinking(text)) added = addText(draft, piece.kind, piece.text, path) || added;
  return added;
};

/** Adds a mark that something was there which nobody can read. Nothing of it is kept. */
export const addUnreadable = (
  draft: Draft,
  coverage: 'redacted' | 'encrypted' | 'omitted',
  path: string,
  kind: SegmentKind = 'reasoning',
): void => push(draft, kind, '', path, coverage, null);

interface Place {
  readonly value: unknown;
  readonly path: string;
}

/** The first of some keys of an object that holds anything, with its pointer. */
export const firstOf = (
  object: { readonly [key: string]: unknown },
  path: string,
  keys: readonly string[],
): Place | null => {
  for (const key of keys) {
    const value = object[key];
    if (value !== undefined && value !== null) return { value, path: `${path}/${key}` };
  }
  return null;
};

/** Adds a call of a tool. Arguments that are not a string become JSON; a call without any is still a call. */
export const addCall = (
  draft: Draft,
  call: { name: unknown; id?: unknown; input: Place | null; path: string },
): void => {
  const name = mendName(call.name);
  if (name !== null && typeof call.id === 'string') draft.toolNames.set(call.id, name);
  const value = call.input?.value;
  if (typeof value === 'object' && value !== null) draft.settled.add(value);
  push(draft, 'tool_call', serialise(value), call.input?.path ?? call.path, 'full', name);
};

/** The name of the tool that a call's id belongs to, if the call was seen. */
export const calledTool = (draft: Draft, id: unknown): string | null =>
  (typeof id === 'string' ? draft.toolNames.get(id) : undefined) ?? null;

interface Result {
  /** May be missing where the id of the call is known. */
  readonly name?: unknown;
  readonly id?: unknown;
  readonly value: unknown;
  readonly path: string;
  /** The provider ran the tool, and may have put ciphertext beside the result. */
  readonly hosted?: boolean;
}

/** Adds what a tool answered: text as it is, anything else as JSON. */
export const addResult = (draft: Draft, { name, id, value, path, hosted = false }: Result): void => {
  if (typeof value === 'object' && value !== null) draft.settled.add(value);
  const text = hosted ? serialiseReadable(value) : serialise(value);
  push(draft, 'tool_result', text, path, 'full', mendName(name) ?? calledTool(draft, id));
};

const CUT_OFF = new Set([
  'length',
  'max_tokens',
  'max_output_tokens',
  'model_length',
  'model_context_window_exceeded',
  'context_window_exceeded',
]);

/** Whether a finish reason says that the model was stopped before it was done. */
export const isCutOff = (reason: unknown): boolean => typeof reason === 'string' && CUT_OFF.has(reason.toLowerCase());

/** Marks the last thing said from `from` on as cut off: reasoning or answer, or a call where there is neither. */
export const markTruncated = (draft: Draft, from: number): void => {
  let call: DraftSegment | null = null;
  for (let i = draft.segments.length - 1; i >= from; i--) {
    const segment = draft.segments[i]!;
    if (segment.coverage !== 'full') continue;
    if (segment.kind === 'reasoning' || segment.kind === 'reasoning_summary' || segment.kind === 'answer') {
      segment.coverage = 'truncated';
      return;
    }
    if (segment.kind === 'tool_call') call ??= segment;
  }
  if (call !== null) call.coverage = 'truncated';
};
