import fc from 'fast-check';
import { expect, test } from 'vitest';
import { piecesOf } from '../../console/text/characters.ts';

const named = (text: string) => piecesOf(text).flatMap(({ name }) => name ?? []);

test('characters that turn a line around are shown by name', () => {
  expect(named('a\u202eb\u2066c\u2069\u200f')).toEqual(['RLO', 'LRI', 'PDI', 'RLM']);
});

test('characters without width, tags and other controls are shown by name or number', () => {
  expect(named('a\u200bb\u2060\ufeff\u00ad\u{e0041}\u0000\u001b')).toEqual([
    'zero-width space',
    'word joiner',
    'BOM',
    'soft hyphen',
    'U+E0041',
    'NUL',
    'ESC',
  ]);
});

test('half a character is shown by its number', () => {
  expect(named('a\ud800b')).toEqual(['U+D800']);
});

test('what can be seen stays as it is: other scripts, emoji, tabs and line ends', () => {
  for (const text of ['שלום', 'مرحبا', '思考', '👍', 'a\tb\nc\r\nd', '<script>']) {
    expect(named(text).filter((name) => name !== 'ZWJ')).toEqual([]);
  }
});

test('pieces join up to the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(
        piecesOf(text)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(text);
    }),
  );
});
