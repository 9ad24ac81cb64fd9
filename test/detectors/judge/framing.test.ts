import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFrame, neutralise } from '../../../src/detectors/judge/framing.ts';

const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  // What the code looks for, more often than chance would have it.
  fc
    .array(
      fc.constantFrom(
        '⟦',
        '⟧',
        '<',
        '|',
        '</s>',
        '<think>',
        '[INST]',
        '<<SYS>>',
        '\u0000',
        '\ud800',
        '\udc00',
        '\u{e0041}',
        'a',
        '\n',
      ),
    )
    .map((parts) => parts.join('')),
);

describe('a neutralised text', () => {
  test('is as long as the text, holds no bracket of a mark, and goes over the wire as it is', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const shown = neutralise(text);
        expect(shown.length).toBe(text.length);
        expect(shown).not.toMatch(/[⟦⟧]|<\||<\/?s>|<\/?think>|\[\/?INST\]|(?![\t\n\r])\p{Cc}/u);
        expect(Buffer.from(shown).toString()).toBe(shown);
      }),
    );
  });

  test('is itself where there is nothing to replace: prose, code, mark-up, other scripts, emoji', () => {
    for (const text of [
      'if (a < b || c > d) { x[i] = "é"; }',
      '<div class="s">ok</div>',
      '隐瞒 الحقيقة',
      '👩‍🚀 🏳️‍🌈',
      'a\tb\r\nc',
    ])
      expect(neutralise(text)).toBe(text);
  });

  test('stays as it is when it is neutralised again', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(neutralise(neutralise(text))).toBe(neutralise(text));
      }),
    );
  });

  test('of a megabyte takes no time to speak of', () => {
    const text = '<|[INST]⟦\ud800'.repeat(100_000);
    expect(neutralise(text).length).toBe(text.length);
  });
});

describe('a frame', () => {
  test('has codes that occur in none of its texts, however they were guessed', () => {
    let draws = 0;
    const random = (bytes: number): Uint8Array => Buffer.alloc(bytes, draws++);
    const frame = createFrame(random, ['00'.repeat(8), '01'.repeat(8), '03'.repeat(4)]);
    expect(frame.piece('x', '')).toContain('02'.repeat(8));
    expect([frame.opening, frame.closing]).toEqual(['04'.repeat(4), '05'.repeat(4)]);
  });

  test('is not made of randomness that is none', () => {
    const stuck = (bytes: number): Uint8Array => Buffer.alloc(bytes);
    expect(() => createFrame(stuck, ['00'.repeat(8)])).toThrow('repeats itself');
  });
});
