import type { ChatCompletionTokenLogprob } from 'openai/resources/chat/completions';
import { describe, expect, test } from 'vitest';
import { continuousScores, scorePositions } from '../../../src/detectors/judge/logprobs.ts';

const token = (text: string, others: readonly (readonly [string, number])[] = []): ChatCompletionTokenLogprob => {
  const top = others.map(([t, p]) => ({ token: t, logprob: Math.log(p), bytes: [...Buffer.from(t)] }));
  return {
    token: text,
    logprob: top.find((t) => t.token === text)?.logprob ?? 0,
    bytes: [...Buffer.from(text)],
    top_logprobs: top,
  };
};

/** The score of category `a`, as the tokens after `{"a":{"score":` have it. */
const scoreOf = (written: number, tokens: ChatCompletionTokenLogprob[], before = ''): number | undefined => {
  const all = [token(before), token('{"a":{"score":'), ...tokens, token(',"why":""}}')];
  const content = all.map((t) => t.token).join('');
  const read = { content, json: content.slice(before.length), at: before.length };
  return continuousScores(read, all, () => written).get('a');
};

describe('a continuous score', () => {
  test('is the mean over the numbers that might have been written', () => {
    expect(
      scoreOf(7, [
        token('7', [
          ['7', 0.6],
          ['8', 0.4],
        ]),
      ]),
    ).toBeCloseTo(7.4, 10);
  });

  test('leaves out what is no number, and counts no token twice', () => {
    expect(
      scoreOf(7, [
        token('7', [
          ['7', 0.5],
          ['x', 0.25],
          ['9', 0.25],
        ]),
      ]),
    ).toBeCloseTo((3.5 + 2.25) / 0.75, 10);
  });

  test.each<[string, ChatCompletionTokenLogprob]>([
    [
      'space before it',
      token(' 7', [
        [' 7', 0.5],
        [' 9', 0.5],
      ]),
    ],
    [
      'punctuation after it',
      token('7,', [
        ['7,', 0.5],
        ['9,', 0.5],
      ]),
    ],
  ])('is found with %s in the token', (_, t) => {
    const rest = t.token.endsWith(',') ? [t, token('"x":1')] : [t];
    expect(scoreOf(7, rest)).toBeCloseTo(8, 10);
  });

  test('knows 10 as one token and as two digits', () => {
    expect(
      scoreOf(10, [
        token('10', [
          ['10', 0.5],
          ['9', 0.5],
        ]),
      ]),
    ).toBeCloseTo(9.5, 10);
    expect(
      scoreOf(10, [
        token('1', [
          ['1', 0.5],
          ['9', 0.5],
        ]),
        token('0'),
      ]),
    ).toBeCloseTo(9.5, 10);
    expect(
      scoreOf(9, [
        token('9', [
          ['9', 0.5],
          ['1', 0.5],
        ]),
      ]),
    ).toBeCloseTo(9.5, 10);
    expect(
      scoreOf(2, [
        token('2', [
          ['2', 0.5],
          ['1', 0.5],
        ]),
      ]),
    ).toBeCloseTo(1.5, 10);
    expect(
      scoreOf(9, [
        token('9', [
          ['9', 0.5],
          ['1', 0.25],
          ['10', 0.25],
        ]),
      ]),
    ).toBeCloseTo(7.25, 10);
  });

  test('is found behind characters of several bytes, and behind a text before the object', () => {
    expect(
      scoreOf(
        7,
        [
          token('7', [
            ['7', 0.5],
            ['9', 0.5],
          ]),
        ],
        '<think>né 隐 😀</think>',
      ),
    ).toBeCloseTo(8, 10);
  });

  test.each<[string, ChatCompletionTokenLogprob[]]>([
    [
      'there is too little on numbers',
      [
        token('7', [
          ['7', 0.3],
          ['x', 0.7],
        ]),
      ],
    ],
    ['a probability is none', [{ ...token('7'), logprob: Number.NaN, top_logprobs: [] }]],
    ['a probability is over 1', [{ ...token('7'), logprob: 3, top_logprobs: [] }]],
    ['tokens do not add up to the text', [{ ...token('7', [['7', 1]]), bytes: [1, 2, 3] }]],
  ])('is not made where %s', (_, tokens) => {
    expect(scoreOf(7, tokens)).toBeUndefined();
  });

  test('of a server that gives no alternatives is the number itself', () => {
    const bare = { token: '7', logprob: -0.1, bytes: null } as unknown as ChatCompletionTokenLogprob;
    expect(scoreOf(7, [bare])).toBe(7);
  });
});

test('a number that a text in the answer mentions is not taken for a score', () => {
  const json = JSON.stringify({ scores: { a: { score: 2, why: '"a":{"score":9' } } });
  expect([...scorePositions(json)]).toEqual([['a', json.indexOf('2')]]);
});

test('of two entries of one name the last counts, as in the parsed object', () => {
  const json = '{"a":{"score":2},"b":{"score":3},"a":{"score":9}}';
  expect([...scorePositions(json)]).toEqual([
    ['b', json.indexOf('3')],
    ['a', json.indexOf('9')],
  ]);
});
