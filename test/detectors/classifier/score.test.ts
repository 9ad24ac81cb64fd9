import { describe, expect, it } from 'vitest';
import type { Encoder } from '../../../src/detectors/classifier/encoder.ts';
import type { HeadSource } from '../../../src/detectors/classifier/head.ts';
import { createTraceScorer, type ScoreTask, type ScoreText } from '../../../src/detectors/classifier/score.ts';
import { readVocabulary } from '../../../src/detectors/classifier/wordpiece.ts';
import { headFile, headSource } from './heads.ts';

// A vocabulary and an encoder so small that scores can be worked out by hand: a window scores its count of `bad`.

const vocabulary = readVocabulary('[UNK]\n[CLS]\n[SEP]\nfine\nbad\n.')!;
const BAD = 4;

interface Setup {
  readonly heads?: readonly HeadSource[];
  readonly maxWindows?: number;
  /** Milliseconds that go by with each window. */
  readonly cost?: number;
}

const setUp = ({ heads, maxWindows = 24, cost = 0 }: Setup = {}) => {
  let time = 0;
  const seen: number[] = [];
  const encoder: Encoder = {
    encode: async (ids) => {
      time += cost;
      seen.push(ids.length);
      return Float32Array.of(ids.filter((id) => id === BAD).length, 0);
    },
    close: async () => {},
  };
  const score = createTraceScorer({ encoder, vocabulary, head: headFile(heads), maxWindows, now: () => time });
  const run = (texts: readonly ScoreText[], changes: Partial<ScoreTask> = {}) =>
    score({ texts, priority: [], deadline: 1_000_000, seed: 'seed', ...changes });
  return { run, seen };
};

/** A sentence that fills a window of its own, with a number of `bad` in it. */
const sentence = (bad: number): string => `${'bad '.repeat(bad)}${'fine '.repeat(90 - bad)}fine. `;

const reasoning = (text: string, segment = 0): ScoreText => ({ segment, view: 'reasoning', text });

describe('the score of a trace', () => {
  it('has each window at its offsets, pooled and calibrated', async () => {
    const text = sentence(0) + sentence(4) + sentence(1);
    const { views, unjudged, timedOut } = await setUp().run([reasoning(text, 5)]);
    const { windows, pooled, probability, coverage } = views.reasoning!;
    expect(windows.map(({ segment, score }) => [segment, score])).toEqual([
      [5, 0],
      [5, 4],
      [5, 1],
    ]);
    expect(windows.map(({ start, end }) => text.slice(start, end))).toEqual([0, 4, 1].map((n) => sentence(n).trim()));
    expect(pooled).toBeCloseTo(Math.log((1 + Math.exp(4) + Math.exp(1)) / 3), 10);
    expect(probability).toBeCloseTo((pooled + 10) / 20, 10);
    expect(coverage).toEqual({ windows: 3, chosen: 3, scored: 3, cut: 0 });
    expect([unjudged, timedOut]).toEqual([{}, false]);
  });

  it('hands back what the windows were scored from only where it is asked for', async () => {
    const text = sentence(2) + sentence(3);
    expect((await setUp().run([reasoning(text)])).views.reasoning).not.toHaveProperty('bag');
    const { views } = await setUp().run([reasoning(text)], { vectors: true });
    expect(views.reasoning!.bag).toEqual({ vectors: Float32Array.of(2, 0, 3, 0), weights: [1, 1] });
  });

  it('names the windows that lift the score, the highest first, three at most', async () => {
    const { views } = await setUp().run([reasoning([0, 5, 0, 7, 0, 6, 5].map(sentence).join(''))]);
    expect(views.reasoning!.drivers.map(({ score }) => score)).toEqual([7, 6]);
    const { views: even } = await setUp().run([reasoning(sentence(2).repeat(9))]);
    expect(even.reasoning!.drivers).toHaveLength(3);
  });

  it('keeps views apart, each under its own head, and ignores those that no head reads', async () => {
    const heads = [headSource(), headSource({ name: 'other', views: ['answer'], bias: -3 })];
    const text = sentence(2);
    const { views } = await setUp({ heads }).run([
      reasoning(text),
      { segment: 1, view: 'answer', text },
      { segment: 2, view: 'action', text },
    ]);
    expect([views.reasoning?.pooled, views.answer?.pooled, views.action]).toEqual([2, -1, undefined]);
  });

  it('reads the segments of a view as one text', async () => {
    const { views } = await setUp().run([reasoning(sentence(1), 1), reasoning(sentence(3), 4)]);
    expect(views.reasoning!.windows.map(({ segment, score }) => [segment, score])).toEqual([
      [1, 1],
      [4, 3],
    ]);
  });

  it('finds nothing to read, and nothing unjudged, in white space', async () => {
    expect(await setUp().run([reasoning(' \n\t')])).toEqual({
      views: {},
      unjudged: {},
      coverage: { windows: 0, chosen: 0, scored: 0, cut: 0 },
      timedOut: false,
    });
  });

  it('says how many windows were longer than the encoder reads', async () => {
    const { coverage } = await setUp().run([reasoning('. '.repeat(200)), { ...reasoning('fine.'), segment: 1 }]);
    expect(coverage).toMatchObject({ scored: 2, cut: 1 });
  });
});

