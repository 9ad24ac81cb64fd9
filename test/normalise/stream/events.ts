// Responses as their providers would stream them, each text cut where the test says.

/** Cuts a text into pieces; the cuts are places in it. */
export type Cut = (text: string) => readonly string[];

export const whole: Cut = (text) => [text];

/** Every `size` code units. */
export const every =
  (size: number): Cut =>
  (text) =>
    text === ''
      ? ['']
      : Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, i * size + size));

export interface ChatChoice {
  readonly reasoning?: string;
  readonly content?: string;
  readonly calls?: readonly { readonly name: string; readonly arguments: string }[];
  readonly finish?: string | null;
}

const chunk = (index: number, delta: object, finish: string | null = null) => ({
  id: 'chat-1',
  object: 'chat.completion.chunk',
  created: 1_770_000_000,
  model: 'm-1',
  choices: [{ index, delta, finish_reason: finish, logprobs: null }],
});

export const chatEvents = (choices: readonly ChatChoice[], cut: Cut, key = 'reasoning_content'): object[] => {
  const streams = choices.map((choice, index) => [
    chunk(index, { role: 'assistant', content: '' }),
    ...(choice.reasoning === undefined ? [] : cut(choice.reasoning).map((text) => chunk(index, { [key]: text }))),
    ...(choice.content === undefined ? [] : cut(choice.content).map((text) => chunk(index, { content: text }))),
    ...(choice.calls ?? []).flatMap((call, at) => [
      chunk(index, {
        tool_calls: [{ index: at, id: `call-${at}`, type: 'function', function: { name: call.name, arguments: '' } }],
      }),
      ...cut(call.arguments).map((text) =>
        chunk(index, { tool_calls: [{ index: at, function: { arguments: text } }] }),
      ),
    ]),
    ...(choice.finish === null ? [] : [chunk(index, {}, choice.finish ?? 'stop')]),
  ]);
  return interleave(streams);
};

/** Choices come interleaved, as servers send them. */
const interleave = (streams: readonly (readonly object[])[]): object[] => {
  const longest = Math.max(0, ...streams.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) =>
    streams.flatMap((stream) => (i < stream.length ? [stream[i]!] : [])),
  ).flat();
};

export const chatWhole = (choices: readonly ChatChoice[], key = 'reasoning_content') => ({
  id: 'chat-1',
  object: 'chat.completion',
  created: 1_770_000_000,
  model: 'm-1',
  choices: choices.map((choice, index) => ({
    index,
    finish_reason: choice.finish ?? 'stop',
    message: {
      role: 'assistant',
      content: choice.content ?? '',
      ...(choice.reasoning === undefined ? {} : { [key]: choice.reasoning }),
      ...(choice.calls === undefined
        ? {}
        : { tool_calls: choice.calls.map((call, at) => ({ id: `call-${at}`, type: 'function', function: call })) }),
    },
  })),
});

export interface AnthropicBlock {
  readonly type: 'thinking' | 'text' | 'tool_use' | 'redacted_thinking';
  readonly text: string;
}

const startOf = ({ type, text }: AnthropicBlock, index: number): object => {
  if (type === 'thinking') return { type, thinking: '', signature: '' };
  if (type === 'text') return { type, text: '' };
  return type === 'tool_use' ? { type, id: `tu-${index}`, name: 'run', input: {} } : { type, data: text };
};

const deltaOf = ({ type }: AnthropicBlock, text: string): object => {
  if (type === 'thinking') return { type: 'thinking_delta', thinking: text };
  return type === 'text' ? { type: 'text_delta', text } : { type: 'input_json_delta', partial_json: text };
};

export const anthropicEvents = (blocks: readonly AnthropicBlock[], cut: Cut, stop = 'end_turn'): object[] => [
  {
    type: 'message_start',
    message: {
      id: 'msg-1',
      type: 'message',
      role: 'assistant',
      model: 'm-2',
      content: [],
      stop_reason: null,
      usage: { input_tokens: 5 },
    },
  },
  { type: 'ping' },
  ...blocks.flatMap((block, index) => [
    { type: 'content_block_start', index, content_block: startOf(block, index) },
    ...(block.type === 'redacted_thinking'
      ? []
      : cut(block.text).map((text) => ({ type: 'content_block_delta', index, delta: deltaOf(block, text) }))),
    ...(block.type === 'thinking'
      ? [{ type: 'content_block_delta', index, delta: { type: 'signature_delta', signature: 'c2ln' } }]
      : []),
    { type: 'content_block_stop', index },
  ]),
  { type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: 9 } },
  { type: 'message_stop' },
];

