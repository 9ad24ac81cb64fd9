import { describe, expect, it } from 'vitest';
import { compile } from '../../../../src/detectors/heuristics/engine/compile.ts';
import { parsePattern } from '../../../../src/detectors/heuristics/engine/pattern.ts';
import { inflect } from '../../../../src/detectors/heuristics/engine/words.ts';
import { CodedError } from '../../../../src/domain/errors.ts';
import { rule, shippedLexicon } from '../ruleset.ts';

describe('patterns that must not load', () => {
  it.each([
    ['a gap without end', 'wipe [13] logs', /gap/],
    ['a gap that runs backwards', 'wipe [3-1] logs', /gap/],
    ['a gap at the end', 'wipe [3]', /gap/],
    ['nothing but optional words', 'wipe? logs?', /nothing in particular/],
    ['an empty alternative', '(wipe|)', /empty alternative/],
    ['an unclosed bracket', 'wipe (logs', /cannot be read/],
    ['an anchor in the middle', 'wipe ^ logs', /\^/],
    ['more elements than a sentence needs', 'a b c d e f g h i j k l m n o p q', /more than/],
  ])('%s', (_, pattern, message) => {
    expect(() => parsePattern(pattern)).toThrow(message);
    expect(() => parsePattern(pattern)).toThrow(CodedError);
  });

  it.each([
    ['a class that does not exist', 'wipe {nonsense}', /no word class/],
    ['only words that stand in every sentence', 'i have the', /only common words/],
  ])('%s, named with its rule', (_, pattern, message) => {
    expect(() => compile([rule([pattern])], shippedLexicon)).toThrow(message);
    expect(() => compile([rule([pattern])], shippedLexicon)).toThrow(/oversight_subversion\.sample/);
  });

  it('a class that includes itself', () => {
    const lexicon = new Map([...shippedLexicon, ['loop', ['x {loop}']]] as [string, string[]][]);
    expect(() => compile([rule(['wipe {loop}'])], lexicon)).toThrow(/includes itself/);
  });
});

describe('forms of a word', () => {
  it.each([
    ['disable', ['disable', 'disables', 'disabled', 'disabling']],
    ['copy', ['copy', 'copies', 'copied', 'copying']],
    ['patch', ['patch', 'patches', 'patched', 'patching']],
    ['hide', ['hide', 'hides', 'hid', 'hidden', 'hiding']],
    ['lie', ['lie', 'lies', 'lied', 'lying']],
  ])('%s', (word, forms) => {
    expect(inflect(word)).toEqual(forms);
  });

  it('doubles a final consonant beside the plain form', () => {
    expect(inflect('stop')).toEqual(expect.arrayContaining(['stopped', 'stopping', 'stops']));
  });
});