describe('what is read of a long text', () => {
  const long = Array.from({ length: 200 }, (_, i) => sentence(i === 77 ? 9 : 0)).join('');

  it('is a sample within the budget, visible as such and not as a timeout', async () => {
    const { views, timedOut } = await setUp({ maxWindows: 10 }).run([reasoning(long)]);
    expect(views.reasoning!.coverage).toEqual({ windows: 200, chosen: 10, scored: 10, cut: 0 });
    expect(timedOut).toBe(false);
  });

  it('includes the first and the last window, and is the same every time', async () => {
    const read = async () => (await setUp({ maxWindows: 10 }).run([reasoning(long)])).views.reasoning!.windows;
    const windows = await read();
    expect(windows[0]!.start).toBe(0);
    expect(windows.at(-1)!.end).toBe(long.trim().length);
    expect(await read()).toEqual(windows);
  });

  it('includes what a cheaper tier pointed at, and the score weighs it as one window of many', async () => {
    const start = sentence(0).length * 77 + 3;
    const { views } = await setUp({ maxWindows: 10 }).run([reasoning(long)], {
      priority: [{ segment: 0, start, end: start + 3 }],
    });
    expect(views.reasoning!.drivers[0]).toMatchObject({ score: 9 });
    const neighbours = views.reasoning!.windows.filter((w) => w.start < start && w.start > start - 3000);
    expect(neighbours).toEqual([views.reasoning!.drivers[0]]);
    expect(views.reasoning!.pooled).toBeCloseTo(Math.log((199 + Math.exp(9)) / 200), 10);
  });

  it('takes pointers for what they are worth: into other segments, outside the text, without extent, a million', async () => {
    const { run } = setUp({ maxWindows: 10 });
    const odd = [
      { segment: 9, start: 0, end: 5 },
      { segment: 0, start: 1e9, end: 2e9 },
      { segment: 0, start: 500, end: 500 },
      { segment: 0, start: -5, end: -1 },
    ];
    const everywhere = Array.from({ length: 1_000_000 }, (_, i) => ({
      segment: 0,
      start: i % 5000,
      end: (i % 5000) + 1,
    }));
    expect((await run([reasoning(long)], { priority: [...odd, ...everywhere] })).coverage.scored).toBe(10);
  });
});

describe('the deadline', () => {
  const texts = [
    reasoning(sentence(1).repeat(8)),
    { segment: 1, view: 'answer', text: sentence(1).repeat(2) } as const,
  ];
  const heads = [headSource(), headSource({ name: 'other', views: ['answer'] })];

  it('ends the reading; what was read counts, and it shows that time ran out', async () => {
    const { views, coverage, timedOut } = await setUp({ heads, cost: 10 }).run(texts, { deadline: 45 });
    expect(coverage).toEqual({ windows: 10, chosen: 10, scored: 5, cut: 0 });
    expect([views.reasoning!.coverage.scored, views.answer!.coverage.scored]).toEqual([3, 2]);
    expect(timedOut).toBe(true);
  });

  it('leaves views of which nothing was read unjudged', async () => {
    const { views, unjudged } = await setUp({ heads, cost: 10 }).run(texts, { deadline: 5 });
    expect(Object.keys(views)).toEqual(['reasoning']);
    expect(unjudged).toEqual({ answer: 'timeout' });
  });

  it('lets nothing be read, nor even cut into windows, where it had passed while the trace waited', async () => {
    const { run, seen } = setUp({ heads });
    expect(await run(texts, { deadline: 0 })).toMatchObject({
      views: {},
      unjudged: { reasoning: 'timeout', answer: 'timeout' },
      coverage: { windows: 0, chosen: 0 },
      timedOut: true,
    });
    expect(seen).toEqual([]);
  });
});

describe('text the encoder does not know', () => {
  it('is unjudged, not scored, where most letters are of another script', async () => {
    const { run, seen } = setUp();
    const { views, unjudged, timedOut } = await run([reasoning('我会隐瞒这件事。'.repeat(50))]);
    expect([views, unjudged, timedOut]).toEqual([{}, { reasoning: 'unsupported_language' }, false]);
    expect(seen).toEqual([]);
  });

  it('is read along where most of the text is known', async () => {
    const { views } = await setUp().run([reasoning(`${sentence(1)}隐瞒`)]);
    expect(views.reasoning).toBeDefined();
  });
});

describe('hostile text', () => {
  it.each([
    ['a word of 10 MB', 'x'.repeat(10_000_000)],
    ['10 MB of NUL', '\u0000'.repeat(10_000_000)],
    ['10 MB of lone surrogates', '\ud800'.repeat(10_000_000)],
    ['10 MB of emoji', '😀'.repeat(2_500_000)],
    ['10 MB of line ends', '\n'.repeat(10_000_000)],
    ['markup of the encoder', '[CLS] [SEP] __proto__ constructor '.repeat(1000)],
  ])('is read within the budget: %s', async (_, text) => {
    const { run, seen } = setUp();
    const { coverage } = await run([reasoning(text)]);
    expect(coverage.scored).toBe(coverage.chosen);
    expect(coverage.chosen).toBeLessThanOrEqual(24);
    expect(seen.every((tokens) => tokens <= 160)).toBe(true);
  });

  it('of a million segments costs no more windows than any other, and bounded memory', async () => {
    const texts = Array.from({ length: 1_000_000 }, (_, segment) => reasoning('bad.', segment));
    const before = process.memoryUsage().heapUsed;
    const { coverage } = await setUp().run(texts);
    expect(coverage).toEqual({ windows: 1_000_000, chosen: 24, scored: 24, cut: 0 });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(400e6);
  });
});
