import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitThinking } from '../../src/normalise/think-tags.ts';

const shown = (text: string) => splitThinking(text).map(({ kind, text: piece }) => `${kind}:${piece}`);

test.each([
  ['plain', ['answer:plain']],
  ['a < b, and <thinker>', ['answer:a < b, and <thinker>']],
  ['<think>r</think>a', ['reasoning:r', 'answer:a']],
  ['a<THINK>r</Think>b', ['answer:a', 'reasoning:r', 'answer:b']],
  ['<thinking>r</thinking>a', ['reasoning:r', 'answer:a']],
  ['r</think>a', ['reasoning:r', 'answer:a']],
  ['a<think>r', ['answer:a', 'reasoning:r']],
  ['<think>r</think>a<think>s</think>b', ['reasoning:r', 'answer:a', 'reasoning:s', 'answer:b']],
  ['<think>r<think>s</think>t</think>a', ['reasoning:r<think>s</think>t', 'answer:a']],
  ['<think>\n<think>r</think>a', ['reasoning:\n<think>r', 'answer:a']],
  ['r</think>s</think>a', ['reasoning:r', 'reasoning:s', 'answer:a']],
  ['<think></think>a', ['answer:a']],
  ['<think>r</think>', ['reasoning:r']],
  ['</think>a<think>r', ['answer:a', 'reasoning:r']],
  ['', ['answer:']],
])('%j is split where the thought ends', (text, pieces) => {
  expect(shown(text)).toEqual(pieces);
});

test('no character but those of the tags is lost, whatever the tags do', () => {
  const piece = fc.constantFrom('<think>', '</think>', '<thinking>', '</thinking>', 'a', '<', '\u0000', '\ud800', ' ');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (parts) => {
      const text = parts.join('');
      const bare = (value: string): string => value.replace(/<\/?think(?:ing)?>/g, '');
      const pieces = splitThinking(text);
      expect(bare(pieces.map((part) => part.text).join('|')).replaceAll('|', '')).toBe(bare(text));
      let from = 0;
      for (const part of pieces) {
        from = text.indexOf(part.text, from);
        expect(from).toBeGreaterThanOrEqual(0);
        from += part.text.length;
      }
    }),
    { numRuns: 2000 },
  );
});

test('a hundred thousand tags are split', () => {
  expect(splitThinking('<think>r</think>a'.repeat(50_000))).toHaveLength(100_000);
  expect(splitThinking('<think>'.repeat(100_000))).toHaveLength(1);
  expect(splitThinking('r</think>'.repeat(100_000))).toHaveLength(100_000);
});
