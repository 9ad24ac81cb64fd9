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
import { readUsage } from './provider-fields.ts';

// Anthropic's Messages API: blocks in the order in which they came. A thinking block whose text is empty was withheld; a
// redacted one is ciphertext. Where the request asked for summarised thinking, thinking is a summary.

interface Reading {
  readonly draft: Draft;
  readonly thinking: 'reasoning' | 'reasoning_summary';
}

const readThinking = ({ draft, thinking }: Reading, block: Json, path: string): void => {
  if (!addText(draft, thinking, block.thinking, `${path}/thinking`)) addUnreadable(draft, 'omitted', path);
};

/** What a tool answered: text, blocks with text, or an object of the hosted tool's own. Pictures are passed over. */
const readResult = (draft: Draft, block: Json, path: string): void => {
  const content = block.content;
  const result = { name: block.name, id: block.tool_use_id, hosted: true };
  const texts = asArray(content).filter((part) => typeof asObject(part)?.text === 'string');
  if (!Array.isArray(content) || (texts.length === 0 && !content.some(isPicture))) {
    addResult(draft, { ...result, value: content, path: 'content' in block ? `${path}/content` : path });
    return;
  }
  for (const [i, value] of content.entries()) {
    const part = asObject(value);
    const at = `${path}/content/${i}`;
    if (typeof part?.text === 'string') addResult(draft, { ...result, value: part.text, path: `${at}/text` });
    else if (part !== null && !isPicture(part)) addResult(draft, { ...result, value: part, path: at });
  }
};

const isPicture = (part: unknown): boolean => {
  const { type, source } = asObject(part) ?? {};
  return type === 'image' || (type === 'document' && asObject(source)?.type === 'base64');
};

const readDocument = (draft: Draft, kind: SegmentKind, block: Json, path: string): void => {
  const source = asObject(block.source);
  addText(draft, kind, block.context, `${path}/context`);
  if (source?.type === 'text') addText(draft, kind, source.data, `${path}/source/data`);
  for (const [i, part] of asArray(source?.content).entries()) {
    addText(draft, kind, asObject(part)?.text, `${path}/source/content/${i}/text`);
  }
};

const readBlock = (reading: Reading, kind: SegmentKind, block: Json, path: string): void => {
  const { draft } = reading;
  const type = typeof block.type === 'string' ? block.type : 'text';
  if (type === 'thinking') readThinking(reading, block, path);
  else if (type === 'redacted_thinking') addUnreadable(draft, 'encrypted', path);
  else if (type.endsWith('tool_use')) {
    addCall(draft, { name: block.name, id: block.id, input: firstOf(block, path, ['input']), path });
  } else if (type.endsWith('tool_result')) readResult(draft, block, path);
  else if (type === 'document') readDocument(draft, kind, block, path);
  else if (type === 'search_result') readBlocks(reading, kind, block.content, `${path}/content`);
  else if (kind === 'answer') addAnswer(draft, block.text, `${path}/text`);
  else addText(draft, kind, block.text, `${path}/text`);
};

const readBlocks = (reading: Reading, kind: SegmentKind, content: unknown, path: string): void => {
  if (kind === 'answer') addAnswer(reading.draft, content, path);
  else addText(reading.draft, kind, content, path);
  for (const [i, block] of asArray(content).entries()) {
    if (isObject(block)) readBlock(reading, kind, block, `${path}/${i}`);
  }
};

const readRequest = (reading: Reading, request: Json, path: string): void => {
  readBlocks(reading, 'system', request.system, `${path}/system`);
  for (const [i, value] of asArray(request.messages).entries()) {
    const message = asObject(value);
    if (message === null) continue;
    const kind = message.role === 'assistant' ? 'answer' : message.role === 'system' ? 'system' : 'user';
    readBlocks(reading, kind, message.content, `${path}/messages/${i}/content`);
  }
};

export const anthropicMessages: Format = {
  id: 'anthropic.messages',
  notText: notText('id', 'data', 'citations', 'metadata', 'container'),
  detect: (body) =>
    isObject(body) &&
    Array.isArray(body.content) &&
    (body.type === 'message' || (body.role === 'assistant' && Object.hasOwn(body, 'stop_reason'))),
  read: ({ body, path, request, requestPath }) => {
    const draft = createDraft();
    const response = asObject(body) ?? {};
    const summarised = asText(asObject(request?.thinking)?.display) === 'summarized';
    const reading: Reading = { draft, thinking: summarised ? 'reasoning_summary' : 'reasoning' };
    if (request !== null) readRequest(reading, request, requestPath);
    draft.responseFrom = draft.segments.length;
    readBlocks(reading, 'answer', response.content, `${path}/content`);
    if (isCutOff(response.stop_reason)) markTruncated(draft, draft.responseFrom);
    draft.responseId = mendName(response.id);
    draft.model.provider = 'anthropic';
    draft.model.name = mendName(response.model ?? request?.model);
    readUsage(draft, response.usage, `${path}/usage`);
    return draft;
  },
};
