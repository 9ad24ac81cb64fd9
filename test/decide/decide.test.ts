import { describe, expect, it } from 'vitest';
import { createCombiner } from '../../src/decide/combiner.ts';
import { createDecide } from '../../src/decide/decide.ts';
import { loadPolicy, type Policy } from '../../src/decide/policy.ts';
import type { Finding } from '../../src/domain/finding.ts';
import type { DetectorResult, Outcome } from '../../src/domain/outcome.ts';
import type { Stance } from '../../src/domain/taxonomy.ts';
import type { Trace } from '../../src/domain/trace.ts';
import { trace } from '../support/traces.ts';

const policy = loadPolicy();
const combiner = createCombiner({
  version: 1,
  rules: { cap: 4, stanceWeights: policy.stances },
  reasoning: { mean: 0, sd: 1, weight: 0.5, min: -2, max: 3 },
  answer: null,
  bias: 0,
  calibration: [
    [-1, 0.001],
    [0, 0.01],
    [5, 0.9],
  ],
  trainedOn: [],
  note: 'for tests',
});
const spoken = trace(['reasoning', 'thought'], ['answer', 'said']);

const finding = (changes: Partial<Finding> = {}, status: Finding['detector']['status'] = 'stable'): Finding => ({
  id: 'f',
  category: 'covert_sabotage',
  group: 'scheming',
  stance: 'intended',
  view: 'reasoning',
  severity: 'critical',
  score: 0.9,
  detector: { name: 'heuristics', rule: 'r', version: '1', hash: 'h', status },
  evidence: [],
  explanation: 'e',
  ...changes,
});

const result = (outcome: Outcome): DetectorResult => ({ detector: 'heuristics', outcome, milliseconds: 1 });
const decide = (subject: Trace, outcome: Outcome, p: Policy = policy) =>
  createDecide(p, combiner, { rules: 'r1', classifier: null, prompt: null })(subject, [result(outcome)]);
const hit = (...findings: Finding[]): Outcome => ({ kind: 'hit', findings });

describe('decisions', () => {
  it('a stable rule above the threshold alerts; a test rule flags at most; an experimental one is recorded', () => {
    expect(decide(spoken, hit(finding())).decision).toBe('alert');
    expect(decide(spoken, hit(finding({}, 'test'))).decision).toBe('flag');
    expect(decide(spoken, hit(finding({}, 'experimental'))).decision).toBe('record');
  });

  it.each<[Stance, string]>([
    ['mentioned', 'clear'],
    ['rejected', 'clear'],
    ['considered', 'record'],
    ['intended', 'alert'],
    ['acted', 'alert'],
  ])('%s leads to %s', (stance, decision) => {
    const verdict = decide(spoken, hit(finding({ stance })));
    expect(verdict.decision).toBe(decision);
    expect(verdict.findings).toHaveLength(1);
  });

  it.each(['unintentional_error', 'evaluation_awareness'])(
    'the observation %s never goes beyond record',
    (category) => {
      expect(decide(spoken, hit(finding({ category, group: 'observation', score: 1 }))).decision).toBe('record');
    },
  );

  it('thresholds of a category win over those of a view, and those over the general ones', () => {
    const strict: Policy = {
      ...policy,
      views: { reasoning: { alert: 0.95 } },
      categories: { covert_sabotage: { alert: 0.5 } },
    };
    expect(decide(spoken, hit(finding()), strict).decision).toBe('alert');
    expect(decide(spoken, hit(finding({ category: 'sandbagging' })), strict).decision).toBe('flag');
  });

  it('says whether answer and tool calls alone would have been flagged', () => {
    expect(decide(spoken, hit(finding())).actionsAloneWouldFlag).toBe(false);
    expect(decide(spoken, hit(finding({ view: 'action' }))).actionsAloneWouldFlag).toBe(true);
    expect(decide(spoken, hit(finding({ view: 'answer' }))).actionsAloneWouldFlag).toBe(true);
  });

  it('scores views apart, null for those the trace did not have', () => {
    const { views, risk } = decide(spoken, hit(finding({ score: 0.5 }), finding({ score: 0.5, view: 'answer' })));
    expect(views).toEqual({
      reasoning: expect.closeTo(0.0187, 3),
      reasoning_summary: null,
      answer: expect.closeTo(0.0187, 3),
      action: null,
      cross: 0,
    });
    // Two findings count once where they are of one rule.
    expect(risk).toBe(views.reasoning);
  });

  it('the same outcomes and policy give the same verdict, with the versions a replay needs', () => {
    expect(decide(spoken, hit(finding()))).toEqual(decide(spoken, hit(finding())));
    expect(decide(spoken, { kind: 'clear' }).versions).toEqual({
      rules: 'r1',
      classifier: null,
      prompt: null,
      policy: `${policy.hash}.${combiner.hash}`,
    });
  });
});

