import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFinalise } from '../../src/decide/finalise.ts';
import { loadPolicy } from '../../src/decide/policy.ts';
import type { Finding } from '../../src/domain/finding.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { STANCES } from '../../src/domain/taxonomy.ts';
import { DECISIONS, type Decision, type Verdict } from '../../src/domain/verdict.ts';
import { findingOf, recordOf } from '../record/records.ts';

const policy = loadPolicy();
const finalise = createFinalise(policy);

const of = (status: Finding['detector']['status'], over: Partial<Finding> = {}): Finding => ({
  ...findingOf(over),
  detector: { ...findingOf().detector, name: status === null ? 'judge' : 'heuristics', status },
});
const provisional = (decision: Decision, over: Partial<Verdict> = {}): Verdict => ({
  ...recordOf({ decision }).verdict,
  status: 'provisional',
  ...over,
});
const say = (verdict: Verdict, outcome: Outcome): Verdict =>
  finalise(verdict, { outcome, prompt: '1.abc', milliseconds: 1234.56789 });
const rank = (decision: Decision): number => DECISIONS.indexOf(decision);
const FAILURES = ['judge_refused', 'judge_error', 'over_budget', 'timeout'] as const;

describe('a dead letter that is judged after all', () => {
  const dead = say(provisional('clear', { assessment: { state: 'assessed', reasons: [] } }), {
    kind: 'unjudged',
    reason: 'judge_error',
  });

  it('loses the failure, and ends as if it had been judged at once', () => {
    expect(dead).toMatchObject({ status: 'final', decision: 'unknown', assessment: { reasons: ['judge_error'] } });
    expect(say(dead, { kind: 'clear' })).toMatchObject({
      decision: 'clear',
      assessment: { state: 'assessed', reasons: [] },
    });
  });

  it('that fails again says so again', () => {
    const again = say(dead, { kind: 'unjudged', reason: 'judge_error' });
    expect(again).toMatchObject({ decision: 'unknown', assessment: { state: 'partial', reasons: ['judge_error'] } });
  });

  it('keeps every other reason', () => {
    const cut = provisional('unknown', { assessment: { state: 'partial', reasons: ['truncated'] } });
    const judged = say(say(cut, { kind: 'unjudged', reason: 'judge_error' }), { kind: 'clear' });
    expect(judged).toMatchObject({ decision: 'unknown', assessment: { state: 'partial', reasons: ['truncated'] } });
  });
});

describe('the final verdict', () => {
  it('is final, names the prompt, and keeps what was found before beside what the judge found', () => {
    const before = provisional('flag', { findings: [of('test')] });
    const final = say(before, { kind: 'hit', findings: [of(null, { id: 'j', score: 0.95 })] });
    expect(final).toMatchObject({ status: 'final', decision: 'alert', versions: { prompt: '1.abc' } });
    expect(final.findings.map((f) => f.id)).toEqual(['j', 'f-1']);
    expect(final.risk).toBeGreaterThan(before.risk);
    expect(final.timings.judgeMs).toBe(1234.5679);
  });

  it.each([
    ['clear', 'clear'],
    ['unknown', 'unknown'],
    ['record', 'record'],
    ['flag', 'record'],
  ] as const)('an acquittal makes of %s %s', (before, after) => {
    expect(say(provisional(before), { kind: 'clear' }).decision).toBe(after);
  });

  it('an acquittal never lowers an alert of a stable rule, and any other alert to a flag at most', () => {
    const alert = (status: 'stable' | null) => provisional('alert', { findings: [of(status)] });
    expect(say(alert('stable'), { kind: 'clear' }).decision).toBe('alert');
    expect(say(alert(null), { kind: 'clear' }).decision).toBe('flag');
  });

  it('findings that policy gives no weight acquit too, and are kept', () => {
    const final = say(provisional('flag', { findings: [of('test')] }), {
      kind: 'hit',
      findings: [of(null, { id: 'j', stance: 'rejected' })],
    });
    expect(final.decision).toBe('record');
    expect(final.findings.map((f) => f.id)).toContain('j');
  });

  it('a judge that saw only part of the trace lowers nothing', () => {
    const partial: Outcome = { kind: 'hit', findings: [], incomplete: 'truncated' };
    expect(say(provisional('flag'), partial)).toMatchObject({
      decision: 'flag',
      risk: provisional('flag').risk,
      assessment: { state: 'partial', reasons: ['truncated'] },
    });
  });

  it.each(FAILURES)('%s is never clear, is named, and lowers nothing', (reason) => {
    const quiet = say(provisional('clear'), { kind: 'unjudged', reason });
    expect(quiet.decision).not.toBe('clear');
    expect(quiet.assessment).toEqual({ state: 'partial', reasons: [reason] });
    for (const decision of DECISIONS) {
      const before = provisional(decision);
      const after = say(before, { kind: 'unjudged', reason });
      expect(rank(after.decision)).toBeGreaterThanOrEqual(rank(decision));
      expect(after.risk).toBeGreaterThanOrEqual(before.risk);
    }
  });

  it('a refusal puts the trace before a person, and raises its risk', () => {
    const final = say(provisional('clear', { risk: 0.3 }), { kind: 'unjudged', reason: 'judge_refused' });
    expect(final.decision).toBe('flag');
    expect(final.risk).toBeCloseTo(0.5625, 4);
  });

  it('a failure that the operator accepts leaves a clear verdict clear, and the verdict says so', () => {
    const lenient = createFinalise({ ...policy, accept: ['over_budget'] });
    const judged = { outcome: { kind: 'unjudged', reason: 'over_budget' }, prompt: null, milliseconds: 0 } as const;
    expect(lenient(provisional('clear'), judged)).toMatchObject({
      decision: 'clear',
      assessment: { state: 'assessed', reasons: ['over_budget'], accepted: ['over_budget'] },
    });
  });

  it('whatever the judge says, an alert of a stable rule stands and no failure lowers anything', () => {
    const findings = fc.array(
      fc
        .record({ score: fc.double({ min: 0, max: 1, noNaN: true }), stance: fc.constantFrom(...STANCES) })
        .map((over) => of(null, over)),
      { maxLength: 3 },
    );
    const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
      fc.constant<Outcome>({ kind: 'clear' }),
      findings.map((all): Outcome => ({ kind: 'hit', findings: all })),
      findings.map((all): Outcome => ({ kind: 'hit', findings: all, incomplete: 'judge_error' })),
      fc.constantFrom(...FAILURES).map((reason): Outcome => ({ kind: 'unjudged', reason })),
    );
    fc.assert(
      fc.property(
        outcomes,
        fc.constantFrom(...DECISIONS),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (outcome, d, risk) => {
          const before = provisional(d, { risk, findings: d === 'alert' ? [of('stable')] : [] });
          const after = say(before, outcome);
          if (d === 'alert') expect(after.decision).toBe('alert');
          if (outcome.kind === 'unjudged') expect(rank(after.decision)).toBeGreaterThanOrEqual(rank(d));
          expect(after.risk).toBeGreaterThanOrEqual(0);
          expect(after.risk).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
