import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCombiner, loadCombiner } from '../../src/decide/combiner.ts';
import type { Finding } from '../../src/domain/finding.ts';

const calibration: [number, number][] = [
  [-1, 0.001],
  [0, 0.01],
  [5, 0.9],
];
const combiner = createCombiner({
  version: 1,
  rules: { cap: 4, stanceWeights: { mentioned: 0, rejected: 0, considered: 0.4, intended: 1, acted: 1 } },
  reasoning: { mean: -3, sd: 2, weight: 0.5, min: -2, max: 3 },
  answer: { mean: 0, sd: 1, weight: 0.25, min: -1, max: 1 },
  bias: 0,
  calibration,
  trainedOn: [],
  note: 'for tests',
});

const finding = (changes: Partial<Finding> & { readonly rule?: string } = {}): Finding => ({
  id: 'f',
  category: 'sandbagging',
  group: 'scheming',
  stance: 'intended',
  view: 'reasoning',
  severity: 'high',
  score: 0.8,
  detector: { name: 'heuristics', rule: changes.rule ?? 'a', version: '1', hash: 'h', status: 'test' },
  evidence: [],
  explanation: 'e',
  ...changes,
});

const logitOf = (risk: number): number => ((Math.log(risk) - Math.log(0.01)) / (Math.log(0.9) - Math.log(0.01))) * 5;

describe('the combiner', () => {
  it('without any evidence the risk is 0', () => {
    expect(combiner.risk([], {})).toBe(0);
    expect(combiner.risk([finding({ stance: 'rejected' }), finding({ stance: 'mentioned', rule: 'b' })], {})).toBe(0);
  });

  it('adds up distinct rules as chances, and a rule counts once however often it stands', () => {
    expect(logitOf(combiner.risk([finding()], {}))).toBeCloseTo(-Math.log(0.2), 10);
    expect(logitOf(combiner.risk([finding(), finding({ view: 'answer', score: 0.5 })], {}))).toBeCloseTo(
      -Math.log(0.2),
      10,
    );
    expect(logitOf(combiner.risk([finding(), finding({ rule: 'b', score: 0.5 })], {}))).toBeCloseTo(-Math.log(0.1), 10);
  });

  it('caps what rules alone can say', () => {
    const many = Array.from({ length: 20 }, (_, i) => finding({ rule: `r${i}`, score: 1 }));
    expect(logitOf(combiner.risk(many, {}))).toBeCloseTo(4, 10);
  });

  it('takes observations and findings of the classifier itself for no evidence', () => {
    const observed = finding({ group: 'observation', category: 'evaluation_awareness' });
    const own = finding({ detector: { name: 'classifier', rule: null, version: '1', hash: 'h', status: null } });
    expect(combiner.risk([observed, own], {})).toBe(0);
  });

  it('standardises and clips the score of the reasoning, and of a summary where there is no reasoning', () => {
    expect(logitOf(combiner.risk([], { reasoning: -3 }))).toBeCloseTo(0, 10);
    expect(logitOf(combiner.risk([], { reasoning: 1 }))).toBeCloseTo(1, 10);
    expect(logitOf(combiner.risk([], { reasoning: 99 }))).toBeCloseTo(1.5, 10);
    expect(combiner.risk([], { reasoning_summary: 1 })).toBe(combiner.risk([], { reasoning: 1 }));
    expect(combiner.risk([], { reasoning: 1, reasoning_summary: 9 })).toBe(combiner.risk([], { reasoning: 1 }));
  });

  it('stays between the ends of its calibration', () => {
    expect(combiner.risk([], { reasoning: -99 })).toBe(0.001);
    expect(combiner.risk([finding({ score: 1 }), finding({ score: 1, rule: 'b' })], { reasoning: 99, answer: 9 })).toBe(
      0.9,
    );
  });

  it('more evidence never lowers the risk', () => {
    const shipped = loadCombiner();
    const score = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(score, { minLength: 1, maxLength: 6 }),
        score,
        fc.double({ min: -20, max: 20, noNaN: true }),
        (scores, more, reasoning) => {
          const findings = scores.map((s, i) => finding({ rule: `r${i}`, score: s }));
          // Less what rounding may do to a logarithm and back.
          const before = shipped.risk(findings, { reasoning }) - 1e-12;
          expect(
            shipped.risk([...findings, finding({ rule: 'more', score: more })], { reasoning }),
          ).toBeGreaterThanOrEqual(before);
          expect(shipped.risk(findings, { reasoning: reasoning + 1 })).toBeGreaterThanOrEqual(before);
        },
      ),
    );
  });

  it('tells what made the risk: base and contributions add up to its odds, whatever the evidence', () => {
    const shipped = loadCombiner();
    const odds = (risk: number): number => Math.log(risk / (1 - risk));
    const score = fc.double({ min: 0.01, max: 1, noNaN: true });
    const reasoning = fc.option(fc.double({ min: -20, max: 20, noNaN: true }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(score, { maxLength: 6 }), reasoning, (scores, thought) => {
        const findings = scores.map((s, i) => finding({ rule: `r${i}`, score: s }));
        const evidence = thought === undefined ? {} : { reasoning: thought };
        const explained = shipped.explain(findings, evidence);
        const risk = shipped.risk(findings, evidence);
        if (explained === undefined) {
          expect(risk).toBe(0);
          return;
        }
        const told = explained.parts.reduce((sum, { amount }) => sum + amount, odds(explained.baseRisk));
        expect(told).toBeCloseTo(odds(risk), 2);
        for (const { of, amount } of explained.parts)
          if (typeof of === 'object') expect(amount).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('tells equal evidence to be equal, also where the cap cuts it', () => {
    const many = Array.from({ length: 20 }, (_, i) => finding({ rule: `r${i}`, score: 1 }));
    const amounts = combiner.explain(many, {})!.parts.map(({ amount }) => amount);
    expect(amounts).toHaveLength(20);
    expect(Math.max(...amounts)).toBeCloseTo(Math.min(...amounts), 10);
  });
});
