import { describe, expect, test } from 'vitest';
import { CodedError } from '../../src/domain/errors.ts';
import { normalise } from '../../src/normalise/normalise.ts';

const NOW = new Date('2026-06-01T00:00:00Z');
const segments = [{ kind: 'answer', text: 'x' }];

const refusal = (payload: unknown, format?: string): CodedError => {
  try {
    normalise({ payload, tenant: 'default', format }, NOW);
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('was not refused');
};

const paths = (payload: unknown): string[] => {
  const error = refusal(payload);
  expect(error.code).toBe('invalid_body');
  return error.errors.map(({ path }) => path);
};

describe('a canonical body', () => {
  test.each<[string, object, string]>([
    ['an id that is a number', { id: 7 }, '/id'],
    ['an empty id', { id: '' }, '/id'],
    ['an id over 256 characters', { id: 'x'.repeat(257) }, '/id'],
    ['an id with NUL', { id: 'a\u0000b' }, '/id'],
    ['an id with a lone surrogate', { id: 'a\ud800' }, '/id'],
    ['a conversation id with a line break', { conversationId: 'a\nb' }, '/conversationId'],
    ['a negative turn', { turn: -1 }, '/turn'],
    ['a fractional turn', { turn: 1.5 }, '/turn'],
    ['a turn beyond the database’s integers', { turn: 2 ** 31 }, '/turn'],
    ['a turn as text', { turn: '3' }, '/turn'],
    ['a time without its offset', { occurredAt: '2026-01-01T00:00:00' }, '/occurredAt'],
    ['a time that is a number', { occurredAt: 1 }, '/occurredAt'],
    ['a day that does not exist', { occurredAt: '2026-02-30T00:00:00Z' }, '/occurredAt'],
    ['a time before 1970', { occurredAt: '1900-01-01T00:00:00Z' }, '/occurredAt'],
    ['a model that is a list', { model: [] }, '/model'],
    ['a model name that is a number', { model: { name: 4 } }, '/model/name'],
    ['a model as text with a control character', { model: 'a\u0007' }, '/model/name'],
    ['usage as text', { usage: 'much' }, '/usage'],
    ['negative usage', { usage: { reasoningTokens: -1 } }, '/usage/reasoningTokens'],
    ['labels as a list', { labels: ['a'] }, '/labels'],
    ['a label that is a number', { labels: { env: 1 } }, '/labels/env'],
    ['a label with NUL', { labels: { env: '\u0000' } }, '/labels/env'],
    ['a label key with NUL', { labels: { 'a\u0000': 'x' } }, '/labels/a\uFFFD'],
    [
      'too many labels',
      { labels: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, 'v'])) },
      '/labels',
    ],
    ['segments as an object', { segments: {} }, '/segments'],
    ['segments of null', { segments: null }, '/segments'],
    ['a segment that is text', { segments: ['x'] }, '/segments/0'],
    ['an unknown kind', { segments: [{ kind: 'musing', text: 'x' }] }, '/segments/0/kind'],
    ['a segment without text', { segments: [...segments, { kind: 'user' }] }, '/segments/1/text'],
    ['text that is a number', { segments: [{ kind: 'user', text: 3 }] }, '/segments/0/text'],
    ['an unknown coverage', { segments: [{ kind: 'user', text: 'x', coverage: 'half' }] }, '/segments/0/coverage'],
    ['a tool name with NUL', { segments: [{ kind: 'tool_call', name: '\u0000', text: 'x' }] }, '/segments/0/name'],
  ])('with %s is refused by name', (_, fields, path) => {
    expect(paths({ segments, ...fields })).toEqual([path]);
  });

  test('names every field at fault, but not without end', () => {
    expect(paths({ id: 1, turn: 'x', segments }).sort()).toEqual(['/id', '/turn']);
    expect(paths({ segments: Array.from({ length: 500 }, () => ({ kind: 1, text: 1 })) }).length).toBe(20);
  });

  test('takes null for what is absent, and lets unknown keys be', () => {
    const absent = {
      id: null,
      conversationId: null,
      turn: null,
      occurredAt: null,
      model: null,
      usage: null,
      labels: null,
    };
    const trace = normalise({ payload: { ...absent, segments, colour: 'red' }, tenant: 'default' }, NOW);
    expect(trace).toMatchObject({
      idSource: 'derived',
      turn: null,
      usage: {},
      labels: {},
      occurredAt: NOW,
      unread: [],
    });
    expect(trace.model).toEqual({ provider: null, name: null, version: null });
  });

  test('may hold any text, unchanged', () => {
    const text = '\u0000\ud800\udfff\udc00\u202e\uFEFF\r\n';
    const trace = normalise({ payload: { segments: [{ kind: 'reasoning', text }] }, tenant: 'default' }, NOW);
    expect(trace.segments[0]?.text).toBe(text);
  });

  test('with `__proto__` keys harms nothing', () => {
    const payload: unknown = JSON.parse(
      '{"__proto__":{"polluted":1},"segments":[{"kind":"user","text":"x","__proto__":{"text":"y"}}],"labels":{"__proto__":"x","a":"b"}}',
    );
    const trace = normalise({ payload, tenant: 'default' }, NOW);
    expect(trace.segments.map(({ text }) => text)).toEqual(['x']);
    expect(Object.getPrototypeOf(trace.labels)).toBe(Object.prototype);
    expect(trace.labels.a).toBe('b');
    expect('polluted' in {}).toBe(false);
  });
});

