import type { SegmentKind } from '../../domain/trace.ts';
import { asObject, asText, isObject, type Json, parseJson } from '../json.ts';
import type { Assembler, OnText, StreamFormat } from './contract.ts';
import { type Growing, growing, mergeDelta } from './merge.ts';

// Anthropic's Messages: blocks by index, each started, grown and stopped. What a server says of a block that was never
// started, or was stopped already, is still what the model said: it is put where it belongs.

const BLOCK_OF_DELTA: Readonly<Record<string, string>> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'thinking',
  input_json_delta: 'tool_use',
  citations_delta: 'text',
};

const KIND_OF_KEY: Readonly<Record<string, SegmentKind>> = {
  text: 'answer',
  thinking: 'reasoning',
  partial_json: 'tool_call',
};

interface Block {
  readonly value: Growing;
  /** Arguments of a call, as they came. */
  input: string;
}

const EVENTS = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
  'ping',
  'error',
]);

/** Arguments that do not parse were cut off: they are kept as they came. */
const settle = ({ value, input }: Block): Growing => {
  if (input !== '') value.input = parseJson(input) ?? input;
  return value;
};

const createAssembler = (onText: OnText): Assembler => {
  const message = growing();
  // A second message in the same body starts its indices anew.
  const rounds: Map<number, Block>[] = [new Map()];
  let stopped = false;

  const blockAt = (index: number, type: string | undefined): Block => {
    const blocks = rounds.at(-1)!;
    const known = blocks.get(index);
    if (known !== undefined) return known;
    const fresh = { value: growing(), input: '' };
    if (type !== undefined) fresh.value.type = type;
    blocks.set(index, fresh);
    return fresh;
  };

  const tell = (index: number, key: string, text: unknown): void => {
    const kind = KIND_OF_KEY[key];
    if (kind !== undefined && typeof text === 'string' && text !== '') {
      onText(`${rounds.length}/${index}/${kind}`, kind, text);
    }
  };

  const pushDelta = (index: number, delta: Json): void => {
    const type = typeof delta.type === 'string' ? delta.type : '';
    const block = blockAt(index, Object.hasOwn(BLOCK_OF_DELTA, type) ? BLOCK_OF_DELTA[type] : undefined);
    for (const key of Object.keys(delta)) {
      if (key === 'type') continue;
      tell(index, key, delta[key]);
      if (key === 'partial_json') block.input += asText(delta[key]) ?? '';
      else if (key === 'citation') continue;
      else mergeDelta(block.value, { [key]: delta[key] });
    }
  };

  return {
    push: (event) => {
      const index = typeof event.index === 'number' ? event.index : 0;
      switch (event.type) {
        case 'message_start': {
          if (rounds[0]!.size > 0) rounds.push(new Map());
          stopped = false;
          const { content: _, ...start } = asObject(event.message) ?? {};
          mergeDelta(message, start);
          break;
        }
        case 'content_block_start': {
          const start = asObject(event.content_block) ?? {};
          mergeDelta(blockAt(index, undefined).value, start);
          tell(index, 'text', start.text);
          tell(index, 'thinking', start.thinking);
          break;
        }
        case 'content_block_delta':
          pushDelta(index, asObject(event.delta) ?? {});
          break;
        case 'message_delta': {
          Object.assign(message, asObject(event.delta) ?? {});
          const usage = asObject(event.usage);
          if (usage !== null) message.usage = { ...asObject(message.usage), ...usage };
          break;
        }
        case 'message_stop':
          stopped = true;
          break;
      }
      return EVENTS.has(String(event.type)) ? 'known' : 'alien';
    },
    end: () => undefined,
    finish: (broken) => {
      message.type = 'message';
      message.content = rounds.flatMap((blocks) =>
        [...blocks].sort(([a], [b]) => a - b).map(([, block]) => settle(block)),
      );
      return { body: message, open: broken || !stopped ? [''] : [], lost: [] };
    },
  };
};

export const anthropicMessagesStream: StreamFormat = {
  format: 'anthropic.messages',
  claims: ({ type, message }) =>
    type === 'message_start' ? isObject(message) : type !== 'error' && type !== 'ping' && EVENTS.has(String(type)),
  create: createAssembler,
};
