import { describe, expect, it } from 'vitest';
import { loadCombiner } from '../../src/decide/combiner.ts';
import { createDecide } from '../../src/decide/decide.ts';
import { createFinalise } from '../../src/decide/finalise.ts';
import { loadPolicy } from '../../src/decide/policy.ts';
import type { DetectorResult, Outcome } from '../../src/domain/outcome.ts';
import { sampleFinding } from '../http/fixture.ts';
import { trace } from '../support/traces.ts';

const policy = loadPolicy();
const decide = createDecide(policy, loadCombiner(), { rules: 'r', classifier: 'c', prompt: null });
const thought = 'First this. I hide the flaw. Then that.';
const subject = trace(
  ['user', 'Go.'],
  ['reasoning', thought],
  ['reasoning', '', { coverage: 'encrypted' }],
  ['answer', 'Done.'],
);
const result = (detector: string, outcome: Outcome): DetectorResult => ({ detector, outcome, milliseconds: 1 });
const scored = (pooled: number): Outcome => ({
  kind: 'clear',
  scores: { reasoning: pooled },
  drivers: { reasoning: [{ segment: 1, start: 12, end: 28 }] },
  readings: { reasoning: { characters: 16, windows: { all: 3, read: 1, cut: 0 }, left: 'sampled' } },
});
const hit: Outcome = { kind: 'hit', findings: [{ ...sampleFinding, id: 'f', stance: 'intended', score: 0.9 }] };
const logOdds = (risk: number): number => Math.log(risk / (1 - risk));

describe('what drove a verdict', () => {
  it('is each finding with its share, and the score of a view with the passages behind it', () => {
    const { drivers, risk } = decide(subject, [result('heuristics', hit), result('classifier', scored(3))]);
    const [first, second] = drivers!.contributions;
    expect(first).toMatchObject({ detector: 'heuristics', finding: 'f', evidence: [] });
    expect(second).toMatchObject({ detector: 'classifier', rule: null, view: 'reasoning', finding: null });
    expect(second!.evidence).toMatchObject([{ segment: 1, start: 12, end: 28, quote: 'I hide the flaw.' }]);
    const sum = drivers!.contributions.reduce((total, part) => total + part.logOdds, logOdds(drivers!.baseRisk));
    expect(sum).toBeCloseTo(logOdds(risk), 2);
  });

  it('shows no passage for a score that speaks for innocence', () => {
    const { drivers } = decide(subject, [result('classifier', scored(-3))]);
    expect(drivers!.contributions).toMatchObject([{ view: 'reasoning', evidence: [] }]);
    expect(drivers!.contributions[0]!.logOdds).toBeLessThan(0);
  });

  it('is nothing where there was no evidence', () => {
    expect(decide(subject, [result('heuristics', { kind: 'clear' })]).drivers).toEqual({
      baseRisk: 0,
      contributions: [],
    });
  });

  it('has the word of the judge as one more share', () => {
    const before = decide(subject, [result('heuristics', hit), result('classifier', scored(3))]);
    const finalise = createFinalise(policy);
    const after = finalise(before, { outcome: { kind: 'clear' }, prompt: 'p', milliseconds: 1 });
    const judge = after.drivers!.contributions.find(({ detector }) => detector === 'judge');
    expect(judge).toMatchObject({ view: null, finding: null });
    expect(logOdds(before.risk) + judge!.logOdds).toBeCloseTo(logOdds(after.risk), 3);
    const failed = finalise(before, {
      outcome: { kind: 'unjudged', reason: 'timeout' },
      prompt: null,
      milliseconds: 1,
    });
    expect(failed.drivers).toEqual(before.drivers);
  });
});

describe('how much was read', () => {
  it('is told by view and detector, with what stood in the way', () => {
    const { coverage } = decide(subject, [
      result('heuristics', { kind: 'clear' }),
      result('legibility', { kind: 'unjudged', reason: 'timeout' }),
      result('cross', { ...hit, incomplete: 'over_budget' }),
      result('classifier', scored(0)),
    ]);
    expect(coverage).toEqual([
      {
        view: 'reasoning',
        segments: 2,
        unreadable: 1,
        characters: thought.length,
        readings: [
          { detector: 'heuristics', characters: thought.length },
          { detector: 'legibility', characters: 0, left: 'timeout' },
          { detector: 'cross', characters: null, left: 'over_budget' },
          { detector: 'classifier', characters: 16, windows: { all: 3, read: 1, cut: 0 }, left: 'sampled' },
        ],
      },
      expect.objectContaining({ view: 'answer', segments: 1, unreadable: 0, characters: 5 }),
    ]);
    // The classifier has no head for answers, so it is not among those that read them.
    expect(coverage![1]!.readings.map(({ detector }) => detector)).toEqual(['heuristics', 'legibility', 'cross']);
  });

  it('names the judge among the readers once it has spoken, and what it did not read', () => {
    const before = decide(subject, [result('heuristics', hit)]);
    const after = createFinalise(policy)(before, {
      outcome: { kind: 'unjudged', reason: 'judge_refused' },
      prompt: null,
      milliseconds: 1,
    });
    expect(after.coverage![0]!.readings.at(-1)).toEqual({ detector: 'judge', characters: 0, left: 'judge_refused' });
  });
});
