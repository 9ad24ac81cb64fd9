import { describe, expect, test } from 'vitest';
import { createDeltas } from '../../../src/http/live/deltas.ts';

const start = () => createDeltas(() => undefined);
const invalid = expect.objectContaining({ code: 'invalid_body' });

describe('deltas', () => {
  test('grow segments, interleaved, in the order of their places', () => {
    const deltas = start();
    deltas.push({ trace: { id: 't-1', conversationId: 'c-1' } });
    deltas.push({ segment: 2, kind: 'answer', text: 'A' });
    deltas.push({ segment: 0, kind: 'reasoning', text: 'why ' });
    deltas.push({ segment: 1, kind: 'tool_call', name: 'bash', text: '{}', end: true });
    deltas.push({ segment: 0, text: 'not' });
    deltas.push({ trace: { turn: 2 } });
    expect(deltas.finish(false)).toEqual({
      format: 'canonical',
      payload: {
        id: 't-1',
        conversationId: 'c-1',
        turn: 2,
        segments: [
          { kind: 'reasoning', text: 'why not' },
          { kind: 'tool_call', name: 'bash', text: '{}' },
          { kind: 'answer', text: 'A' },
        ],
      },
    });
  });

  test('of a stream that was cut say so, and leave the id free', () => {
    const deltas = start();
    deltas.push({ trace: { id: 't-1', labels: { a: 'b' } } });
    deltas.push({ segment: 0, kind: 'reasoning', text: 'half' });
    deltas.push({ segment: 1, kind: 'answer', text: 'whole', end: true });
    expect(deltas.finish(true).payload).toEqual({
      labels: { a: 'b', partialOf: 't-1' },
      segments: [
        { kind: 'reasoning', text: 'half', coverage: 'truncated' },
        { kind: 'answer', text: 'whole' },
      ],
    });
  });

  test('for a segment that was closed are refused by name and read all the same', () => {
    const deltas = start();
    deltas.push({ segment: 0, kind: 'reasoning', text: 'a', end: true });
    expect(() => deltas.push({ segment: 0, text: 'b' })).toThrow(invalid);
    expect(deltas.finish(false).payload).toEqual({ segments: [{ kind: 'reasoning', text: 'ab' }] });
  });

  test.each([
    null,
    [],
    'text',
    {},
    { segment: -1, kind: 'answer' },
    { segment: 1.5, kind: 'answer' },
    { segment: 5, text: 'no kind' },
    { segment: 5, kind: 'thought', text: 'x' },
    { segment: 0, text: 7 },
  ])('that cannot be placed are refused, and the trace is then not whole: %j', (line) => {
    const deltas = start();
    deltas.push({ segment: 0, kind: 'reasoning', text: 'a' });
    expect(() => deltas.push(line)).toThrow(invalid);
    expect(deltas.finish(false).payload).toEqual({
      segments: [{ kind: 'reasoning', text: 'a', coverage: 'truncated' }],
    });
  });

  test('cannot make segments without end', () => {
    const deltas = start();
    for (let i = 0; i < 1_000; i++) deltas.push({ segment: i, kind: 'answer', text: 'x' });
    expect(() => deltas.push({ segment: 1_000, kind: 'answer', text: 'x' })).toThrow(invalid);
  });
});
