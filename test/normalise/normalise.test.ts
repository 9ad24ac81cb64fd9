import { describe, expect, test } from 'vitest';
import { CodedError } from '../../src/domain/errors.ts';
import { MAX_DEPTH, MAX_NAME_LENGTH } from '../../src/domain/limits.ts';
import { FORMAT_IDS } from '../../src/normalise/formats.ts';
import { normalise } from '../../src/normalise/normalise.ts';
import { longText } from './fixture.ts';
import { resolvePointer } from './pointer.ts';

const NOW = new Date('2026-06-01T00:00:00Z');
const read = (payload: unknown, format?: string) => normalise({ payload, tenant: 'default', format }, NOW);

const refusal = (payload: unknown, format?: string): CodedError => {
  try {
    read(payload, format);
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('was not refused');
};

const chat = (message: object, more: object = {}) => ({ id: 'r-1', choices: [{ message }], ...more });
const body = (more: object = {}) => ({ segments: [{ kind: 'reasoning', text: 'thought' }], ...more });

describe('a payload is refused', () => {
  test.each([[null], [1], ['x'], [true], [undefined]])('when it is %j and no object', (payload) => {
    expect(refusal(payload).code).toBe('invalid_body');
    expect(refusal(payload).errors).toEqual([{ path: '', message: 'must be an object' }]);
  });

  test.each([[{}], [[]], [[1]], [{ id: 'x' }], [{ request: {}, response: {} }]])(
    'when %j has no known shape',
    (payload) => {
      const error = refusal(payload);
      expect([error.code, error.status]).toEqual(['undetected_format', 422]);
      for (const id of FORMAT_IDS) expect(error.message).toContain(id);
    },
  );

  test('when its format is unknown, without repeating the name', () => {
    const error = refusal(body(), 'openai.chatt');
    expect([error.code, error.status]).toEqual(['unknown_format', 422]);
    expect(error.message).not.toContain('openai.chatt');
    expect(refusal(body(), '__proto__').code).toBe('unknown_format');
  });

  test('when it is of another format than declared, naming both', () => {
    const error = refusal(chat({ content: 'x' }), 'anthropic.messages');
    expect([error.code, error.status]).toEqual(['format_mismatch', 422]);
    expect(error.message).toContain('anthropic.messages');
    expect(error.message).toContain('openai.chat');
  });

  test.each<[object, string | undefined]>([
    [{ segments: [] }, undefined],
    [{ choices: [] }, undefined],
    [{ choices: [{ message: { content: '' } }] }, undefined],
    [{ object: 'response', output: [] }, undefined],
    [{ type: 'message', content: [] }, undefined],
    [{}, 'gemini'],
    [{ eval: {}, samples: [] }, undefined],
  ])('when %j holds nothing to read', (payload, format) => {
    const error = refusal(payload, format);
    expect([error.code, error.status]).toEqual(['empty_trace', 400]);
  });

  test('when it is nested too deeply, wherever', () => {
    let deep: unknown = 'x';
    for (let i = 0; i < 100_000; i++) deep = i % 2 === 0 ? [deep] : { deep };
    for (const payload of [deep, body({ other: deep }), chat({ tool_calls: [{ function: { arguments: deep } }] })]) {
      expect([refusal(payload).code, refusal(payload).status]).toEqual(['too_deep', 400]);
    }
  });

  test('when a string of JSON inside it is nested too deeply', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(refusal({ 'gen_ai.output.messages': deep }).code).toBe('too_deep');
  });

  test('only beyond the depth that is promised', () => {
    let deep: unknown = 1;
    for (let i = 0; i < MAX_DEPTH; i++) deep = { deep };
    expect(read(body({ deep: (deep as { deep: unknown }).deep })).segments).toHaveLength(1);
    expect(refusal(body({ deep })).code).toBe('too_deep');
  });

  test('when an Inspect log holds several samples', () => {
    const error = refusal({ eval: {}, samples: [{}, {}] });
    expect(error.code).toBe('invalid_body');
    expect(error.errors[0]?.path).toBe('/samples');
    expect(error.errors[0]?.message).toContain('one sample');
  });
});

describe('an id', () => {
  test('is the caller’s where the caller gave one', () => {
    expect(read(body({ id: 'mine' }))).toMatchObject({ id: 'mine', idSource: 'caller', conversationId: 'mine' });
  });

  test('else derives from tenant, provider’s id and content, and from nothing else', () => {
    const first = read(chat({ content: 'x' }));
    expect(first.idSource).toBe('derived');
    expect(first.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab]/);
    const later = normalise({ payload: chat({ content: 'x' }), tenant: 'default' }, new Date(0));
    expect([later.id, later.contentHash]).toEqual([first.id, first.contentHash]);
    const others = [
      normalise({ payload: chat({ content: 'x' }), tenant: 'other' }, NOW),
      read(chat({ content: 'y' })),
      read(chat({ content: 'x' }, { id: 'r-2' })),
    ];
    expect(new Set([first, ...others].map(({ id }) => id)).size).toBe(4);
  });
});

