import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CodedError } from '../../../src/domain/errors.ts';
import type { Trace } from '../../../src/domain/trace.ts';
import { normalise } from '../../../src/normalise/normalise.ts';
import { createStreamReader } from '../../../src/normalise/stream/reassemble.ts';
import { longText, SEALED } from '../fixture.ts';
import {
  type AnthropicBlock,
  anthropicEvents,
  anthropicWhole,
  type ChatChoice,
  type Cut,
  chatEvents,
  chatWhole,
  DONE,
  every,
  type ResponsesItem,
  responsesEvents,
  responsesWhole,
  sse,
  whole,
} from './events.ts';

const NOW = new Date('2026-06-01T00:00:00Z');

const read = (text: string, format?: string): Trace =>
  normalise({ payload: text, tenant: 'default', media: 'event-stream', format }, NOW);
const readWhole = (payload: unknown): Trace => normalise({ payload, tenant: 'default' }, NOW);
const shown = ({ segments }: Trace) => segments.map(({ kind, coverage, text }) => `${kind} ${coverage}: ${text}`);

const CHOICES: readonly ChatChoice[] = [
  { reasoning: 'First I look. 👀 Then I act.', content: 'Done.', calls: [{ name: 'run', arguments: '{"a":"x\\n"}' }] },
  { content: '<think>hidden in the answer</think>Second choice.' },
];
const BLOCKS: readonly AnthropicBlock[] = [
  { type: 'thinking', text: 'Why not.' },
  { type: 'redacted_thinking', text: SEALED },
  { type: 'text', text: 'I will.' },
  { type: 'tool_use', text: '{"command":"ls -l","n":[1,2]}' },
];
const ITEMS: readonly ResponsesItem[] = [
  { type: 'reasoning', text: 'Raw thought.' },
  { type: 'function_call', text: '{"q":1}' },
  { type: 'summary', text: 'In short.' },
  { type: 'message', text: 'Here you are.' },
];

describe.each([1, 3, 1_000])('a stream in deltas of %i', (size) => {
  const cut = every(size);

  test('of Chat Completions reads as the response it came to', () => {
    expect(read(sse(chatEvents(CHOICES, cut), DONE))).toEqual(readWhole(chatWhole(CHOICES)));
  });

  test('of Anthropic Messages reads as the response it came to', () => {
    expect(read(sse(anthropicEvents(BLOCKS, cut)))).toEqual(readWhole(anthropicWhole(BLOCKS)));
  });

  test.each([true, false])('of Responses reads as the response it came to (items repeated: %s)', (repeats) => {
    const { segments } = read(sse(responsesEvents(ITEMS, cut, repeats)));
    const expected = readWhole(responsesWhole(ITEMS)).segments;
    expect(segments.map(({ kind, text, sourcePath }) => [kind, text, sourcePath])).toEqual(
      expected.map(({ kind, text, sourcePath }) => [kind, text, sourcePath]),
    );
    if (repeats) expect(segments).toEqual(expected);
  });
});

