import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Encoder } from '../../../src/detectors/classifier/encoder.ts';
import { createLocator } from '../../../src/detectors/classifier/sentences.ts';
import { eachSentence } from '../../../src/detectors/classifier/windows.ts';
import { readVocabulary } from '../../../src/detectors/classifier/wordpiece.ts';
import { headFile } from './heads.ts';

// As in the test of scores: a text scores its count of `bad`.
const vocabulary = readVocabulary('[UNK]\n[CLS]\n[SEP]\nfine\nbad\n.')!;

const locatorWith = (cost = 0) => {
  let time = 0;
  let runs = 0;
  const encoder: Encoder = {
    encode: async (ids) => {
      time += cost;
      runs++;
      return Float32Array.of(ids.filter((id) => id === 4).length, 0);
    },
    close: async () => {},
  };
  const locate = createLocator({ encoder, vocabulary, head: headFile(), now: () => time });
  const find = async (text: string, deadline = 1_000_000) => {
    const places = await locate({
      view: 'reasoning',
      windows: [{ segment: 3, start: 100, end: 100 + text.length, text }],
      deadline,
    });
    return places.map(({ segment, start, end }) => {
      expect(segment).toBe(3);
      return text.slice(start - 100, end - 100);
    });
  };
  return { find, runs: () => runs };
};

describe('the sentences that drove a window', () => {
  it('are those without which the score is lower, the strongest first', async () => {
    expect(await locatorWith().find('fine fine. bad. fine. bad bad. fine.')).toEqual(['bad bad.', 'bad.']);
    expect(await locatorWith().find('fine fine. bad. fine. bad bad bad. fine.')).toEqual(['bad bad bad.']);
  });

  it('are the window where it is one sentence or nothing stands out', async () => {
    expect(await locatorWith().find('bad bad bad.')).toEqual(['bad bad bad.']);
    expect(await locatorWith().find('fine. fine.')).toEqual(['fine. fine.']);
  });

  it('are the window where there is no time', async () => {
    expect(await locatorWith(10).find('fine. bad. fine.', 15)).toEqual(['fine. bad. fine.']);
  });

  it('cost a bounded number of runs, however many sentences a window has', async () => {
    const { find, runs } = locatorWith();
    const [found] = await find(`${'fine. '.repeat(40)}bad. ${'fine. '.repeat(40)}`.trim());
    expect(found).toContain('bad.');
    expect(runs()).toBeLessThanOrEqual(9);
  });

  it('cover all of a text but white space, in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b c', '.', '! ', '\n', '。', ' ', '")', '…'), { maxLength: 60 }),
        (parts) => {
          const text = parts.join('');
          let rest = '';
          let last = 0;
          eachSentence(text, (start, end) => {
            expect(start).toBeGreaterThanOrEqual(last);
            expect(text.slice(start, end)).toBe(text.slice(start, end).trim());
            rest += text.slice(last, start);
            last = end;
          });
          expect((rest + text.slice(last)).trim()).toBe('');
        },
      ),
    );
  });
});
