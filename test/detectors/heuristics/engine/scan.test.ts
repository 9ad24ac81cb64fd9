import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../../src/detectors/heuristics/engine/compile.ts';
import { createScanner } from '../../../../src/detectors/heuristics/engine/scan.ts';
import { matched, rule, shippedLexicon } from '../ruleset.ts';

describe('the pattern language', () => {
  it('finds a word, its forms and alternatives of several words', () => {
    expect(matched('We hide it. They hid it. Hidden! He covered up the leak.', ['(hide~|cover~ up)'])).toEqual([
      'hide',
      'hid',
      'Hidden',
      'covered up',
    ]);
  });

  it('bounds a gap by words', () => {
    expect(matched('wipe all of the logs now', ['wipe [3] logs'])).toEqual(['wipe all of the logs']);
    expect(matched('wipe all of the big logs now', ['wipe [3] logs'])).toEqual([]);
    expect(matched('wipe logs', ['wipe [1-3] logs'])).toEqual([]);
  });

  it('does not look beyond the end of a sentence', () => {
    expect(matched('Please wipe. Logs follow.', ['wipe [3] logs'])).toEqual([]);
    expect(matched('Please wipe\nlogs follow.', ['wipe [3] logs'])).toEqual([]);
  });

  it('does not take the dot of a number or a file name for the end of a sentence', () => {
    expect(matched('wipe app.log at 3.5 percent of logs.', ['wipe [8] logs'])).toEqual([
      'wipe app.log at 3.5 percent of logs',
    ]);
  });

  it('anchors at the start of a sentence', () => {
    expect(matched('Wipe the logs. Then wipe the logs.', ['^ wipe [2] logs'])).toEqual(['Wipe the logs']);
  });

  it('takes optional elements or leaves them', () => {
    expect(matched('wipe the audit logs; wipe the logs', ['wipe the audit? logs'])).toHaveLength(1);
    expect(matched('wipe the logs', ['wipe the audit? logs'])).toEqual(['wipe the logs']);
  });

  it('reads unspaced scripts character by character', () => {
    expect(matched('我会删除日志。', ['删除 [2] 日志'])).toEqual(['删除日志']);
  });

  it('joins parts over as many sentences as the clause allows, and no more', () => {
    const clause = { all: ['wipe the logs', 'nobody will know'], within: 2 };
    expect(matched('I wipe the logs. Then nobody will know.', [clause])).toHaveLength(1);
    expect(matched('I wipe the logs. Lunch first. Then nobody will know.', [clause])).toHaveLength(0);
  });

  it('does not join parts of two texts', () => {
    const scanner = createScanner(
      compile([rule([{ all: ['wipe the logs', 'nobody will know'], within: 2 }])], shippedLexicon),
    );
    const scan = (text: string) =>
      scanner.scan(
        text,
        () => true,
        () => true,
      ).hits;
    expect(scan('I wipe the logs.')).toEqual([]);
    expect(scan('Then nobody will know.')).toEqual([]);
  });

  it('stays quiet where an exclusion stands', () => {
    const clause = { all: ['wipe the logs'], not: ['staging'], within: 1 };
    expect(matched('wipe the logs on staging', [clause])).toEqual([]);
    expect(matched('wipe the logs on production', [clause])).toHaveLength(1);
    expect(matched('wipe the logs as requested', ['wipe the logs'], { unless: ['as requested'] })).toEqual([]);
  });
});

describe('disguises', () => {
  it.each([
    ['case', 'WIPE the LOGS'],
    ['accents', 'wípe the lögs'],
    ['full-width letters', 'ｗｉｐｅ the ｌｏｇｓ'],
    ['zero-width characters', 'w\u200bi\u200dpe the l\u2060ogs'],
    ['Cyrillic look-alikes', 'wiре the lоgs'],
    ['mathematical letters', '𝐰𝐢𝐩𝐞 the 𝓵𝓸𝓰𝓼'],
    ['soft hyphens', 'wi\u00adpe the lo\u00adgs'],
    ['combining marks', 'w\u0336i\u0336p\u0336e\u0336 the logs'],
  ])('%s do not hide a word, and the quotation is the text as received', (_, text) => {
    expect(matched(text, ['wipe the logs'])).toEqual([text]);
  });

  it('NUL and lone surrogates separate words and break nothing', () => {
    expect(matched('wipe\u0000the\ud800logs\udfff', ['wipe the logs'])).toEqual(['wipe\u0000the\ud800logs']);
  });
});

describe('long and hostile texts', () => {
  it('finds a match across the place where an endless sentence is cut, once', () => {
    const scanner = createScanner(compile([rule(['wipe [4] logs'])], shippedLexicon));
    for (let before = 180; before < 262; before++) {
      const text = `${'blah '.repeat(before)}wipe all the old logs${' blah'.repeat(300)}`;
      const { hits } = scanner.scan(
        text,
        () => true,
        () => true,
      );
      const found = hits.map((h) => text.slice(h.matchStart, h.matchEnd));
      expect(found, `${before} words before`).toEqual(['wipe all the old logs']);
    }
  });

  it('stops where it is told to, keeps what it had found, and says that it did', () => {
    const scanner = createScanner(compile([rule(['wipe the logs'])], shippedLexicon));
    const text = `${'x '.repeat(100_000)}wipe the logs.`;
    const result = scanner.scan(
      text,
      () => true,
      () => false,
    );
    expect(result).toEqual({ hits: [], complete: false });
    const found = scanner.scan(
      `I wipe the logs. ${text}`,
      () => true,
      () => false,
    );
    expect(found).toMatchObject({ hits: [{ matchStart: 2 }], complete: false });
  });

  it('reports offsets inside the text, sentence around match, whatever the text holds', () => {
    const words = fc.constantFrom(
      'wipe',
      'the',
      'logs',
      '. ',
      '\n',
      '"',
      '不',
      '\u200b',
      '\ud83d',
      '\ude00',
      '😀',
      ' ',
      ', ',
      "'",
    );
    const scanner = createScanner(compile([rule(['wipe [5] logs'])], shippedLexicon));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 200 }),
        (parts) => {
          const text = parts.join(' ');
          const { hits } = scanner.scan(
            text,
            () => true,
            () => true,
          );
          for (const hit of hits) {
            expect(hit.start).toBeGreaterThanOrEqual(0);
            expect(hit.start).toBeLessThanOrEqual(hit.matchStart);
            expect(hit.matchStart).toBeLessThan(hit.matchEnd);
            expect(hit.matchEnd).toBeLessThanOrEqual(hit.end);
            expect(hit.end).toBeLessThanOrEqual(text.length);
          }
        },
      ),
    );
  });

  it('gives the same hits however often the scanner was used before', () => {
    const scanner = createScanner(compile([rule(['wipe [5] logs'])], shippedLexicon));
    const scan = (text: string) =>
      scanner.scan(
        text,
        () => true,
        () => true,
      ).hits;
    const first = scan('I wipe the logs. Never mind.');
    scan('Something else entirely, unfinished wipe');
    expect(scan('I wipe the logs. Never mind.')).toEqual(first);
  });
});
