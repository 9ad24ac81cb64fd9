import fc from 'fast-check';
import { args, content, id, list, sealed, some, text } from './leaves.ts';

// Payloads as logs, tracers and exporters keep them.

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
export const inspect = fc.oneof(
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
export const otel = some(
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
export const openinference = fc.record({
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
export const langfuse = fc.oneof(
  fc.tuple(fc.record({ role: fc.constant('user'), content }), langfuseMessage),
  fc.record({ input: fc.tuple(fc.record({ role: fc.constant('user'), content })), output: langfuseMessage }),
);