export const anthropicWhole = (blocks: readonly AnthropicBlock[], stop = 'end_turn') => ({
  id: 'msg-1',
  type: 'message',
  role: 'assistant',
  model: 'm-2',
  content: blocks.map((block, index) => {
    const { type, text } = block;
    if (type === 'thinking') return { type, thinking: text, signature: 'c2ln' };
    if (type === 'text') return { type, text };
    return type === 'tool_use'
      ? { type, id: `tu-${index}`, name: 'run', input: JSON.parse(text) }
      : { type, data: text };
  }),
  stop_reason: stop,
  usage: { input_tokens: 5, output_tokens: 9 },
});

export interface ResponsesItem {
  readonly type: 'reasoning' | 'summary' | 'message' | 'function_call';
  readonly text: string;
}

const itemOf = ({ type, text }: ResponsesItem, index: number, started: boolean): object => {
  const status = started ? 'in_progress' : 'completed';
  const id = `item-${index}`;
  const said = started ? [] : [text];
  if (type === 'message') {
    return {
      id,
      type,
      role: 'assistant',
      status,
      content: said.map((t) => ({ type: 'output_text', text: t, annotations: [] })),
    };
  }
  if (type === 'function_call') return { id, type, status, call_id: id, name: 'run', arguments: started ? '' : text };
  return {
    id,
    type: 'reasoning',
    status,
    summary: type === 'summary' ? said.map((t) => ({ type: 'summary_text', text: t })) : [],
    content: type === 'reasoning' ? said.map((t) => ({ type: 'reasoning_text', text: t })) : [],
  };
};

const DELTA: Readonly<Record<ResponsesItem['type'], string>> = {
  reasoning: 'response.reasoning_text',
  summary: 'response.reasoning_summary_text',
  message: 'response.output_text',
  function_call: 'response.function_call_arguments',
};

const PLACE: Readonly<Record<ResponsesItem['type'], object>> = {
  reasoning: { content_index: 0 },
  summary: { summary_index: 0 },
  message: { content_index: 0 },
  function_call: {},
};

export const responsesWhole = (items: readonly ResponsesItem[]) => ({
  id: 'resp-1',
  object: 'response',
  created_at: 1_770_000_000,
  model: 'm-3',
  status: 'completed',
  output: items.map((item, i) => itemOf(item, i, false)),
});

/** Without `repeats`, only the deltas tell what was said. */
export const responsesEvents = (items: readonly ResponsesItem[], cut: Cut, repeats = true): object[] => {
  const { output: _, ...head } = responsesWhole(items);
  return [
    { type: 'response.created', response: { ...head, status: 'in_progress', output: [] } },
    ...items.flatMap((item, index) => [
      { type: 'response.output_item.added', output_index: index, item: itemOf(item, index, true) },
      ...cut(item.text).map((delta) => ({
        type: `${DELTA[item.type]}.delta`,
        output_index: index,
        ...PLACE[item.type],
        delta,
      })),
      ...(repeats
        ? [{ type: 'response.output_item.done', output_index: index, item: itemOf(item, index, false) }]
        : []),
    ]),
    { type: 'response.completed', response: { ...head, output: repeats ? responsesWhole(items).output : [] } },
  ];
};

/** The events as a server writes them. */
export const sse = (events: readonly object[], end = '', newline = '\n'): string =>
  events
    .map((event) => {
      const type = (event as { type?: string }).type;
      const name = type === undefined ? '' : `event: ${type}${newline}`;
      return `${name}data: ${JSON.stringify(event)}${newline}${newline}`;
    })
    .join('') + end;

export const DONE = 'data: [DONE]\n\n';