describe('a recorded stream', () => {
  test('may be posted beside its request', () => {
    const request = { messages: [{ role: 'user', content: 'Go on.' }] };
    const response = sse(chatEvents(CHOICES, every(2)), DONE);
    const trace = readWhole({ request, response, conversationId: 'c-1' });
    expect(trace).toEqual(readWhole({ request, response: chatWhole(CHOICES), conversationId: 'c-1' }));
  });

  test('may have CRLF, a byte order mark and comments', () => {
    const text = `\uFEFF: keep-alive\r\n\r\n${sse(chatEvents(CHOICES, whole), 'data: [DONE]\r\n\r\n', '\r\n')}`;
    expect(shown(read(text))).toEqual(shown(readWhole(chatWhole(CHOICES))));
  });

  test('declared as another format is refused, naming both', () => {
    expect(() => read(sse(anthropicEvents(BLOCKS, whole)), 'openai.chat')).toThrow(/openai\.chat.*anthropic\.messages/);
  });

  test.each([
    '',
    'data: {"a":1}\n\n',
    'data: nonsense\n\n',
    ': only a comment\n\n',
    'event: ping\ndata: {"type":"ping"}\n\n',
  ])('of no known provider is refused: %j', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'undetected_format' }));
  });

  test('with an event nested without end is refused', () => {
    expect(() => read(`data: ${'['.repeat(100_000)}\n\n`)).toThrow(expect.objectContaining({ code: 'too_deep' }));
  });

  test('keeps reasoning under every name that servers have given it', () => {
    for (const key of ['reasoning_content', 'reasoning', 'reasoning_text']) {
      expect(shown(read(sse(chatEvents([{ reasoning: 'renamed', content: 'A.' }], every(2), key), DONE)))).toEqual([
        'reasoning full: renamed',
        'answer full: A.',
      ]);
    }
  });

  test('with text under a key nobody knows reports it whole', () => {
    const text = longText('unheard of');
    const { unread } = read(sse(chatEvents([{ reasoning: text, content: 'A.' }], every(7), 'reasoning_v9'), DONE));
    expect(unread).toEqual([{ path: '/choices/0/message/reasoning_v9', bytes: Buffer.byteLength(text) }]);
  });

  test('grows OpenRouter’s details and LiteLLM’s blocks where they belong', () => {
    const chunk = (delta: object) => ({ choices: [{ index: 0, delta }] });
    const details = [
      chunk({ reasoning_details: [{ type: 'reasoning.text', text: 'one ', index: 0 }] }),
      chunk({ reasoning_details: [{ type: 'reasoning.text', text: 'two', index: 0 }] }),
      chunk({ reasoning_details: [{ type: 'reasoning.encrypted', data: SEALED, index: 1 }] }),
    ];
    expect(shown(read(sse(details, DONE)))).toEqual(['reasoning full: one two', 'reasoning encrypted: ']);
    const blocks = [
      chunk({ thinking_blocks: [{ type: 'thinking', thinking: 'a', signature: '' }] }),
      chunk({ thinking_blocks: [{ type: 'thinking', thinking: 'b', signature: null }] }),
      chunk({ thinking_blocks: [{ type: 'thinking', thinking: '', signature: 's' }] }),
      chunk({ thinking_blocks: [{ type: 'thinking', thinking: 'c', signature: null }] }),
    ];
    expect(shown(read(sse(blocks, DONE)))).toEqual(['reasoning full: ab', 'reasoning full: c']);
  });

  test('keeps content in parts (Mistral), thinking among them', () => {
    const chunk = (content: unknown) => ({ choices: [{ index: 0, delta: { content } }] });
    const thinking = (text: string) => chunk([{ type: 'thinking', thinking: [{ type: 'text', text }] }]);
    expect(shown(read(sse([thinking('wh'), thinking('y'), chunk('Be'), chunk('cause')], DONE)))).toEqual([
      'reasoning full: why',
      'answer full: Because',
    ]);
  });

  test('with keys that are names of the language’s own stays data', () => {
    const text = `data: {"choices":[{"index":0,"delta":{"__proto__":{"polluted":1},"constructor":"x","content":"A."}}]}\n\n${DONE}`;
    expect(shown(read(text))).toEqual(['answer full: A.']);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('what goes wrong in a stream', () => {
  test('a delta for a block that was stopped is read with that block', () => {
    const events = anthropicEvents([{ type: 'thinking', text: 'early' }], whole);
    events.splice(-2, 0, {
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'thinking_delta', thinking: ' late' },
    });
    expect(shown(read(sse(events)))).toEqual(['reasoning full: early late']);
  });

  test('a delta for a block that was never started is read as what it says it is', () => {
    const delta = (index: number, of: object) => ({ type: 'content_block_delta', index, delta: of });
    const events = [
      delta(7, { type: 'text_delta', text: 'B' }),
      delta(3, { type: 'thinking_delta', thinking: 'A' }),
      { type: 'message_stop' },
    ];
    expect(shown(read(sse(events)))).toEqual(['reasoning full: A', 'answer full: B']);
  });

  test('unknown event types are reported once each, with the bytes of all of them', () => {
    const odd = { type: 'response.thinking_hard.delta', delta: 'unheard of' };
    const events = [...responsesEvents(ITEMS, whole)];
    events.splice(3, 0, odd, odd, { type: 'response.another.thing' });
    const { unread } = read(sse(events));
    expect(unread).toEqual([
      { path: '/events/3', bytes: 2 * JSON.stringify(odd).length },
      { path: '/events/5', bytes: JSON.stringify({ type: 'response.another.thing' }).length },
    ]);
  });

  test('an error event cuts the response off', () => {
    const events = [
      ...anthropicEvents(BLOCKS.slice(0, 1), whole).slice(0, 4),
      { type: 'error', error: { type: 'overloaded_error' } },
    ];
    expect(shown(read(sse(events)))).toEqual(['reasoning truncated: Why not.']);
    const chat = [...chatEvents([{ content: 'Half', finish: null }], whole), { error: { message: 'gone' } }];
    expect(shown(read(sse(chat, DONE)))).toEqual(['answer truncated: Half']);
    const failed = [
      ...responsesEvents(ITEMS.slice(0, 1), whole, false).slice(0, -1),
      { type: 'response.failed', response: { id: 'r' } },
    ];
    expect(shown(read(sse(failed)))).toEqual(['reasoning truncated: Raw thought.']);
  });

  test('a choice that never finished is truncated, its finished neighbour is not', () => {
    const events = chatEvents([{ content: 'Whole.' }, { content: 'Ha', finish: null }], whole);
    expect(shown(read(sse(events)))).toEqual(['answer full: Whole.', 'answer truncated: Ha']);
  });

  test('a stream that broke off before any text says that something was to come', () => {
    expect(shown(read(sse(anthropicEvents([], whole).slice(0, 1))))).toEqual(['reasoning truncated: ']);
  });

  test('arguments that were cut off are kept as they came', () => {
    const events = anthropicEvents([{ type: 'tool_use', text: '{"command":"rm -r' }], every(4)).slice(0, -3);
    expect(shown(read(sse(events)))).toEqual(['tool_call truncated: {"command":"rm -r']);
  });

  test('a delta that the final response takes back is read all the same', () => {
    const events = responsesEvents([{ type: 'message', text: 'What was shown.' }], whole);
    const taken = { ...responsesWhole([{ type: 'message', text: 'Redacted.' }]) };
    const last = { type: 'response.completed', response: taken };
    expect(shown(read(sse([...events.slice(0, -1), last])))).toEqual([
      'answer full: Redacted.',
      'answer full: What was shown.',
    ]);
  });

  test('ciphertext of an item is taken from where it is done', () => {
    const added = { type: 'response.output_item.added', output_index: 0, item: { type: 'reasoning', summary: [] } };
    const done = {
      ...added,
      type: 'response.output_item.done',
      item: { type: 'reasoning', summary: [], encrypted_content: SEALED },
    };
    const end = { type: 'response.completed', response: { id: 'r', output: [] } };
    const trace = read(sse([added, done, end]));
    expect(shown(trace)).toEqual(['reasoning encrypted: ']);
    expect(JSON.stringify(trace)).not.toContain(SEALED.slice(0, 40));
  });
});

/** Cuts of a text at random places, the same ones for the same text. */
const cuts: fc.Arbitrary<Cut> = fc.array(fc.nat(97), { minLength: 1, maxLength: 8 }).map((sizes) => (text) => {
  const pieces: string[] = [];
  let at = 0;
  for (let i = 0; at < text.length; i++) {
    const size = sizes[i % sizes.length]! % 5;
    pieces.push(text.slice(at, at + size));
    at += size === 0 && i % 7 === 6 ? 1 : size;
    if (size === 0 && i % 7 === 6) pieces.push(text.slice(at - 1, at));
  }
  return pieces;
});
const words = fc.array(fc.constantFrom('a', ' ', '<think>', '</think>', '👀', '\u0000', '\n', 'data: ', '"', '\\'), {
  maxLength: 12,
});
const text = words.map((parts) => `t${parts.join('')}`);

describe('whatever the cuts', () => {
  test('the trace is that of the whole response', () => {
    fc.assert(
      fc.property(text, text, text, cuts, (reasoning, content, call, cut) => {
        const choices = [{ reasoning, content, calls: [{ name: 'run', arguments: call }] }, { content: reasoning }];
        expect(read(sse(chatEvents(choices, cut), DONE))).toEqual(readWhole(chatWhole(choices)));
        const blocks: AnthropicBlock[] = [
          { type: 'thinking', text: reasoning },
          { type: 'tool_use', text: JSON.stringify({ call }) },
          { type: 'text', text: content },
        ];
        expect(read(sse(anthropicEvents(blocks, cut)))).toEqual(readWhole(anthropicWhole(blocks)));
        const items: ResponsesItem[] = [
          { type: 'reasoning', text: reasoning },
          { type: 'function_call', text: call },
          { type: 'message', text: content },
        ];
        expect(read(sse(responsesEvents(items, cut)))).toEqual(readWhole(responsesWhole(items)));
      }),
    );
  });

  test('bytes may arrive in any pieces', () => {
    const body = sse(responsesEvents(ITEMS, every(3)), '', '\r\n');
    const expected = createStreamReader(() => undefined);
    expected.feed(body);
    const { body: response } = expected.finish();
    fc.assert(
      fc.property(cuts, (cut) => {
        const reader = createStreamReader(() => undefined);
        for (const piece of cut(body)) reader.feed(piece);
        expect(reader.finish().body).toEqual(response);
      }),
    );
  });

  test('a body that ends anywhere is read as far as it goes, and never as whole', () => {
    const bodies = [
      sse(chatEvents(CHOICES, every(4))),
      sse(anthropicEvents(BLOCKS, every(4))),
      sse(responsesEvents(ITEMS, every(4), false)),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...bodies), fc.nat(), (body, at) => {
        const end = at % (body.length - 2);
        let trace: Trace;
        try {
          trace = read(body.slice(0, end));
        } catch (error) {
          expect(error).toBeInstanceOf(CodedError);
          return;
        }
        expect(trace.segments.some(({ coverage }) => coverage === 'truncated')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('no sequence of events crashes the reader', () => {
    const index = fc.oneof(fc.nat(3), fc.constantFrom(-1, 2 ** 31, 1.5, null, '0'));
    const leaf = fc.oneof(
      fc.string({ maxLength: 5 }),
      fc.constantFrom(null, 1, true, [], {}, [null], ['x'], [{ text: 'x' }]),
    );
    const delta = fc.dictionary(
      fc.constantFrom('content', 'reasoning', 'tool_calls', 'text', 'thinking', 'type', 'partial_json', '__proto__'),
      leaf,
    );
    const type = fc.constantFrom(
      'content_block_start',
      'content_block_delta',
      'message_start',
      'message_delta',
      'response.output_text.delta',
      'response.output_item.done',
      'response.completed',
      'response.function_call_arguments.done',
      'error',
    );
    const event = fc.record(
      {
        type,
        index,
        output_index: index,
        content_index: index,
        delta,
        text: leaf,
        item: leaf,
        content_block: delta,
        message: delta,
        response: delta,
        choices: fc.array(fc.record({ index, delta }), { maxLength: 2 }),
        error: leaf,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (events) => {
        try {
          read(sse(events));
        } catch (error) {
          expect(error).toBeInstanceOf(CodedError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