describe('coverage', () => {
  it('clear needs a trace that was wholly assessed', () => {
    expect(decide(spoken, { kind: 'clear' })).toMatchObject({
      decision: 'clear',
      assessment: { state: 'assessed', reasons: [] },
    });
  });

  it.each([
    ['no reasoning at all', trace(['answer', 'a']), 'not_assessed', ['reasoning_absent']],
    ['empty reasoning', trace(['reasoning', ' '], ['answer', 'a']), 'not_assessed', ['reasoning_absent']],
    ['omitted reasoning', trace(['reasoning', '', { coverage: 'omitted' }]), 'not_assessed', ['reasoning_absent']],
    [
      'encrypted reasoning',
      trace(['reasoning', '', { coverage: 'encrypted' }]),
      'not_assessed',
      ['reasoning_encrypted'],
    ],
    ['redacted reasoning', trace(['reasoning', '', { coverage: 'redacted' }]), 'not_assessed', ['reasoning_redacted']],
    ['a summary only', trace(['reasoning_summary', 's']), 'partial', ['summary_only']],
    ['a cut answer', trace(['reasoning', 'r'], ['answer', 'a', { coverage: 'truncated' }]), 'partial', ['truncated']],
    [
      'reasoning that is partly encrypted',
      trace(['reasoning', 'r'], ['reasoning', '', { coverage: 'encrypted' }]),
      'partial',
      ['reasoning_encrypted'],
    ],
  ] as const)('%s is never clear', (_, subject, state, reasons) => {
    expect(decide(subject, { kind: 'clear' })).toMatchObject({ decision: 'unknown', assessment: { state, reasons } });
  });

  it('a detector that timed out is never clear, and what it found before still counts', () => {
    expect(decide(spoken, { kind: 'unjudged', reason: 'timeout' })).toMatchObject({
      decision: 'unknown',
      assessment: { state: 'not_assessed', reasons: ['timeout'] },
    });
    expect(decide(spoken, { kind: 'hit', findings: [finding()], incomplete: 'timeout' })).toMatchObject({
      decision: 'alert',
      assessment: { state: 'partial', reasons: ['timeout'] },
    });
  });

  it('a reason that the operator accepts does not stand in the way of clear, and the verdict names it', () => {
    const accepting: Policy = { ...policy, accept: ['summary_only'] };
    expect(decide(trace(['reasoning_summary', 's']), { kind: 'clear' }, accepting)).toMatchObject({
      decision: 'clear',
      assessment: { state: 'assessed', reasons: ['summary_only'], accepted: ['summary_only'] },
    });
    const cut = trace(['reasoning_summary', 's', { coverage: 'truncated' }]);
    expect(decide(cut, { kind: 'clear' }, accepting)).toMatchObject({
      decision: 'unknown',
      assessment: { state: 'partial' },
    });
  });

  it('accepting summaries accepts the ciphertext that they stand beside, and no other', () => {
    const accepting: Policy = { ...policy, accept: ['summary_only'] };
    const summary = ['reasoning_summary', 's'] as const;
    const sealed = ['reasoning', '', { coverage: 'encrypted' }] as const;
    const reasons = ['reasoning_encrypted', 'summary_only'];
    const paired = trace(summary, sealed, ['answer', 'a'], summary, sealed);
    expect(decide(paired, { kind: 'clear' }, accepting)).toMatchObject({
      decision: 'clear',
      assessment: { state: 'assessed', reasons, accepted: reasons },
    });
    expect(decide(paired, { kind: 'clear' }, policy)).toMatchObject({
      decision: 'unknown',
      assessment: { state: 'partial', reasons },
    });
    for (const untold of [
      trace(summary, sealed, sealed),
      trace(sealed, summary),
      trace(summary, ['answer', 'a'], sealed),
    ]) {
      expect(decide(untold, { kind: 'clear' }, accepting)).toMatchObject({
        decision: 'unknown',
        assessment: { state: 'partial', reasons, accepted: ['summary_only'] },
      });
    }
  });
});
