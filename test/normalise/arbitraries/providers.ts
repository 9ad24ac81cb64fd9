import fc from 'fast-check';
import { args, content, id, list, sealed, some, text, wrapped } from './leaves.ts';

// Payloads as providers of models send them.

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

export const openaiChat = wrapped(
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

export const openaiResponses = wrapped(
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

export const anthropic = wrapped(
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

export const bedrock = wrapped(
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

export const gemini = wrapped(
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

export const geminiInteractions = fc.record({ steps: fc.array(step, { minLength: 1, maxLength: 5 }) });
