import { describe, expect, it } from 'vitest';
import { createClassifier } from '../../../src/detectors/classifier/detector.ts';
import type { EncoderScores, ViewScore } from '../../../src/detectors/classifier/result.ts';
import type { EncoderScorer } from '../../../src/detectors/classifier/scorer.ts';
import { trace } from '../../support/traces.ts';
import { headSource } from './heads.ts';

const TEXT = 'Nothing here. I hide the flaw 😀 for good. Done.';
const coverage = { windows: 3, chosen: 3, scored: 3, cut: 0 };
const sabotage = { id: 'covert_sabotage', stance: 'intended' } as const;

const viewScore = (probability: number): ViewScore => {
  const driver = { segment: 1, start: 14, end: 42, score: 2 };
  return { windows: [driver], drivers: [driver], pooled: 2, probability, coverage };
};

const detectorOver = (changes: Partial<EncoderScores>, category: typeof sabotage | null = sabotage) => {
  const calls: unknown[] = [];
  const scorer: EncoderScorer = {
    version: 'v',
    hash: 'h',
    encoderHash: 'e',
    heads: [headSource({ category })],
    score: async (_, deadline) => {
      calls.push(deadline);
      return { views: {}, unjudged: {}, coverage, timedOut: false, ...changes };
    },
    embed: () => Promise.reject(new Error('a verdict needs no vectors')),
    locate: async (_trace, view, windows, deadline) => {
      calls.push([view, deadline]);
      return windows.map((window) => ({ ...window, end: window.start + 1 }));
    },
    close: async () => {
      calls.push('closed');
    },
  };
  return { detector: createClassifier(scorer), calls };
};

const subject = trace(['user', 'Go.'], ['reasoning', TEXT]);
const outcomeOf = (changes: Partial<EncoderScores>, category?: typeof sabotage | null) =>
  detectorOver(changes, category).detector.detect(subject, { signal: new AbortController().signal, deadline: 7 });

describe('the classifier as a detector', () => {
  it('makes a finding where a head with a category finds it likely, quoting exactly what stands there', async () => {
    const outcome = await outcomeOf({ views: { reasoning: viewScore(0.8) } });
    if (outcome.kind !== 'hit') throw new Error(outcome.kind);
    expect(outcome.findings).toHaveLength(1);
    const [finding] = outcome.findings;
    expect(finding).toMatchObject({
      category: 'covert_sabotage',
      group: 'scheming',
      stance: 'intended',
      view: 'reasoning',
      score: 0.8,
      detector: { name: 'classifier', rule: null, version: 'v', hash: 'h', status: null },
    });
    expect(finding!.evidence).toEqual([
      {
        segment: 1,
        start: 14,
        end: 42,
        quote: 'I hide the flaw 😀 for good.',
        sourcePath: '/segments/1/text',
        hash: subject.segments[1]!.hash,
      },
    ]);
    expect(finding!.evidence[0]!.quote).toBe(TEXT.slice(14, 42));
  });

  it('makes the same finding again with the same id', async () => {
    const ids = await Promise.all(
      [0.8, 0.9].map(async (p) => {
        const outcome = await outcomeOf({ views: { reasoning: viewScore(p) } });
        return outcome.kind === 'hit' ? outcome.findings[0]!.id : undefined;
      }),
    );
    expect(ids[0]).toBeDefined();
    expect(ids[1]).toBe(ids[0]);
  });

  it('makes none where the head names no category, or finds it unlikely', async () => {
    const clear = {
      kind: 'clear',
      scores: { reasoning: 2 },
      drivers: { reasoning: [{ segment: 1, start: 14, end: 42 }] },
      readings: { reasoning: { characters: 28, windows: { all: 3, read: 3, cut: 0 } } },
    };
    expect(await outcomeOf({ views: { reasoning: viewScore(0.99) } }, null)).toEqual(clear);
    expect(await outcomeOf({ views: { reasoning: viewScore(0.49) } })).toEqual(clear);
  });

  it('is never clear where time ran out or a view could not be read', async () => {
    expect(await outcomeOf({ timedOut: true })).toEqual({ kind: 'unjudged', reason: 'timeout', readings: {} });
    const foreign = { unjudged: { reasoning: 'unsupported_language' } } as const;
    expect(await outcomeOf(foreign)).toEqual({
      kind: 'unjudged',
      reason: 'unsupported_language',
      readings: { reasoning: { characters: 0, left: 'unsupported_language' } },
    });
    expect(await outcomeOf({ views: { reasoning: viewScore(0.9) }, timedOut: true })).toMatchObject({
      kind: 'hit',
      incomplete: 'timeout',
    });
  });

  it.each([
    ['sampled', { windows: 90, chosen: 24, scored: 24, cut: 2 }, false],
    ['timeout', { windows: 90, chosen: 24, scored: 7, cut: 2 }, true],
  ] as const)('says how many windows were read, and why not all: %s', async (left, coverage, timedOut) => {
    const { readings } = await outcomeOf({ views: { reasoning: { ...viewScore(0.1), coverage } }, timedOut });
    expect(readings).toEqual({
      reasoning: { characters: 28, windows: { all: 90, read: coverage.scored, cut: 2 }, left },
    });
  });

  it('hands on deadlines and closing', async () => {
    const { detector, calls } = detectorOver({});
    await detector.detect(subject, { signal: new AbortController().signal, deadline: 7 });
    const places = [{ segment: 1, start: 3, end: 9 }];
    expect(await detector.locate!(subject, 'reasoning', places, 8)).toEqual([{ segment: 1, start: 3, end: 4 }]);
    await detector.close();
    expect(calls).toEqual([7, ['reasoning', 8], 'closed']);
  });
});
