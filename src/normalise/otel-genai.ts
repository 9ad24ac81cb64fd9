import type { SegmentKind } from '../domain/trace.ts';
import {
  addAnswer,
  addCall,
  addResult,
  addText,
  addUnreadable,
  createDraft,
  type Draft,
  firstOf,
  isCutOff,
  markTruncated,
} from './draft.ts';
import { type Format, notText } from './format.ts';
import { asArray, asObject, isObject, type Json, parseJson, pointerToken, requireShallow } from './json.ts';
import { mendName } from './names.ts';
import { usageOf } from './provider-fields.ts';
import { attributesOf, readIdentity } from './span.ts';

// OpenTelemetry's GenAI conventions: attributes of a span or an event, either bare or under `attributes`. Messages may be
// structures or strings of JSON. Segments read from such a string point at the attribute, where a pointer cannot go on.

const INPUT = 'gen_ai.input.messages';
const OUTPUT = 'gen_ai.output.messages';
const SYSTEM = 'gen_ai.system_instructions';

const readResponse = (draft: Draft, part: Json, path: string): void => {
  const result = firstOf(part, path, ['response', 'result', 'server_tool_call_response']);
  addResult(draft, { name: part.name, id: part.id, value: result?.value, path: result?.path ?? path });
};

const readPart = (draft: Draft, kind: SegmentKind, part: Json, path: string): void => {
  switch (part.type) {
    case 'reasoning':
    case 'thinking':
      if (!addText(draft, 'reasoning', part.content, `${path}/content`)) addUnreadable(draft, 'omitted', path);
      return;
    case 'tool_call':
    case 'server_tool_call': {
      const input = firstOf(part, path, ['arguments', 'server_tool_call']);
      addCall(draft, { name: part.name, id: part.id, input, path });
      return;
    }
    case 'tool_call_response':
    case 'server_tool_call_response':
      readResponse(draft, part, path);
      return;
    case 'text':
    case undefined:
      if (kind === 'answer') addAnswer(draft, part.content, `${path}/content`);
      else addText(draft, kind, part.content, `${path}/content`);
      return;
    default:
      // Pictures, files, and parts of an instrumentation's own: long text in them is reported as unread.
      return;
  }
};

const readParts = (draft: Draft, kind: SegmentKind, parts: unknown, path: string): void => {
  for (const [i, part] of asArray(parts).entries()) {
    if (isObject(part)) readPart(draft, kind, part, `${path}/${i}`);
  }
};

const kindOfRole = (role: unknown, otherwise: SegmentKind): SegmentKind => {
  if (role === 'assistant' || role === 'model') return 'answer';
  if (role === 'system' || role === 'developer') return 'system';
  if (role === 'tool') return 'tool_result';
  return role === 'user' ? 'user' : otherwise;
};

const readMessages = (draft: Draft, value: unknown, path: string, otherwise: SegmentKind): void => {
  for (const [i, item] of asArray(value).entries()) {
    const message = asObject(item);
    if (message === null) continue;
    const from = draft.segments.length;
    readParts(draft, kindOfRole(message.role, otherwise), message.parts, `${path}/${i}/parts`);
    if (isCutOff(message.finish_reason)) markTruncated(draft, from);
  }
};

type Reader = (draft: Draft, value: unknown, path: string) => void;

/** Reads an attribute, also where it is a string of JSON. Exporters cut long attributes: what is left of such a
 * string is read as text that was truncated. */
const readAttribute = (draft: Draft, attributes: Json, name: string, path: string, read: Reader): void => {
  const value = attributes[name];
  const at = `${path}/${pointerToken(name)}`;
  if (typeof value !== 'string') {
    read(draft, value, at);
    return;
  }
  const parsed = parseJson(value);
  if (typeof parsed !== 'object' || parsed === null) {
    const kind = name === OUTPUT ? 'answer' : name === SYSTEM ? 'system' : 'user';
    const cut = /^\s*[[{]/.test(value);
    if (addText(draft, kind, value, at) && cut) draft.segments.at(-1)!.coverage = 'truncated';
    return;
  }
  requireShallow(parsed);
  const from = draft.segments.length;
  read(draft, parsed, at);
  draft.parsed.push({ value: parsed, path: at });
  for (const segment of draft.segments.slice(from)) segment.sourcePath = at;
};

const count = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
};

const REASONING_TOKENS = 'gen_ai.usage.reasoning.output_tokens';

export const otelGenai: Format = {
  id: 'otel.genai',
  notText: notText('gen_ai.tool.definitions'),
  detect: (body) => {
    const { attributes } = attributesOf(body, '');
    return [OUTPUT, INPUT, SYSTEM].some((name) => Object.hasOwn(attributes, name));
  },
  read: ({ body, path }) => {
    const draft = createDraft();
    const { attributes, at } = attributesOf(body, path);
    readAttribute(draft, attributes, SYSTEM, at, (to, value, where) => {
      if (typeof value === 'string') addText(to, 'system', value, where);
      readParts(to, 'system', value, where);
    });
    readAttribute(draft, attributes, INPUT, at, (to, value, where) => readMessages(to, value, where, 'user'));
    draft.responseFrom = draft.segments.length;
    readAttribute(draft, attributes, OUTPUT, at, (to, value, where) => readMessages(to, value, where, 'answer'));
    if (asArray(attributes['gen_ai.response.finish_reasons']).some(isCutOff)) markLast(draft);
    draft.responseId = mendName(attributes['gen_ai.response.id']);
    draft.conversationId = mendName(attributes['gen_ai.conversation.id'] ?? attributes['session.id']);
    readIdentity(draft, body);
    draft.model.provider = mendName(attributes['gen_ai.provider.name'] ?? attributes['gen_ai.system']);
    draft.model.name = mendName(attributes['gen_ai.response.model'] ?? attributes['gen_ai.request.model']);
    const reasoning = count(attributes[REASONING_TOKENS]);
    draft.usage = usageOf(
      count(attributes['gen_ai.usage.input_tokens']),
      count(attributes['gen_ai.usage.output_tokens']),
      reasoning,
    );
    if (reasoning !== undefined) draft.reasoningTokensAt = `${at}/${REASONING_TOKENS}`;
    return draft;
  },
};

/** Some exporters put the finish reason on the span only. */
const markLast = (draft: Draft): void => {
  const truncated = draft.segments.slice(draft.responseFrom).some((segment) => segment.coverage === 'truncated');
  if (!truncated) markTruncated(draft, draft.responseFrom);
};
