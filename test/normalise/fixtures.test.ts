import { readFileSync } from 'node:fs';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import type { Response } from 'openai/resources/responses/responses';
import { expect, test } from 'vitest';
import { normalise } from '../../src/normalise/normalise.ts';
import { FIXTURES } from './fixtures/all.ts';

const page = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8');

test('every fixture is listed in the documentation, and none is listed that is not there', () => {
  const section = page.slice(page.indexOf('## Fixtures'));
  const listed = [...section.matchAll(/^\| (.+) \|$/gm)].map((match) => match[1]).slice(2);
  expect(listed).toEqual(FIXTURES.map(({ name }) => name));
});

// Typed by the SDK: a shape that OpenAI changes no longer compiles here.

const completion: ChatCompletion = {
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
};

const output: Response['output'] = [
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
];

test('payloads of the OpenAI SDK’s own types are read', () => {
  const kinds = (payload: unknown) =>
    normalise({ payload, tenant: 'default' }, new Date(0)).segments.map(({ kind, text }) => `${kind}: ${text}`);
  expect(kinds(completion)).toEqual(['answer: Looking.', 'tool_call: {}', 'reasoning: ']);
  expect(kinds({ object: 'response', output })).toEqual([
    'reasoning: I look.',
    'reasoning_summary: Looked.',
    'tool_call: {}',
    'answer: Seen.',
    'answer: No more.',
  ]);
});
