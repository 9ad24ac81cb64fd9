import { sha256 } from '../src/domain/ids.ts';
import { normalise } from '../src/normalise/normalise.ts';

// Normalising an 8 KB payload of each format, against decoding and parsing the same bytes, in one run. Hashing is
// included; its share is timed apart, on the same texts. Aim: at most twice the parse. Run: node bench/normalise.ts

const NOW = new Date('2026-06-01T00:00:00Z');
const BYTES = 8 * 1024;
const ROUNDS = 75;
const CALLS = 200;

const WORDS =
  'we should look at the second file before the first because "it" was changed\nand nobody said why so '.split(' ');

const prose = (length: number): string => {
  let text = '';
  for (let i = 0; text.length < length; i = (i * 7 + 3) % 1009) text += `${WORDS[i % WORDS.length]} `;
  return text.slice(0, length);
};

const usage = { prompt_tokens: 200, completion_tokens: 1700, completion_tokens_details: { reasoning_tokens: 1400 } };

/** Each takes the thought and the rest; the thought is grown until the payload has its size. */
const SHAPES: Readonly<Record<string, (thought: string) => unknown>> = {
  canonical: (thought) => ({
    conversationId: 'c-1',
    turn: 2,
    model: { provider: 'p', name: 'm', version: '1' },
    segments: [
      { kind: 'user', text: prose(300) },
      { kind: 'reasoning', text: thought },
      { kind: 'tool_call', name: 'bash', text: 'ls -l' },
      { kind: 'answer', text: prose(900) },
    ],
    usage: { reasoningTokens: 1400 },
    labels: { env: 'prod' },
  }),
  short: (thought) => ({ prompt: prose(300), reasoning: thought, output: prose(900), model: 'm' }),
  'openai.chat': (thought) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_770_000_000,
    model: 'm',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: prose(900), reasoning_content: thought },
        finish_reason: 'stop',
      },
    ],
    usage,
  }),
  'openai.responses': (thought) => ({
    id: 'resp_1',
    object: 'response',
    created_at: 1_770_000_000,
    model: 'm',
    output: [
      { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: thought }] },
      { id: 'fc_1', type: 'function_call', call_id: 'c', name: 'bash', arguments: '{"command":"ls"}' },
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        content: [{ type: 'output_text', text: prose(900), annotations: [] }],
      },
    ],
    usage: { input_tokens: 200, output_tokens: 1700, output_tokens_details: { reasoning_tokens: 1400 } },
  }),
  'anthropic.messages': (thought) => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [
      { type: 'thinking', thinking: thought, signature: 'c2lnbmVk'.repeat(40) },
      { type: 'tool_use', id: 't', name: 'bash', input: { command: 'ls' } },
      { type: 'text', text: prose(900) },
    ],
    stop_reason: 'end_turn',
    usage: { input_tokens: 200, output_tokens: 1700 },
  }),
  'bedrock.converse': (thought) => ({
    output: {
      message: {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: thought, signature: 'c2lnbmVk'.repeat(40) } } },
          { text: prose(900) },
        ],
      },
    },
    stopReason: 'end_turn',
    usage: { inputTokens: 200, outputTokens: 1700 },
  }),
  gemini: (thought) => ({
    candidates: [
      {
        content: { role: 'model', parts: [{ text: thought, thought: true }, { text: prose(900) }] },
        finishReason: 'STOP',
      },
    ],
    usageMetadata: { promptTokenCount: 200, candidatesTokenCount: 300, thoughtsTokenCount: 1400 },
    modelVersion: 'm',
  }),
  'gemini.interactions': (thought) => ({
    id: 'i',
    steps: [
      { type: 'thought', signature: 'c2lnbmVk'.repeat(40), summary: [{ type: 'text', text: thought }] },
      { type: 'model_output', content: [{ type: 'text', text: prose(900) }] },
    ],
  }),
  inspect: (thought) => ({
    epoch: 1,
    messages: [
      { role: 'user', content: prose(300) },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', reasoning: thought, redacted: false },
          { type: 'text', text: prose(900) },
        ],
      },
    ],
    scores: {},
  }),
  'otel.genai': (thought) => ({
    attributes: {
      'gen_ai.response.model': 'm',
      'gen_ai.output.messages': [
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', content: thought },
            { type: 'text', content: prose(900) },
          ],
          finish_reason: 'stop',
        },
      ],
    },
  }),
  'otel.genai in JSON': (thought) => ({
    attributes: {
      'gen_ai.response.model': 'm',
      'gen_ai.output.messages': JSON.stringify([
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', content: thought },
            { type: 'text', content: prose(900) },
          ],
          finish_reason: 'stop',
        },
      ]),
    },
  }),
  openinference: (thought) => ({
    attributes: {
      'openinference.span.kind': 'LLM',
      'llm.model_name': 'm',
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.contents.0.message_content.type': 'reasoning',
      'llm.output_messages.0.message.contents.0.message_content.text': thought,
      'llm.output_messages.0.message.contents.1.message_content.type': 'text',
      'llm.output_messages.0.message.contents.1.message_content.text': prose(900),
    },
  }),
  langfuse: (thought) => ({
    sessionId: 's',
    model: 'm',
    input: [{ role: 'user', content: prose(300) }],
    output: { role: 'assistant', content: prose(900), thinking: [{ type: 'thinking', content: thought }] },
  }),
};

const sized = (shape: (thought: string) => unknown): Buffer => {
  let length = BYTES;
  for (;;) {
    const bytes = Buffer.from(JSON.stringify(shape(prose(length))));
    if (bytes.length <= BYTES) return bytes;
    length -= bytes.length - BYTES;
  }
};

/** Microseconds a call, the median of all rounds; the things compared take turns within each round. */
const timed = (works: readonly (() => void)[]): number[] => {
  const rounds: number[][] = works.map(() => []);
  for (let round = 0; round < ROUNDS + 3; round++) {
    for (const [i, work] of works.entries()) {
      const start = process.hrtime.bigint();
      for (let call = 0; call < CALLS; call++) work();
      if (round >= 3) rounds[i]!.push(Number(process.hrtime.bigint() - start) / 1000 / CALLS);
    }
  }
  return rounds.map((times) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!);
};

console.log('format                bytes  parse µs  normalise µs  ratio  of which hashing');
let worst = 0;
for (const [format, shape] of Object.entries(SHAPES)) {
  const bytes = sized(shape);
  const payload: unknown = JSON.parse(bytes.toString('utf8'));
  const texts = normalise({ payload, tenant: 'default' }, NOW).segments.map(({ text }) => text);
  const [parse = 0, whole = 0, hashing = 0] = timed([
    () => JSON.parse(bytes.toString('utf8')),
    () => normalise({ payload, tenant: 'default' }, NOW),
    () => {
      for (const text of texts) sha256(text);
    },
  ]);
  worst = Math.max(worst, whole / parse);
  const row = [
    format.padEnd(20),
    String(bytes.length).padStart(6),
    parse.toFixed(1).padStart(9),
    whole.toFixed(1).padStart(13),
    (whole / parse).toFixed(2).padStart(6),
    `${((100 * hashing) / whole).toFixed(0)} %`.padStart(17),
  ];
  console.log(row.join(' '));
}
console.log(`worst ratio ${worst.toFixed(2)} (aim: at most 2)`);
