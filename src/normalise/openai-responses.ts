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
import { asArray, asObject, asText, isObject, type Json } from './json.ts';
import { mendName } from './names.ts';
import { instantOf, readUsage } from './provider-fields.ts';

// OpenAI's Responses API: a list of items, reasoning, messages and tool calls interleaved in the order in which they
// happened. The same items make up a request's input.

const CALL_INPUTS = ['arguments', 'input', 'code', 'action', 'operation', 'queries'];
const CALL_RESULTS = ['output', 'outputs', 'results', 'result', 'logs', 'error'];

const readReasoning = (draft: Draft, item: Json, path: string): void => {
  const from = draft.segments.length;
  for (const [i, part] of asArray(item.content).entries()) {
    addText(draft, 'reasoning', asObject(part)?.text, `${path}/content/${i}/text`);
  }
  const raw = draft.segments.length > from;
  for (const [i, part] of asArray(item.summary).entries()) {
    addText(draft, 'reasoning_summary', asObject(part)?.text, `${path}/summary/${i}/text`);
  }
  // A summary does not stand for the ciphertext it was made from; raw text does.
  if (!raw && asText(item.encrypted_content) !== null) addUnreadable(draft, 'encrypted', path);
  if (draft.segments.length === from) addUnreadable(draft, 'omitted', path);
  if (item.status === 'incomplete' || item.status === 'in_progress') markTruncated(draft, from);
};

const kindOfRole = (role: unknown): SegmentKind => {
  if (role === 'assistant') return 'answer';
  return role === 'system' || role === 'developer' ? 'system' : 'user';
};

const addSaid = (draft: Draft, kind: SegmentKind, text: unknown, path: string): void => {
  if (kind === 'answer') addAnswer(draft, text, path);
  else addText(draft, kind, text, path);
};

const readMessageItem = (draft: Draft, item: Json, path: string, role: string): void => {
  const kind = kindOfRole(item.role ?? role);
  const content = item.content;
  if (typeof content === 'string') addSaid(draft, kind, content, `${path}/content`);
  for (const [i, value] of asArray(content).entries()) {
    const part = asObject(value);
    if (part === null) continue;
    const at = `${path}/content/${i}`;
    if (part.type === 'reasoning_text') addText(draft, 'reasoning', part.text, `${at}/text`);
    else addSaid(draft, kind, part.text, `${at}/text`);
    addSaid(draft, kind, part.refusal, `${at}/refusal`);
    addSaid(draft, kind, part.transcript, `${at}/transcript`);
  }
};

/** A result: text, a list of text parts and pictures, or anything else as JSON. */
const readResult = (draft: Draft, item: Json, key: string, path: string, name: unknown): void => {
  const value = item[key];
  const id = item.call_id;
  const from = draft.segments.length;
  for (const [i, part] of asArray(value).entries()) {
    const text = asObject(part)?.text;
    if (typeof text === 'string') addResult(draft, { name, id, value: text, path: `${path}/${key}/${i}/text` });
  }
  if (draft.segments.length === from) addResult(draft, { name, id, value, path: `${path}/${key}`, hosted: true });
};

const readItem = (draft: Draft, item: Json, path: string, role: string): void => {
  const type = typeof item.type === 'string' ? item.type : 'message';
  if (type === 'message') readMessageItem(draft, item, path, role);
  else if (type === 'reasoning') readReasoning(draft, item, path);
  else if (type.endsWith('_output')) {
    const key = firstOf(item, '', CALL_RESULTS)?.path.slice(1);
    if (key !== undefined) readResult(draft, item, key, path, item.name);
  } else if (type === 'image_generation_call') {
    addCall(draft, { name: type, input: null, path });
  } else if (type.endsWith('_call') || type === 'program' || type === 'mcp_approval_request') {
    const name = item.name ?? type;
    addCall(draft, { name, id: item.call_id, input: firstOf(item, path, CALL_INPUTS), path });
    for (const key of CALL_RESULTS) {
      const value = item[key];
      if (value !== undefined && value !== null) readResult(draft, item, key, path, name);
    }
  }
};

const readItems = (draft: Draft, value: unknown, path: string, role: string): void => {
  if (typeof value === 'string') addSaid(draft, kindOfRole(role), value, path);
  for (const [i, item] of asArray(value).entries()) {
    if (isObject(item)) readItem(draft, item, `${path}/${i}`, role);
  }
};

/** An empty output tells nothing; any other starts with a typed item, where a list of chat messages has only roles. */
const isOutput = (value: unknown): boolean => Array.isArray(value) && typeof asObject(value[0])?.type === 'string';

export const openaiResponses: Format = {
  id: 'openai.responses',
  notText: notText('id', 'annotations', 'schema', 'metadata'),
  detect: (body) => isObject(body) && (body.object === 'response' || isOutput(body.output)),
  read: ({ body, path, request, requestPath }) => {
    const draft = createDraft();
    const response = asObject(body) ?? {};
    if (request !== null) {
      readItems(draft, request.instructions, `${requestPath}/instructions`, 'system');
      readItems(draft, request.input, `${requestPath}/input`, 'user');
    }
    // The response repeats the request's instructions.
    if (asText(request?.instructions) === null) {
      readItems(draft, response.instructions, `${path}/instructions`, 'system');
    }
    draft.responseFrom = draft.segments.length;
    readItems(draft, response.output, `${path}/output`, 'assistant');
    if (isCutOff(asObject(response.incomplete_details)?.reason)) markTruncated(draft, draft.responseFrom);
    const conversation = response.conversation ?? request?.conversation;
    draft.responseId = mendName(response.id);
    draft.previousId = mendName(response.previous_response_id ?? request?.previous_response_id);
    // A chain's second turn names the first by its id: the first one is in the conversation of that name from the start.
    draft.conversationId = mendName(asObject(conversation)?.id ?? conversation) ?? draft.previousId ?? draft.responseId;
    draft.model.name = mendName(response.model ?? request?.model);
    draft.occurredAt = instantOf(response.created_at);
    readUsage(draft, response.usage, `${path}/usage`);
    return draft;
  },
};
