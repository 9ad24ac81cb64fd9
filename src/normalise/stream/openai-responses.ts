import type { SegmentKind, UnreadField } from '../../domain/trace.ts';
import { asArray, asObject, asText, isObject, type Json } from '../json.ts';
import type { Assembler, OnText, StreamFormat, Taken } from './contract.ts';
import { type Growing, growing } from './merge.ts';

// OpenAI's Responses API. It tells everything up to three times: in deltas, in each item when it is done, and in the whole
// response at the end. The later word counts; text that only the deltas hold is kept too, since it was shown.

/** What a delta adds to: a list of parts of its item, or a field of the item itself. */
interface Target {
  readonly item: string;
  readonly kind: SegmentKind;
  readonly list?: 'content' | 'summary';
  readonly part?: string;
  readonly field: string;
  /** Key of the whole text in the `done` event. */
  readonly whole: string;
}

const part = (item: string, kind: SegmentKind, list: 'content' | 'summary', type: string, field = 'text'): Target => ({
  item,
  kind,
  list,
  part: type,
  field,
  whole: field,
});
const field = (item: string, name: string): Target => ({ item, kind: 'tool_call', field: name, whole: name });

/** By the event's type without `response.` and `.delta` or `.done`. */
const TARGETS: ReadonlyMap<string, Target> = new Map([
  ['output_text', part('message', 'answer', 'content', 'output_text')],
  ['refusal', part('message', 'answer', 'content', 'refusal', 'refusal')],
  ['audio.transcript', part('message', 'answer', 'content', 'output_audio', 'transcript')],
  ['output_audio_transcript', part('message', 'answer', 'content', 'output_audio', 'transcript')],
  ['reasoning_text', part('reasoning', 'reasoning', 'content', 'reasoning_text')],
  ['reasoning', part('reasoning', 'reasoning', 'content', 'reasoning_text')],
  ['reasoning_summary_text', part('reasoning', 'reasoning_summary', 'summary', 'summary_text')],
  ['reasoning_summary', part('reasoning', 'reasoning_summary', 'summary', 'summary_text')],
  ['function_call_arguments', field('function_call', 'arguments')],
  ['mcp_call_arguments', field('mcp_call', 'arguments')],
  ['mcp_call.arguments', field('mcp_call', 'arguments')],
  ['custom_tool_call_input', field('custom_tool_call', 'input')],
  ['code_interpreter_call_code', field('code_interpreter_call', 'code')],
  ['code_interpreter_call.code', field('code_interpreter_call', 'code')],
]);

/** Events that tell of progress, or repeat what the items say. */
const PASSED_OVER =
  /^response\.(?:queued|created|in_progress|keepalive|content_part\.(?:added|done)|reasoning_summary_part\.(?:added|done)|output_text\.annotation\.added|audio\.(?:delta|done)|output_audio\.(?:delta|done)|image_generation_call\.\w+|(?:\w+_call|mcp_list_tools)\.(?:in_progress|searching|interpreting|generating|completed|failed))$/;

interface Item {
  /** As it was added, or done; null where only deltas told of it. */
  value: Json | null;
  done: boolean;
  /** By list and index, or by field: what the deltas came to. */
  readonly streamed: Map<string, { readonly target: Target; readonly index: number; text: string }>;
}

const indexOf = (value: unknown): number =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : 0;

/** The item with what was streamed of it, wherever the item itself does not say as much. */
const complete = (item: Item, at: string, lost: UnreadField[]): Json => {
  const streamed = [...item.streamed.values()];
  const value: Growing = Object.assign(growing(), item.value ?? { type: streamed[0]?.target.item ?? 'message' });
  for (const { target, index, text } of streamed.sort((a, b) => a.index - b.index)) {
    if (target.list === undefined) {
      const said = asText(value[target.field]) ?? '';
      if (text.startsWith(said)) value[target.field] = text;
      else if (said !== text) lost.push({ path: `${at}/${target.field}`, bytes: Buffer.byteLength(text) });
      continue;
    }
    const parts = [...asArray(value[target.list])];
    value[target.list] = parts;
    const present = asObject(parts[index]);
    const said = asText(present?.[target.field]) ?? '';
    const grown = { ...(present ?? { type: target.part }), [target.field]: text };
    if (said.startsWith(text)) continue;
    if (text.startsWith(said) && index <= parts.length) parts[index] = grown;
    else parts.push({ type: target.part, [target.field]: text });
  }
  return value;
};

