import fc, { type Arbitrary } from 'fast-check';

// Payloads of every format, of any size and mixture. Where the format says that text stands, the payload has a Leaf;
// `plant` puts hostile text with a mark of its own there, so that a test can ask what became of each.

class Leaf {
  readonly hostile: string;
  readonly kind: 'text' | 'sealed';

  constructor(hostile: string, kind: 'text' | 'sealed') {
    this.hostile = hostile;
    this.kind = kind;
  }
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '\u0000',
    '\ud800',
    'x\udc00',
    '</think>',
    '<think>',
    '<think><think>',
    '"',
    '\\',
    '__proto__',
    '{"a":',
  ),
  fc.constant('long '.repeat(60)),
);

const text: Arbitrary<unknown> = hostile.map((value) => new Leaf(value, 'text'));
const sealed: Arbitrary<unknown> = fc.constant(new Leaf('c2Vh'.repeat(60), 'sealed'));
const id = fc.string({ unit: 'grapheme', maxLength: 6 });
const list = (item: Arbitrary<unknown>) => fc.array(item, { maxLength: 4 });
const args = fc.oneof(text, fc.record({ '': text, 'a/b~c': fc.record({ deep: text }) }));
const some = (fields: { readonly [key: string]: Arbitrary<unknown> }, ...required: readonly string[]) =>
  fc.record(fields, { requiredKeys: [...required] });

const parts = list(fc.oneof(some({ type: fc.constant('text'), text }, 'type', 'text'), fc.record({ refusal: text })));
const content = fc.oneof(text, parts, fc.constant(null));

const chatMessage = some({
  content,
  // One of these at a time: that the same text is not read twice is another test.
  reasoning_content: text,
  reasoning_details: list(
    fc.oneof(
      fc.record({ type: fc.constant('reasoning.text'), text }),
      fc.record({ type: fc.constant('reasoning.summary'), summary: text }),
      fc.record({ type: fc.constant('reasoning.encrypted'), data: sealed }),
    ),
  ),
  thinking_blocks: list(
    fc.oneof(
      fc.record({ thinking: text, signature: sealed }),
      fc.record({ type: fc.constant('redacted_thinking'), data: sealed }),
    ),
  ),
  refusal: text,
  tool_calls: list(fc.record({ id, function: fc.record({ name: id, arguments: args }) })),
  function_call: fc.record({ name: id, arguments: text }),
});

const history = list(
  fc.oneof(
    fc.record({ role: fc.constantFrom('system', 'developer', 'user', 'tool', 'oracle'), content, tool_call_id: id }),
    chatMessage.map((message) => ({ ...message, role: 'assistant' })),
  ),
);

const wrapped = (request: Arbitrary<unknown>, response: Arbitrary<unknown>) =>
  fc.oneof(response, fc.record({ request, response }));

const openaiChat = wrapped(
  fc.record({ messages: history }),
  fc.record({
    choices: list(fc.record({ message: chatMessage, finish_reason: fc.constantFrom('stop', 'length', null) })),
  }),
);

const item = fc.oneof(
  some(
    {
      type: fc.constant('reasoning'),
      summary: list(fc.record({ type: fc.constant('summary_text'), text })),
      content: list(fc.record({ type: fc.constant('reasoning_text'), text })),
      encrypted_content: sealed,
    },
    'type',
  ),
  fc.record({
    type: fc.constant('message'),
    role: fc.constant('assistant'),
    content: list(fc.oneof(fc.record({ type: fc.constant('output_text'), text }), fc.record({ refusal: text }))),
  }),
  fc.record({ type: fc.constant('function_call'), name: id, call_id: id, arguments: args }),
  fc.record({
    type: fc.constant('function_call_output'),
    call_id: id,
    output: fc.oneof(args, list(fc.record({ text }))),
  }),
  fc.record({ type: fc.constant('custom_tool_call'), name: id, input: text }),
  fc.record({ type: fc.constant('code_interpreter_call'), code: text, outputs: list(fc.record({ logs: text })) }),
);

const openaiResponses = wrapped(
  some({ instructions: text, input: fc.oneof(text, list(item)) }),
  fc.record({ object: fc.constant('response'), output: list(item) }),
);

