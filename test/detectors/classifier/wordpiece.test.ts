import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SHIPPED_MODEL } from '../../../src/detectors/classifier/model.ts';
import { readVocabulary, tokenize } from '../../../src/detectors/classifier/wordpiece.ts';
import vectors from './fixtures/wordpiece.vectors.json' with { type: 'json' };

const LINES = readFileSync(join(SHIPPED_MODEL, 'vocab.txt'), 'utf8');
const vocabulary = readVocabulary(LINES)!;
const idsOf = (text: string, limit = 128): readonly number[] => tokenize(text, vocabulary, limit).ids;

const CONTROL = /\[(CLS|SEP|PAD|UNK|MASK)\]/;

describe('the tokenizer', () => {
  it.each(vectors.filter(({ text }) => !CONTROL.test(text)))('agrees with the reference on $text', ({ text, ids }) => {
    expect(idsOf(text)).toEqual(ids);
  });

  it('reads control tokens in the text as the characters they are', () => {
    const [forged] = vectors.filter(({ text }) => CONTROL.test(text));
    const ids = idsOf(forged!.text);
    expect(forged!.ids.filter((id) => [101, 102, 103].includes(id))).toHaveLength(5);
    expect(ids.slice(1, -1).some((id) => [0, 100, 101, 102, 103].includes(id))).toBe(false);
  });

  it('keeps to the limit, with both control tokens, and says that it cut', () => {
    const text = 'word '.repeat(200);
    expect(tokenize(text, vocabulary, 160)).toMatchObject({ cut: true, ids: { length: 160 } });
    expect(idsOf(text, 160).at(-1)).toBe(vocabulary.last);
    expect(tokenize('word '.repeat(158), vocabulary, 160)).toMatchObject({ cut: false, ids: { length: 160 } });
    expect(tokenize('word '.repeat(159), vocabulary, 160)).toMatchObject({ cut: true, ids: { length: 160 } });
  });

  it('drops NUL, lone surrogates and invisible characters', () => {
    expect(idsOf('hi\u0000d\ud800e\udc00 th\u200be fl\u00adaw')).toEqual(idsOf('hide the flaw'));
  });

  it('stays within the limit and the vocabulary, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 8, max: 64 }), (text, limit) => {
        const ids = idsOf(text, limit);
        expect(ids.length).toBeLessThanOrEqual(limit);
        expect(ids.every((id) => id >= 0 && id < vocabulary.ids.size)).toBe(true);
        expect([ids[0], ids.at(-1)]).toEqual([101, 102]);
      }),
    );
  });

  it.each([
    ['letters', 'x'],
    ['accented letters', 'é'],
    ['emoji', '😀'],
    ['combining marks', '\u0301'],
    ['zero-width spaces', '\u200b'],
  ])('makes at most one token of a word of 10 MB of %s', (_, character) => {
    expect(idsOf(character.repeat(10_000_000 / character.length)).slice(1, -1)).toEqual(
      /\p{L}|\p{So}/u.test(character) ? [vocabulary.unknown] : [],
    );
  });
});

describe('the vocabulary', () => {
  it('is read with either line end, and with or without one behind the last entry', () => {
    const small = ['[UNK]', '[CLS]', '[SEP]', 'a'];
    for (const lines of [small.join('\n'), `${small.join('\n')}\n`, `${small.join('\r\n')}\r\n`]) {
      expect(readVocabulary(lines)?.ids.get('a')).toBe(3);
    }
  });

  it.each(['', '[UNK]\n[CLS]\na', '[UNK]\n[CLS]\n[SEP]\na\na'])('is refused where it cannot be right (%j)', (lines) => {
    expect(readVocabulary(lines)).toBeUndefined();
  });
});