const createAssembler = (onText: OnText): Assembler => {
  const items = new Map<number, Item>();
  let first: Json = growing();
  let last: Json | null = null;
  let closed = false;

  const itemAt = (index: number): Item => {
    const known = items.get(index);
    if (known !== undefined) return known;
    const fresh: Item = { value: null, done: false, streamed: new Map() };
    items.set(index, fresh);
    return fresh;
  };

  const pushText = (event: Json, target: Target, done: boolean): void => {
    const at = indexOf(event.output_index);
    const index = indexOf(target.list === 'summary' ? event.summary_index : event.content_index);
    const key = target.list === undefined ? target.field : `${target.list}/${index}/${target.part}`;
    const { streamed } = itemAt(at);
    const entry = streamed.get(key) ?? { target, index, text: '' };
    streamed.set(key, entry);
    if (!done) {
      const delta = asText(event.delta) ?? asText(asObject(event.delta)?.text) ?? '';
      entry.text += delta;
      if (delta !== '') onText(`${at}/${key}`, target.kind, delta);
      return;
    }
    const whole = asText(event[target.whole]) ?? asText(event.text);
    if (whole === null || !whole.startsWith(entry.text)) return;
    const more = whole.slice(entry.text.length);
    entry.text = whole;
    if (more !== '') onText(`${at}/${key}`, target.kind, more);
  };

  const pushItem = (event: Json, done: boolean): Taken => {
    const item = itemAt(indexOf(event.output_index));
    if (isObject(event.item) && (done || !item.done)) {
      item.value = event.item;
      item.done = done;
    }
    return 'known';
  };

  const close = (response: unknown, whole: boolean): Taken => {
    last = asObject(response) ?? last;
    closed = whole;
    return 'known';
  };

  return {
    push: (event) => {
      const type = String(event.type);
      if (type === 'response.created' || type === 'response.in_progress' || type === 'response.queued') {
        first = asObject(event.response) ?? first;
        return 'known';
      }
      if (type === 'response.output_item.added') return pushItem(event, false);
      if (type === 'response.output_item.done') return pushItem(event, true);
      if (type === 'response.completed') return close(event.response, true);
      if (type === 'response.incomplete' || type === 'response.failed') return close(event.response, false);
      const match = /^response\.(.+)\.(delta|done)$/.exec(type);
      const target = TARGETS.get(match?.[1] ?? '');
      if (target !== undefined) {
        pushText(event, target, match?.[2] === 'done');
        return 'known';
      }
      return type === 'error' || PASSED_OVER.test(type) ? 'known' : 'alien';
    },
    end: () => undefined,
    finish: (broken) => {
      const lost: UnreadField[] = [];
      const final = asArray(last?.output);
      for (const [i, value] of final.entries()) {
        if (!isObject(value)) continue;
        const item = itemAt(i);
        item.value = value;
        item.done = true;
      }
      const output = [...items].sort(([a], [b]) => a - b).map(([, item], i) => complete(item, `/output/${i}`, lost));
      const body: Json = { ...first, ...last, object: 'response', output };
      return { body, open: broken || !closed ? [''] : [], lost };
    },
  };
};

export const openaiResponsesStream: StreamFormat = {
  format: 'openai.responses',
  claims: ({ type }) => typeof type === 'string' && type.startsWith('response.'),
  create: createAssembler,
};
