import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachWindow, WINDOW_UNITS } from '../../../src/detectors/classifier/windows.ts';
import vectors from './fixtures/windows.vectors.json' with { type: 'json' };

const windowsOf = (text: string): number[][] => {
  const windows: number[][] = [];
  eachWindow(text, (start, end) => windows.push([start, end]));
  return windows;
};

const countOf = (text: string): number => {
  let count = 0;
  eachWindow(text, () => count++);
  return count;
};

/** Text made of what decides where a window ends. */
const text = fc
  .array(
    fc.constantFrom('a', 'word ', ' ', '. ', '.', '!', '。', '\n', ')', '”', '\u3000', '😀', '\ud800', 'x'.repeat(300)),
    { maxLength: 120 },
  )
  .map((parts) => parts.join(''));

describe('windows', () => {
  it.each(vectors)('are those the heads were trained on: $name', ({ text, windows }) => {
    expect(windowsOf(text)).toEqual(windows);
  });

  it('leave out nothing but white space, and are short, in order and trimmed', () => {
    fc.assert(
      fc.property(text, (subject) => {
        let at = 0;
        for (const [start, end] of windowsOf(subject) as [number, number][]) {
          expect(subject.slice(at, start).trim()).toBe('');
          expect(end - start).toBeGreaterThan(0);
          expect(end - start).toBeLessThanOrEqual(WINDOW_UNITS);
          expect(subject.slice(start, end)).toBe(subject.slice(start, end).trim());
          at = end;
        }
        expect(subject.slice(at).trim()).toBe('');
      }),
    );
  });

  it('never cut a surrogate pair in two', () => {
    for (const [start, end] of windowsOf(`a${'😀'.repeat(2000)}`)) {
      expect(`a${'😀'.repeat(2000)}`.slice(start, end).isWellFormed()).toBe(true);
    }
  });

  // Each of these makes one step of the algorithm look far ahead or back. A step that did so again for every window or
  // sentence would need hours, and the test would run into its time limit.
  it.each([
    ['one word', 'x'.repeat(10_000_000)],
    ['white space', ' '.repeat(10_000_000)],
    ['white space before short sentences', `${' '.repeat(5_000_000)}${'a. '.repeat(1_000_000)}`],
    ['white space behind one word', `${'x'.repeat(5_000_000)}${' '.repeat(5_000_000)}`],
    ['stops', '.'.repeat(10_000_000)],
    ['stops before closers', `.${')'.repeat(5_000_000)}`.repeat(2)],
    ['short lines', 'a\n'.repeat(5_000_000)],
  ])('take linear time for 10 MB of %s', (_, hostile) => {
    expect(countOf(hostile)).toBeLessThanOrEqual(hostile.length / 240);
  });
});
