import { readMessage, readMessages } from './chat-message.ts';
import { addAnswer, addText, createDraft, type Draft, isCutOff, markTruncated } from './draft.ts';
import { type Format, notText } from './format.ts';
import { asArray, asObject, isObject, type Json } from './json.ts';
import { mendName } from './names.ts';
import { instantOf, readUsage } from './provider-fields.ts';

// Langfuse's ChatML: an exported observation with `input` and `output`, a `{messages}` object, or the bare list of
// messages. Its normalised messages keep thinking in a list beside the content.

const hasRole = (value: unknown): boolean => typeof asObject(value)?.role === 'string';

const isMessageList = (value: unknown): boolean => asArray(value).length > 0 && hasRole(asArray(value)[0]);

const isTyped = (value: unknown): boolean => typeof asObject(asArray(value)[0])?.type === 'string';

const isObservation = (body: Json): boolean => {
  const { input, output } = body;
  if (isTyped(output) || Array.isArray(asObject(output)?.choices)) return false;
  const told = isMessageList(input) || isMessageList(asObject(input)?.messages);
  return isMessageList(output) || hasRole(output) || (told && Object.hasOwn(body, 'output'));
};

/** A side of an observation: messages, one message, or plain text. */
const readSide = (draft: Draft, value: unknown, path: string, role: 'user' | 'assistant'): void => {
  if (typeof value === 'string') {
    if (role === 'assistant') addAnswer(draft, value, path);
    else addText(draft, 'user', value, path);
  } else if (Array.isArray(value)) {
    for (const [i, message] of value.entries()) readMessage(draft, message, `${path}/${i}`, role);
  } else if (isObject(value) && Array.isArray(value.messages)) {
    readMessages(draft, value.messages, `${path}/messages`);
  } else {
    readMessage(draft, value, path, role);
  }
};

const isInspectLike = (body: Json): boolean =>
  isObject(body.output) || Object.hasOwn(body, 'epoch') || Object.hasOwn(body, 'scores');

export const langfuse: Format = {
  id: 'langfuse',
  notText: notText('id', 'data', 'metadata', 'promptName', 'modelParameters'),
  detect: (body) => {
    if (Array.isArray(body)) return isMessageList(body);
    if (!isObject(body) || Object.hasOwn(body, 'choices') || Object.hasOwn(body, 'segments')) return false;
    return isObservation(body) || (isMessageList(body.messages) && !isInspectLike(body));
  },
  read: ({ body, path, request, requestPath }) => {
    const draft = createDraft();
    readMessages(draft, request?.messages, `${requestPath}/messages`);
    if (Array.isArray(body)) {
      draft.responseFrom = draft.segments.length;
      readMessages(draft, body, path);
      return draft;
    }
    const observation = asObject(body) ?? {};
    readSide(draft, observation.input, `${path}/input`, 'user');
    draft.responseFrom = draft.segments.length;
    readMessages(draft, observation.messages, `${path}/messages`);
    readSide(draft, observation.output, `${path}/output`, 'assistant');
    if (isCutOff(asObject(observation.output)?.finish_reason)) markTruncated(draft, draft.responseFrom);
    draft.responseId = mendName(observation.id);
    draft.conversationId = mendName(observation.sessionId);
    draft.model.name = mendName(observation.model);
    draft.occurredAt = instantOf(observation.startTime);
    const key = isObject(observation.usageDetails) ? 'usageDetails' : 'usage';
    readUsage(draft, observation[key], `${path}/${key}`);
    return draft;
  },
};