describe('the content hash', () => {
  const whole = {
    id: 'a',
    conversationId: 'c',
    turn: 1,
    occurredAt: '2026-01-01T00:00:00Z',
    model: { provider: 'p', name: 'n', version: 'v' },
    segments: [{ kind: 'tool_call', name: 't', text: 'x' }],
    usage: { inputTokens: 1, outputTokens: 2, reasoningTokens: 3 },
    labels: { a: '1', b: '2' },
  };

  test.each<[string, object]>([
    ['id', { id: 'b' }],
    ['conversation', { conversationId: 'd' }],
    ['turn', { turn: 2 }],
    ['time', { occurredAt: '2026-01-01T00:00:01Z' }],
    ['provider', { model: { ...whole.model, provider: 'q' } }],
    ['model', { model: { ...whole.model, name: 'm' } }],
    ['version', { model: { ...whole.model, version: 'w' } }],
    ['kind', { segments: [{ kind: 'answer', name: 't', text: 'x' }] }],
    ['tool', { segments: [{ kind: 'tool_call', name: 'u', text: 'x' }] }],
    ['text', { segments: [{ kind: 'tool_call', name: 't', text: 'y' }] }],
    ['coverage', { segments: [{ kind: 'tool_call', name: 't', text: 'x', coverage: 'truncated' }] }],
    ['usage', { usage: { ...whole.usage, reasoningTokens: 4 } }],
    ['label', { labels: { a: '1', b: '3' } }],
    ['label’s key', { labels: { a: '1', c: '2' } }],
  ])('changes with the %s', (_, change) => {
    expect(read({ ...whole, ...change }).contentHash).not.toBe(read(whole).contentHash);
  });

  test('does not change with the order of keys', () => {
    const { segments, labels, ...rest } = whole;
    expect(read({ labels: { b: labels.b, a: labels.a }, segments, ...rest })).toEqual(read(whole));
  });

  test('tells texts apart that are the same in UTF-8', () => {
    const hashes = ['\ud800', '\udfff', '\uFFFD'].map(
      (text) => read({ segments: [{ kind: 'user', text }] }).contentHash,
    );
    expect(new Set(hashes).size).toBe(3);
  });
});

describe('a provider’s odd names', () => {
  test('are mended and cut, and lose no trace', () => {
    const name = `a\u0000b\ud800${'x'.repeat(400)}`;
    const call = { function: { name, arguments: '{}' } };
    const trace = read(chat({ content: 'x', tool_calls: [call] }, { model: name, id: name }));
    for (const mended of [trace.model.name, trace.segments[1]?.name]) {
      expect(mended).toBe(`a\uFFFDb\uFFFD${'x'.repeat(MAX_NAME_LENGTH - 4)}`);
    }
    const split = read(chat({ content: 'x' }, { model: `${'x'.repeat(MAX_NAME_LENGTH - 1)}😀` }));
    expect(split.model.name?.isWellFormed()).toBe(true);
  });

  test.each([[null], [{}], [['x']], [true], ['']])('are absent where they are %j', (model) => {
    expect(read(chat({ content: 'x' }, { model, id: model })).model.name).toBeNull();
  });

  test.each([[-5], [0], [Number.NaN], [1e300], ['yesterday'], [null], [{}]])('a time of %j is none', (created) => {
    expect(read(chat({ content: 'x' }, { created })).occurredAt).toBe(NOW);
  });
});

describe('unread text', () => {
  test('is reported with pointer and UTF-8 bytes', () => {
    const trace = read(body({ 'odd/key~': [{ inner: 'é'.repeat(200) }], short: 'x'.repeat(199) }));
    expect(trace.unread).toEqual([{ path: '/odd~1key~0/0/inner', bytes: 400 }]);
  });

  test('is reported up to 32 times', () => {
    const trace = read(body({ many: Array.from({ length: 5000 }, (_, i) => longText(String(i))) }));
    expect(trace.unread).toHaveLength(32);
  });

  test('is not what a segment holds already', () => {
    const text = longText('Said once,');
    expect(read(chat({ content: text, copy: text })).unread).toEqual([]);
  });

  test('has a pointer that can be stored and shown, whatever the key', () => {
    const key = `\u0000\ud800${'k'.repeat(10_000)}`;
    const path = read(body({ [key]: longText('x') })).unread[0]!.path;
    expect(path.isWellFormed() && !path.includes('\u0000') && path.length < 600).toBe(true);
  });
});

test('reasoning of an earlier turn does not stand for reasoning that was billed and withheld', () => {
  const payload = {
    request: { messages: [{ role: 'assistant', reasoning_content: 'of before', content: 'x' }] },
    response: chat({ content: 'y' }, { usage: { completion_tokens_details: { reasoning_tokens: 9 } } }),
  };
  const trace = read(payload);
  const omitted = trace.segments.at(-1)!;
  expect(omitted).toMatchObject({ kind: 'reasoning', coverage: 'omitted', text: '' });
  expect(resolvePointer(payload, omitted.sourcePath)).toBe(9);
});

test('a hundred thousand segments and a megabyte of text are read', () => {
  const segments = Array.from({ length: 100_000 }, (_, i) => ({ kind: 'reasoning', text: `step ${i}` }));
  const trace = read({ segments: [...segments, { kind: 'answer', text: 'x'.repeat(1 << 20) }] });
  expect(trace.segments).toHaveLength(100_001);
  expect(trace.segments.at(-2)?.sourcePath).toBe('/segments/99999/text');
});
