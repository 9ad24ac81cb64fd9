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
import { instantOf, readUsage } from './provider-fields.ts';

// Gemini's generateContent, over REST (camel case) and as its SDKs dump it (snake case). Thought parts are summaries. A
// thought signature without a thought part before it is the trace of thinking that was not shown.

const readCall = (draft: Draft, call: Json, path: string): void =>
  addCall(draft, { name: call.name, id: call.id, input: firstOf(call, path, ['args']), path });

const readOther = (draft: Draft, part: Json, path: string): void => {
  for (const key of ['functionCall', 'function_call']) {
    const call = asObject(part[key]);
    if (call !== null) readCall(draft, call, `${path}/${key}`);
  }
  for (const key of ['functionResponse', 'function_response']) {
    const result = asObject(part[key]);
    if (result === null) continue;
    const { name, id, response } = result;
    addResult(draft, { name, id, value: response, path: 'response' in result ? `${path}/${key}/response` : path });
  }
  for (const key of ['executableCode', 'executable_code']) {
    const code = asObject(part[key]);
    if (code !== null)
      addCall(draft, { name: 'code_execution', input: firstOf(code, `${path}/${key}`, ['code']), path });
  }
  for (const key of ['codeExecutionResult', 'code_execution_result']) {
    const result = asObject(part[key]);
    if (typeof result?.output !== 'string') continue;
    addResult(draft, { name: 'code_execution', value: result.output, path: `${path}/${key}/output` });
  }
};

const readParts = (draft: Draft, kind: SegmentKind, content: unknown, path: string): void => {
  if (typeof content === 'string') {
    addText(draft, kind, content, path);
    return;
  }
  let thought = false;
  for (const [i, value] of asArray(asObject(content)?.parts).entries()) {
    const part = asObject(value);
    if (part === null) continue;
    const at = `${path}/parts/${i}`;
    if (part.thought === true) {
      if (!addText(draft, 'reasoning_summary', part.text, `${at}/text`)) addUnreadable(draft, 'omitted', at);
      thought = true;
      continue;
    }
    if (!thought && typeof (part.thoughtSignature ?? part.thought_signature) === 'string') {
      addUnreadable(draft, 'omitted', at);
      thought = true;
    }
    if (kind === 'answer') addAnswer(draft, part.text, `${at}/text`);
    else addText(draft, kind, part.text, `${at}/text`);
    readOther(draft, part, at);
  }
};

const readRequest = (draft: Draft, request: Json, path: string): void => {
  for (const key of ['systemInstruction', 'system_instruction']) {
    readParts(draft, 'system', request[key], `${path}/${key}`);
  }
  if (!Array.isArray(request.contents)) readParts(draft, 'user', request.contents, `${path}/contents`);
  for (const [i, content] of asArray(request.contents).entries()) {
    const kind = asObject(content)?.role === 'model' ? 'answer' : 'user';
    readParts(draft, kind, content, `${path}/contents/${i}`);
  }
};

const readCandidate = (draft: Draft, candidate: Json, path: string): void => {
  const from = draft.segments.length;
  readParts(draft, 'answer', candidate.content, `${path}/content`);
  if (isCutOff(candidate.finishReason ?? candidate.finish_reason)) markTruncated(draft, from);
};

export const gemini: Format = {
  id: 'gemini',
  notText: notText(
    'thoughtSignature',
    'thought_signature',
    'inlineData',
    'inline_data',
    'citationMetadata',
    'groundingMetadata',
    'generationConfig',
    'logprobsResult',
  ),
  detect: (body) =>
    isObject(body) && (Array.isArray(body.candidates) || isObject(body.promptFeedback) || isObject(body.usageMetadata)),
  read: ({ body, path, request, requestPath }) => {
    const draft = createDraft();
    const response = asObject(body) ?? {};
    if (request !== null) readRequest(draft, request, requestPath);
    draft.responseFrom = draft.segments.length;
    for (const [i, candidate] of asArray(response.candidates).entries()) {
      if (isObject(candidate)) readCandidate(draft, candidate, `${path}/candidates/${i}`);
    }
    draft.responseId = mendName(response.responseId ?? response.response_id);
    draft.model.provider = 'google';
    draft.model.name = mendName(response.modelVersion ?? response.model_version ?? request?.model);
    draft.occurredAt = instantOf(response.createTime ?? response.create_time);
    const usage = firstOf(response, path, ['usageMetadata', 'usage_metadata']);
    readUsage(draft, usage?.value, usage?.path ?? path);
    return draft;
  },
};
