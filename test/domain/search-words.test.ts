import fc from 'fast-check';
import { expect, test } from 'vitest';
import { searchTerms, searchWords } from '../../src/domain/search-words.ts';

test.each([
  ['Switch OFF the audit-log, the audit log!', ['switch', 'off', 'the', 'audit', 'log']],
  ['ｆｕｌｌ width', ['full', 'width']],
  ['我隐瞒 it', ['我', '隐', '瞒', 'it']],
  ['Überwachung naïve', ['überwachung', 'naïve']],
  ['\u0000 \ud800 <script>', ['script']],
  ['…', []],
])('cuts %j into words', (text, words) => {
  expect(searchWords(text)).toEqual(words);
});

test('a star at the end asks for words that begin so', () => {
  expect(searchTerms('Audit* log')).toEqual([
    { word: 'audit', prefix: true },
    { word: 'log', prefix: false },
  ]);
  expect(searchTerms('* & | ! :* \'"')).toEqual([]);
});

test('whatever the text, words are few, short, well-formed, and hold nothing that a query language could read', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
      const words = searchWords(text);
      expect(words.length).toBeLessThanOrEqual(256);
      expect(words.filter((word) => !/^[\p{L}\p{N}\p{M}_]{1,64}$/u.test(word) || !word.isWellFormed())).toEqual([]);
      expect(new Set(words).size).toBe(words.length);
    }),
  );
});