const anthropicBlock = fc.oneof(
  fc.record({ type: fc.constant('thinking'), thinking: text, signature: sealed }),
  fc.record({ type: fc.constant('redacted_thinking'), data: sealed }),
  fc.record({ type: fc.constant('text'), text }),
  fc.record({ type: fc.constantFrom('tool_use', 'server_tool_use'), id, name: id, input: args }),
  fc.record({
    type: fc.constantFrom('tool_result', 'web_search_tool_result'),
    tool_use_id: id,
    content: fc.oneof(
      text,
      list(fc.record({ type: fc.constant('text'), text })),
      fc.record({ stdout: text, encrypted_content: sealed }),
    ),
  }),
);

const anthropic = wrapped(
  some({
    system: fc.oneof(text, list(fc.record({ type: fc.constant('text'), text }))),
    messages: list(
      fc.record({ role: fc.constantFrom('user', 'assistant'), content: fc.oneof(text, list(anthropicBlock)) }),
    ),
  }),
  fc.record({
    type: fc.constant('message'),
    content: list(anthropicBlock),
    stop_reason: fc.constantFrom('end_turn', 'max_tokens'),
  }),
);

const bedrockBlock = fc.oneof(
  fc.record({ text }),
  fc.record({ reasoningContent: fc.record({ reasoningText: fc.record({ text, signature: sealed }) }) }),
  fc.record({ reasoningContent: fc.record({ redactedContent: sealed }) }),
  fc.record({ toolUse: fc.record({ toolUseId: id, name: id, input: args }) }),
  fc.record({
    toolResult: fc.record({ toolUseId: id, content: list(fc.oneof(fc.record({ text }), fc.record({ json: args }))) }),
  }),
);

const bedrock = wrapped(
  some({
    system: list(fc.record({ text })),
    messages: list(fc.record({ role: fc.constantFrom('user', 'assistant'), content: list(bedrockBlock) })),
  }),
  fc.record({
    output: fc.record({ message: fc.record({ content: list(bedrockBlock) }) }),
    stopReason: fc.constantFrom('end_turn', 'max_tokens'),
  }),
);

const geminiParts = list(
  fc.oneof(
    fc.record({ text }),
    fc.record({ text, thought: fc.constant(true) }),
    fc.record({ text, thoughtSignature: sealed }),
    fc.record({ functionCall: fc.record({ name: id, args }) }),
    fc.record({ functionResponse: fc.record({ name: id, response: args }) }),
    fc.record({ executableCode: fc.record({ code: text }) }),
    fc.record({ codeExecutionResult: fc.record({ output: text }) }),
  ),
);

const gemini = wrapped(
  some({
    systemInstruction: fc.record({ parts: geminiParts }),
    contents: list(fc.record({ role: fc.constantFrom('user', 'model'), parts: geminiParts })),
  }),
  fc.record({
    candidates: list(
      fc.record({ content: fc.record({ parts: geminiParts }), finishReason: fc.constantFrom('STOP', 'MAX_TOKENS') }),
    ),
  }),
);

const step = fc.oneof(
  some({ type: fc.constant('thought'), signature: sealed, summary: list(fc.record({ text })) }, 'type', 'signature'),
  fc.record({ type: fc.constant('function_call'), name: id, arguments: args }),
  fc.record({ type: fc.constant('function_result'), call_id: id, result: args }),
  fc.record({ type: fc.constantFrom('model_output', 'user_input'), content: list(fc.record({ text })) }),
);

const inspectMessage = fc.oneof(
  fc.record({
    role: fc.constantFrom('system', 'user', 'tool'),
    content: fc.oneof(text, list(fc.record({ type: fc.constant('text'), text }))),
  }),
  fc.record({
    role: fc.constant('assistant'),
    content: fc.oneof(
      text,
      list(
        fc.oneof(
          fc.record({ type: fc.constant('text'), text }),
          fc.record({
            type: fc.constant('reasoning'),
            reasoning: text,
            redacted: fc.constant(false),
            signature: sealed,
          }),
          fc.record({ type: fc.constant('reasoning'), reasoning: sealed, summary: text, redacted: fc.constant(true) }),
          fc.record({ type: fc.constant('tool_use'), name: id, arguments: text, result: text }),
        ),
      ),
    ),
    tool_calls: list(fc.record({ id, function: id, arguments: args })),
  }),
);

