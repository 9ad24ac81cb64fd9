import { readMessage, readMessages } from './chat-message.ts';
import { addAnswer, addText, createDraft, type Draft, isCutOff, markTruncated } from './draft.ts';
import { type Format, notText } from './format.ts';
import { asArray, asObject, isObject, type Json } from './json.ts';
import { mendName } from './names.ts';
import { instantOf, readUsage } from './provider-fields.ts';

// Chat Completions, in OpenAI's own words and in those of DeepSeek, vLLM, OpenRouter, LiteLLM, Mistral and Ollama (whose
// native answer has the one message at its top). Every choice is read: a flag may hide in the second.

/** Ollama's native `/api/chat`: one message, no choices. */
const isOllama = (body: Json): boolean => isObject(body.message) && typeof body.done === 'boolean';

const readChoice = (draft: Draft, choice: Json, path: string): void => {
  const from = draft.segments.length;
  const key = isObject(choice.message) ? 'message' : 'delta';
  readMessage(draft, choice[key], `${path}/${key}`, 'assistant');
  addAnswer(draft, choice.text, `${path}/text`);
  if (isCutOff(choice.finish_reason ?? choice.done_reason)) markTruncated(draft, from);
};

export const openaiChat: Format = {
  id: 'openai.chat',
  notText: notText('id', 'system_fingerprint', 'token_ids', 'prompt_logprobs', 'annotations'),
  detect: (body) => isObject(body) && (Array.isArray(body.choices) || isOllama(body)),
  read: ({ body, path, request, requestPath }) => {
    const draft = createDraft();
    const response = asObject(body) ?? {};
    if (request !== null) {
      readMessages(draft, request.messages, `${requestPath}/messages`);
      addText(draft, 'user', request.prompt, `${requestPath}/prompt`);
    }
    draft.responseFrom = draft.segments.length;
    for (const [i, choice] of asArray(response.choices).entries()) {
      if (isObject(choice)) readChoice(draft, choice, `${path}/choices/${i}`);
    }
    if (isOllama(response)) readChoice(draft, response, path);
    draft.responseId = mendName(response.id);
    draft.model.name = mendName(response.model ?? request?.model);
    draft.model.provider = mendName(response.provider);
    draft.occurredAt = instantOf(response.created ?? response.created_at);
    readUsage(
      draft,
      response.usage ?? (isOllama(response) ? response : null),
      'usage' in response ? `${path}/usage` : path,
    );
    return draft;
  },
};
