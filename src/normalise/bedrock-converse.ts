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
import { asArray, asObject, isObject, type Json } from './json.ts';
import { mendName } from './names.ts';
import { readUsage } from './provider-fields.ts';

// Amazon Bedrock's Converse API: every block is an object with one key that says what it is.

const readReasoning = (draft: Draft, value: Json, path: string): void => {
  const at = `${path}/reasoningContent`;
  if (addText(draft, 'reasoning', asObject(value.reasoningText)?.text, `${at}/reasoningText/text`)) return;
  const redacted = value.redactedContent !== undefined && value.redactedContent !== null;
  addUnreadable(draft, redacted ? 'encrypted' : 'omitted', at);
};

const readToolResult = (draft: Draft, result: Json, path: string): void => {
  const from = draft.segments.length;
  const id = result.toolUseId;
  for (const [i, value] of asArray(result.content).entries()) {
    const part = asObject(value);
    const at = `${path}/content/${i}`;
    if (typeof part?.text === 'string') addResult(draft, { id, value: part.text, path: `${at}/text` });
    if (part?.json !== undefined && part.json !== null) addResult(draft, { id, value: part.json, path: `${at}/json` });
  }
  if (draft.segments.length === from) addResult(draft, { id, value: '', path });
};

const addSaid = (draft: Draft, kind: SegmentKind, text: unknown, path: string): void => {
  if (kind === 'answer') addAnswer(draft, text, path);
  else addText(draft, kind, text, path);
};

const readBlock = (draft: Draft, kind: SegmentKind, block: Json, path: string): void => {
  addSaid(draft, kind, block.text, `${path}/text`);
  const { reasoningContent, toolUse, toolResult, guardContent, citationsContent } = block;
  if (isObject(reasoningContent)) readReasoning(draft, reasoningContent, path);
  if (isObject(toolUse)) {
    const at = `${path}/toolUse`;
    addCall(draft, { name: toolUse.name, id: toolUse.toolUseId, input: firstOf(toolUse, at, ['input']), path: at });
  }
  if (isObject(toolResult)) readToolResult(draft, toolResult, `${path}/toolResult`);
  addSaid(draft, kind, asObject(asObject(guardContent)?.text)?.text, `${path}/guardContent/text/text`);
  for (const [i, part] of asArray(asObject(citationsContent)?.content).entries()) {
    addSaid(draft, kind, asObject(part)?.text, `${path}/citationsContent/content/${i}/text`);
  }
};

const readBlocks = (draft: Draft, kind: SegmentKind, content: unknown, path: string): void => {
  for (const [i, block] of asArray(content).entries()) {
    if (isObject(block)) readBlock(draft, kind, block, `${path}/${i}`);
  }
};

export const bedrockConverse: Format = {
  id: 'bedrock.converse',
  notText: notText('redactedContent', 'toolConfig', 'bytes', 'trace', 'citations', '$metadata', 'ResponseMetadata'),
  detect: (body) => isObject(body) && Array.isArray(asObject(asObject(body.output)?.message)?.content),
  read: ({ body, path, request, requestPath }) => {
    const draft = createDraft();
    const response = asObject(body) ?? {};
    readBlocks(draft, 'system', request?.system, `${requestPath}/system`);
    for (const [i, value] of asArray(request?.messages).entries()) {
      const message = asObject(value);
      const kind = message?.role === 'assistant' ? 'answer' : 'user';
      readBlocks(draft, kind, message?.content, `${requestPath}/messages/${i}/content`);
    }
    draft.responseFrom = draft.segments.length;
    const message = asObject(asObject(response.output)?.message);
    readBlocks(draft, 'answer', message?.content, `${path}/output/message/content`);
    if (isCutOff(response.stopReason)) markTruncated(draft, draft.responseFrom);
    const metadata = asObject(response.ResponseMetadata);
    draft.responseId = mendName(metadata?.RequestId ?? asObject(response.$metadata)?.requestId);
    draft.model.provider = 'aws.bedrock';
    draft.model.name = mendName(request?.modelId ?? response.modelId);
    readUsage(draft, response.usage, `${path}/usage`);
    return draft;
  },
};
