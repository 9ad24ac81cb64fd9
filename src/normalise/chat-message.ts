import type { SegmentKind } from '../domain/trace.ts';
import { readMessageReasoning } from './chat-reasoning.ts';
import { addAnswer, addCall, addResult, addText, addUnreadable, calledTool, type Draft, firstOf } from './draft.ts';
import { asArray, asObject, type Json } from './json.ts';

// One message of the shape that Chat Completions made common: role, content as a string or in parts, tool calls. OpenAI's
// own API, its many imitators and Langfuse share it. An unknown role is read as the user's: the model did not write it.

const KIND_OF_ROLE = new Map<unknown, SegmentKind>([
  ['system', 'system'],
  ['developer', 'system'],
  ['assistant', 'answer'],
  ['model', 'answer'],
  ['tool', 'tool_result'],
  ['function', 'tool_result'],
]);

const readPart = (draft: Draft, kind: SegmentKind, part: Json, path: string, name: unknown): void => {
  const type = part.type;
  if (kind === 'answer' && (type === 'thinking' || type === 'reasoning')) {
    readThinkingPart(draft, part, path);
  } else if (kind === 'answer' && type === 'redacted_thinking') {
    addUnreadable(draft, 'encrypted', path);
  } else {
    addSaid(draft, kind, part.text, `${path}/text`, name);
    addSaid(draft, kind, part.refusal, `${path}/refusal`, name);
    addSaid(draft, kind, part.content, `${path}/content`, name);
  }
};

/** A thought among the parts of the content: a string, or (Mistral) a list of text parts. */
const readThinkingPart = (draft: Draft, part: Json, path: string): void => {
  let read = false;
  for (const key of ['thinking', 'reasoning', 'text', 'content']) {
    read = addText(draft, 'reasoning', part[key], `${path}/${key}`) || read;
    for (const [i, item] of asArray(part[key]).entries()) {
      read = addText(draft, 'reasoning', asObject(item)?.text, `${path}/${key}/${i}/text`) || read;
    }
  }
  if (!read) addUnreadable(draft, 'omitted', path);
};

const addSaid = (draft: Draft, kind: SegmentKind, text: unknown, path: string, name?: unknown): void => {
  if (kind === 'answer') addAnswer(draft, text, path);
  else addText(draft, kind, text, path, name);
};

/** Reads content that is a string or a list of parts. Pictures, sound and files are not text and are passed over. */
export const readContent = (draft: Draft, kind: SegmentKind, content: unknown, path: string, name?: unknown): void => {
  if (typeof content === 'string') {
    addSaid(draft, kind, content, path, name);
    return;
  }
  for (const [i, item] of asArray(content).entries()) {
    if (typeof item === 'string') addSaid(draft, kind, item, `${path}/${i}`, name);
    const part = asObject(item);
    if (part !== null) readPart(draft, kind, part, `${path}/${i}`, name);
  }
};

const readCall = (draft: Draft, item: unknown, path: string): void => {
  const call = asObject(item);
  if (call === null) return;
  for (const key of ['function', 'custom'] as const) {
    const body = asObject(call[key]);
    if (body === null) continue;
    const input = firstOf(body, `${path}/${key}`, ['arguments', 'input']);
    addCall(draft, { name: body.name, id: call.id, input, path });
    return;
  }
  // Langfuse and Inspect keep name and arguments on the call itself.
  const input = firstOf(call, path, ['arguments', 'args', 'input']);
  addCall(draft, { name: call.name ?? call.function, id: call.id, input, path });
};

/** Reads the calls of an assistant's message. */
export const readCalls = (draft: Draft, message: Json, path: string): void => {
  for (const [i, call] of asArray(message.tool_calls).entries()) readCall(draft, call, `${path}/tool_calls/${i}`);
  const legacy = asObject(message.function_call);
  if (legacy !== null) {
    const at = `${path}/function_call`;
    addCall(draft, { name: legacy.name, input: firstOf(legacy, at, ['arguments']), path: at });
  }
};

const readToolMessage = (draft: Draft, message: Json, path: string): void => {
  const from = draft.segments.length;
  const name = message.name ?? calledTool(draft, message.tool_call_id);
  readContent(draft, 'tool_result', message.content, `${path}/content`, name);
  if (draft.segments.length === from) {
    const content = message.content;
    const value = asObject(content) ?? (typeof content === 'string' ? content : '');
    addResult(draft, { name, value, path: 'content' in message ? `${path}/content` : path });
  }
};

/** Reads one message. `role` is what it is taken for where it names none. */
export const readMessage = (draft: Draft, value: unknown, path: string, role = 'user'): void => {
  const message = asObject(value);
  if (message === null) return;
  const kind = KIND_OF_ROLE.get(message.role ?? role) ?? 'user';
  if (kind === 'tool_result') {
    readToolMessage(draft, message, path);
  } else if (kind === 'answer') {
    readMessageReasoning(draft, message, path);
    readContent(draft, 'answer', message.content, `${path}/content`);
    addAnswer(draft, message.refusal, `${path}/refusal`);
    addAnswer(draft, asObject(message.audio)?.transcript, `${path}/audio/transcript`);
    readCalls(draft, message, path);
  } else {
    readContent(draft, kind, message.content, `${path}/content`);
  }
};

/** Reads a list of messages in order. */
export const readMessages = (draft: Draft, value: unknown, path: string): void => {
  for (const [i, message] of asArray(value).entries()) readMessage(draft, message, `${path}/${i}`);
};
