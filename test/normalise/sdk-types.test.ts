import type { Message, MessageCreateParamsNonStreaming } from '@anthropic-ai/sdk/resources/messages';
import type { ConverseCommandOutput } from '@aws-sdk/client-bedrock-runtime';
import type { GenerateContentResponse } from '@google/genai';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import type { Response } from 'openai/resources/responses/responses';
import { expect, test } from 'vitest';
import { normalise } from '../../src/normalise/normalise.ts';
import { SEALED } from './fixture.ts';

// Payloads typed by the SDKs of those who send them: a shape that a provider changes no longer compiles here.

const read = (payload: unknown) => {
  const { format, segments, unread } = normalise({ payload, tenant: 'default' }, new Date(0));
  expect(unread).toEqual([]);
  return [
    format,
    ...segments.map(({ kind, coverage, text }) => `${kind}${coverage === 'full' ? '' : ` ${coverage}`}: ${text}`),
  ];
};

const completion = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_770_000_000,
  model: 'finch',
  choices: [
    {
      index: 0,
      finish_reason: 'tool_calls',
      logprobs: null,
      message: {
        role: 'assistant',
        content: 'Looking.',
        refusal: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'look', arguments: '{}' } }],
      },
    },
  ],
  usage: {
    prompt_tokens: 1,
    completion_tokens: 2,
    total_tokens: 3,
    completion_tokens_details: { reasoning_tokens: 2 },
  },
} satisfies ChatCompletion;

const output = [
  {
    id: 'rs_1',
    type: 'reasoning',
    summary: [{ type: 'summary_text', text: 'Looked.' }],
    content: [{ type: 'reasoning_text', text: 'I look.' }],
    encrypted_content: null,
  },
  { id: 'fc_1', type: 'function_call', call_id: 'c', name: 'look', arguments: '{}' },
  {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [
      { type: 'output_text', text: 'Seen.', annotations: [] },
      { type: 'refusal', refusal: 'No more.' },
    ],
  },
] satisfies Response['output'];

test('OpenAI', () => {
  expect(read(completion)).toEqual(['openai.chat', 'answer: Looking.', 'tool_call: {}', 'reasoning omitted: ']);
  expect(read({ object: 'response', output })).toEqual([
    'openai.responses',
    'reasoning: I look.',
    'reasoning_summary: Looked.',
    'tool_call: {}',
    'answer: Seen.',
    'answer: No more.',
  ]);
});

const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-opus-4-5',
  content: [
    { type: 'thinking', thinking: 'I look.', signature: SEALED },
    { type: 'thinking', thinking: '', signature: SEALED },
    { type: 'redacted_thinking', data: SEALED },
    { type: 'tool_use', id: 'tu_1', name: 'look', input: { where: 'shed' }, caller: { type: 'direct' } },
    { type: 'text', text: 'Seen.', citations: null },
  ],
  stop_reason: 'end_turn',
} satisfies Partial<Message>;

const request = {
  model: 'claude-opus-4-5',
  max_tokens: 1_000,
  system: [{ type: 'text', text: 'You look.' }],
  messages: [
    { role: 'user', content: 'Look.' },
    { role: 'assistant', content: [{ type: 'thinking', thinking: 'Before.', signature: SEALED }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'tu_0', content: 'dark' }] },
  ],
} satisfies MessageCreateParamsNonStreaming;

test('Anthropic', () => {
  expect(read({ request, response: message })).toEqual([
    'anthropic.messages',
    'system: You look.',
    'user: Look.',
    'reasoning: Before.',
    'tool_result: dark',
    'reasoning: I look.',
    'reasoning omitted: ',
    'reasoning encrypted: ',
    'tool_call: {"where":"shed"}',
    'answer: Seen.',
  ]);
});

/** A response as it is before the SDK gives it its methods. */
type Wire<T> = { [K in keyof T as T[K] extends (...args: never[]) => unknown ? never : K]: T[K] };

const gemini = {
  responseId: 'g-1',
  modelVersion: 'gull-3',
  candidates: [
    {
      content: {
        role: 'model',
        parts: [
          { text: 'Compared both.', thought: true },
          { text: 'Left.', thoughtSignature: SEALED },
          { functionCall: { name: 'steer', args: { to: 'left' } } },
          { functionResponse: { name: 'steer', response: { done: true } } },
        ],
      },
    },
  ],
  usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, thoughtsTokenCount: 3 },
} satisfies Partial<Wire<GenerateContentResponse>>;

test('Gemini', () => {
  expect(read(gemini)).toEqual([
    'gemini',
    'reasoning_summary: Compared both.',
    'answer: Left.',
    'tool_call: {"to":"left"}',
    'tool_result: {"done":true}',
  ]);
});

const converse = {
  output: {
    message: {
      role: 'assistant',
      content: [
        { reasoningContent: { reasoningText: { text: 'Try the key.', signature: SEALED } } },
        { reasoningContent: { redactedContent: new Uint8Array([1, 2, 3]) } },
        { text: 'It turns.' },
        { toolUse: { toolUseId: 't1', name: 'turn', input: { key: 3 } } },
      ],
    },
  },
  stopReason: 'end_turn',
  usage: { inputTokens: 2, outputTokens: 5, totalTokens: 7 },
  metrics: { latencyMs: 4 },
} satisfies Omit<ConverseCommandOutput, '$metadata'>;

test('Bedrock', () => {
  // What the SDK holds as bytes, a client that posts it sends as JSON of whatever kind.
  for (const payload of [converse, JSON.parse(JSON.stringify(converse))]) {
    expect(read(payload)).toEqual([
      'bedrock.converse',
      'reasoning: Try the key.',
      'reasoning encrypted: ',
      'answer: It turns.',
      'tool_call: {"key":3}',
    ]);
  }
});
