import type { SegmentKind } from '../../domain/trace.ts';
import { asArray, asObject, asText, isObject, type Json } from '../json.ts';
import type { Assembler, OnText, StreamFormat } from './contract.ts';
import { type Growing, growing, mergeDelta } from './merge.ts';

// Chat Completions chunks, of OpenAI and of everybody who imitates it. Every choice is put together on its own; a choice
// without a finish reason was cut off, unless the stream said that it was done.

/** Long, repeated in every chunk, and no text of the exchange. */
const DROPPED = new Set(['logprobs', 'prompt_logprobs', 'obfuscation']);

interface Choice {
  readonly value: Growing;
  readonly message: Growing;
}

const REASONING_KEYS = ['reasoning_content', 'reasoning', 'thinking', 'reasoning_text'];

/** Tells of the text in one delta. Servers that send a thought under two names tell of it twice: the first counts. */
const tell = (onText: OnText, choice: number, delta: Json): void => {
  const say = (key: string, kind: SegmentKind, text: unknown): void => {
    if (typeof text === 'string' && text !== '') onText(`${choice}/${key}`, kind, text);
  };
  const parts = (key: string, kind: SegmentKind, value: unknown): void => {
    for (const item of asArray(value)) {
      const part = asObject(item);
      if (part === null) continue;
      if (Array.isArray(part.thinking)) parts('thinking', 'reasoning', part.thinking);
      else if (typeof part.thinking === 'string') say('thinking', 'reasoning', part.thinking);
      else say(key, kind, part.text ?? part.summary);
    }
  };
  const key = REASONING_KEYS.find((name) => asText(delta[name]) !== null);
  if (key !== undefined) say('reasoning', 'reasoning', delta[key]);
  else if (Array.isArray(delta.reasoning_details)) parts('reasoning', 'reasoning', delta.reasoning_details);
  else parts('reasoning', 'reasoning', delta.thinking_blocks);
  say('content', 'answer', delta.content);
  parts('content', 'answer', delta.content);
  say('refusal', 'answer', delta.refusal);
  for (const item of asArray(delta.tool_calls)) {
    const call = asObject(item);
    say(`call-${call?.index ?? 0}`, 'tool_call', asObject(call?.function)?.arguments);
  }
  say('call', 'tool_call', asObject(delta.function_call)?.arguments);
};

const createAssembler = (onText: OnText): Assembler => {
  const body = growing();
  const choices = new Map<number, Choice>();
  let done = false;

  const choiceOf = (index: number): Choice => {
    const known = choices.get(index);
    if (known !== undefined) return known;
    const fresh = { value: growing(), message: growing() };
    choices.set(index, fresh);
    return fresh;
  };

  const pushChoice = (item: Json, place: number): void => {
    const index = typeof item.index === 'number' ? item.index : place;
    const { value, message } = choiceOf(index);
    const rest = growing();
    for (const key of Object.keys(item)) {
      if (key === 'delta' || key === 'message' || DROPPED.has(key)) continue;
      rest[key] = item[key];
    }
    mergeDelta(value, rest);
    // Some servers send what they have so far as `message`, beside the delta.
    const delta = asObject(item.delta) ?? asObject(item.message) ?? {};
    mergeDelta(message, delta);
    tell(onText, index, delta);
    if (typeof item.text === 'string' && item.text !== '') onText(`${index}/text`, 'answer', item.text);
  };

  return {
    push: (event) => {
      if (!Array.isArray(event.choices))
        return isObject(event.error) || asText(event.error) !== null ? 'known' : 'alien';
      for (const key of Object.keys(event)) {
        if (key === 'choices' || DROPPED.has(key)) continue;
        if (event[key] !== null) body[key] = event[key];
      }
      for (const [i, item] of event.choices.entries()) if (isObject(item)) pushChoice(item, i);
      return 'known';
    },
    end: () => {
      done = true;
    },
    finish: (broken) => {
      const ordered = [...choices].sort(([a], [b]) => a - b).map(([, choice]) => choice);
      const unfinished = ordered.flatMap(({ value }, i) =>
        asText(value.finish_reason) === null ? [`/choices/${i}`] : [],
      );
      body.object = 'chat.completion';
      body.choices = ordered.map(({ value, message }) =>
        typeof value.text === 'string' ? value : Object.assign(value, { message }),
      );
      const cut = broken || !done;
      return { body, open: cut ? (ordered.length === 0 ? [''] : unfinished) : [], lost: [] };
    },
  };
};

export const openaiChatStream: StreamFormat = {
  format: 'openai.chat',
  claims: (event) => Array.isArray(event.choices) || event.object === 'chat.completion.chunk',
  create: createAssembler,
};