const inspectSample = fc.record({ epoch: fc.constant(1), messages: list(inspectMessage) });
const inspect = fc.oneof(
  inspectSample,
  fc.record({ eval: fc.constant({}), samples: fc.array(inspectSample, { minLength: 1, maxLength: 1 }) }),
);

const genaiPart = fc.oneof(
  fc.record({ type: fc.constantFrom('text', 'reasoning'), content: text }),
  fc.record({ type: fc.constant('tool_call'), name: id, arguments: args }),
  fc.record({ type: fc.constant('tool_call_response'), id, response: args }),
);
const genaiMessages = list(
  fc.record({
    role: fc.constantFrom('user', 'assistant', 'tool', 'system'),
    parts: list(genaiPart),
    finish_reason: fc.constantFrom('stop', 'length'),
  }),
);
const otel = some(
  { 'gen_ai.input.messages': genaiMessages, 'gen_ai.output.messages': genaiMessages },
  'gen_ai.output.messages',
);

const oiMessage = fc.record({
  message: some({
    role: fc.constantFrom('user', 'assistant', 'system', 'tool'),
    contents: list(
      fc.record({
        message_content: fc.oneof(
          fc.record({ type: fc.constantFrom('text', 'reasoning'), text }),
          fc.record({ type: fc.constant('reasoning'), data: sealed }),
        ),
      }),
    ),
  }),
});
const openinference = fc.record({
  llm: some({ output_messages: list(oiMessage), input_messages: list(oiMessage) }, 'output_messages'),
});

const langfuseMessage = some(
  {
    role: fc.constant('assistant'),
    content,
    thinking: list(some({ content: text, summary: text, signature: sealed })),
    redacted_thinking: list(fc.record({ type: fc.constant('redacted_thinking'), data: sealed })),
  },
  'role',
);
const langfuse = fc.oneof(
  fc.tuple(fc.record({ role: fc.constant('user'), content }), langfuseMessage),
  fc.record({ input: fc.tuple(fc.record({ role: fc.constant('user'), content })), output: langfuseMessage }),
);

const canonical = fc.record({
  segments: list(fc.record({ kind: fc.constantFrom('user', 'reasoning', 'answer', 'tool_call'), text })),
});

const short = some({ prompt: text, reasoning: text, output: text }, 'output');

/** One arbitrary for each format id. */
export const PAYLOADS: Readonly<Record<string, Arbitrary<unknown>>> = {
  canonical,
  short,
  'openai.chat': openaiChat,
  'openai.responses': openaiResponses,
  'anthropic.messages': anthropic,
  'bedrock.converse': bedrock,
  gemini,
  'gemini.interactions': fc.record({ steps: fc.array(step, { minLength: 1, maxLength: 5 }) }),
  inspect,
  'otel.genai': otel,
  openinference,
  langfuse,
};

export interface Planted {
  readonly payload: unknown;
  /** Marks of text that must be read. */
  readonly texts: readonly string[];
  /** Marks of ciphertext, which must not. */
  readonly sealed: readonly string[];
}

/** Replaces every Leaf by its hostile text with a mark in the middle. */
export const plant = (template: unknown): Planted => {
  const marks = { text: [] as string[], sealed: [] as string[] };
  const walk = (value: unknown): unknown => {
    if (value instanceof Leaf) {
      const mark = `«mark${marks.text.length + marks.sealed.length}»`;
      marks[value.kind].push(mark);
      return `${value.hostile}${mark}${value.hostile}`;
    }
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
  };
  return { payload: walk(template), texts: marks.text, sealed: marks.sealed };
};

/** Dotted keys for nested values, as OpenInference's exporters send them. */
export const flatten = (value: unknown, prefix = ''): { readonly [key: string]: unknown } => {
  const flat: { [key: string]: unknown } = {};
  for (const [key, inner] of Object.entries(value as object)) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof inner === 'object' && inner !== null) Object.assign(flat, flatten(inner, name));
    else flat[name] = inner;
  }
  return flat;
};