describe('the short form', () => {
  test.each<[object, string]>([
    [{ prompt: 1, reasoning: 'x' }, '/prompt'],
    [{ prompt: 'x', output: {} }, '/output'],
    [{ prompt: 'x', reasoning: ['x'], output: 'y' }, '/reasoning'],
    [{ output: 'x', id: '' }, '/id'],
  ])('%j is refused by name', (payload, path) => {
    expect(paths(payload)).toEqual([path]);
  });

  test('may be declared as canonical', () => {
    const trace = normalise({ payload: { reasoning: 'x', output: 'y' }, tenant: 'default', format: 'canonical' }, NOW);
    expect(trace.format).toBe('short');
  });
});

describe('beside request and response', () => {
  const response = { choices: [{ message: { content: 'x' } }], id: 'chatcmpl-1', created: 1_770_000_000 };

  test('the caller’s identity, turn, time and labels go first', () => {
    const place = { id: 'mine', conversationId: 'c', turn: 4, occurredAt: '2026-05-05T00:00:00Z', labels: { a: 'b' } };
    const trace = normalise({ payload: { ...place, request: null, response }, tenant: 'default' }, NOW);
    expect(trace).toMatchObject({ ...place, idSource: 'caller', occurredAt: new Date('2026-05-05T00:00:00Z') });
  });

  test('the caller’s model goes before the provider’s, part by part', () => {
    const payload = { response: { ...response, model: 'm' }, model: { provider: 'p', version: '2' } };
    expect(normalise({ payload, tenant: 'default' }, NOW).model).toEqual({ provider: 'p', name: 'm', version: '2' });
    expect(normalise({ payload: { ...payload, model: 'n' }, tenant: 'default' }, NOW).model.name).toBe('n');
  });

  test('wrong types are refused by name', () => {
    expect(paths({ request: 'x', response })).toEqual(['/request']);
    expect(paths({ response, turn: -1, id: 5 }).sort()).toEqual(['/id', '/turn']);
  });

  test('a canonical body is read there too, and its errors point there', () => {
    const trace = normalise({ payload: { response: { segments } }, tenant: 'default' }, NOW);
    expect(trace.segments[0]?.sourcePath).toBe('/response/segments/0/text');
    expect(paths({ response: { segments: 1 } })).toEqual(['/response/segments']);
  });
});
