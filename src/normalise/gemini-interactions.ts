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

// Gemini's Interactions API: one list of typed steps. A thought always has its signature and only sometimes a summary.

const readTexts = (draft: Draft, kind: SegmentKind, value: unknown, path: string): boolean => {
  const from = draft.segments.length;
  const add = (text: unknown, at: string): void => {
    if (kind === 'answer') addAnswer(draft, text, at);
    else addText(draft, kind, text, at);
  };
  add(value, path);
  for (const [i, part] of asArray(value).entries()) {
    if (typeof part === 'string') add(part, `${path}/${i}`);
    else add(asObject(part)?.text, `${path}/${i}/text`);
  }
  return draft.segments.length > from;
};

const readStep = (draft: Draft, step: Json, path: string): void => {
  const type = asText(step.type) ?? '';
  if (type === 'thought') {
    if (!readTexts(draft, 'reasoning_summary', step.summary, `${path}/summary`)) addUnreadable(draft, 'omitted', path);
  } else if (type.endsWith('_call')) {
    const input = firstOf(step, path, ['arguments', 'args', 'input']);
    addCall(draft, { name: step.name ?? type, id: step.id, input, path });
  } else if (type.endsWith('_result')) {
    const result = firstOf(step, path, ['result', 'response', 'output']);
    addResult(draft, { name: step.name, id: step.call_id, value: result?.value, path: result?.path ?? path });
  } else {
    const kind = type === 'user_input' || step.role === 'user' ? 'user' : 'answer';
    readTexts(draft, kind, step.text, `${path}/text`);
    readTexts(draft, kind, step.content, `${path}/content`);
  }
};

export const geminiInteractions: Format = {
  id: 'gemini.interactions',
  notText: notText('id', 'data'),
  detect: (body) => isObject(body) && typeof asObject(asArray(body.steps)[0])?.type === 'string',
  read: ({ body, path, request, requestPath }) => {
    const draft = createDraft();
    const response = asObject(body) ?? {};
    readTexts(draft, 'system', request?.system_instruction, `${requestPath}/system_instruction`);
    readTexts(draft, 'user', request?.input, `${requestPath}/input`);
    draft.responseFrom = draft.segments.length;
    for (const [i, step] of asArray(response.steps).entries()) {
      if (isObject(step)) readStep(draft, step, `${path}/steps/${i}`);
    }
    if (isCutOff(asObject(response.incomplete_details)?.reason)) markTruncated(draft, draft.responseFrom);
    draft.responseId = mendName(response.id);
    // As in a chain of Responses: the first turn stands under its own id, which is what the second one names.
    draft.previousId = mendName(response.previous_interaction_id ?? request?.previous_interaction_id);
    draft.conversationId = draft.previousId ?? draft.responseId;
    draft.model.provider = 'google';
    draft.model.name = mendName(response.model ?? request?.model);
    draft.occurredAt = instantOf(response.created);
    readUsage(draft, response.usage, `${path}/usage`);
    return draft;
  },
};
