import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createConversationRule } from '../../src/decide/conversation.ts';
import { loadPolicy } from '../../src/decide/policy.ts';
import type { ConversationSums } from '../../src/domain/conversation.ts';
import type { Decision, Verdict } from '../../src/domain/verdict.ts';
import { sampleVerdict } from '../http/fixture.ts';

const policy = loadPolicy();
const rule = createConversationRule(policy)!;
const turn = (risk: number, state: Verdict['assessment']['state'] = 'assessed'): Verdict => ({
  ...sampleVerdict,
  risk,
  assessment: { state, reasons: [] },
});
const sums = (...risks: readonly number[]): ConversationSums => ({
  turns: risks.length,
  unassessed: 0,
  weight: risks.reduce((sum, risk) => sum + rule.weigh(turn(risk))!, 0),
});
const times = (n: number, risk: number): number[] => Array.from({ length: n }, () => risk);
const decide = (...risks: readonly number[]): Decision => rule.decide(sums(...risks));

describe('what turns lead to together', () => {
  it('ten weak turns are flagged, and one turn never is, however bad', () => {
    expect(decide(...times(10, 0.05))).toBe('flag');
    for (const risk of [0.05, 0.5, 0.999, 1]) expect(decide(risk)).toBe('clear');
  });

  it('one bad turn among ordinary ones is left to its own verdict', () => {
    expect(decide(0.9, ...times(12, 0.002))).toBe('clear');
  });

  it('ordinary turns stay clear, however many', () => {
    for (const n of [1, 10, 1_000, 100_000]) expect(rule.decide({ turns: n, unassessed: 0, weight: 0 })).toBe('clear');
  });

  it('a build-up is seen among ordinary turns too', () => {
    expect(decide(...times(10, 0.05), ...times(7, 0.002))).toBe('flag');
  });

  it('turns that nobody could read say nothing', () => {
    expect(rule.weigh(turn(0, 'not_assessed'))).toBeNull();
    expect(rule.weigh(turn(0.4, 'not_assessed'))).toBeGreaterThan(0);
    expect(rule.decide({ turns: 0, unassessed: 50, weight: 0 })).toBe('clear');
  });

  it('weights are whole numbers, never negative, and never above the ceiling; more risk never weighs less', () => {
    const risk = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(risk, risk, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((r) => rule.weigh(turn(r))!);
        expect(Number.isSafeInteger(low)).toBe(true);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeGreaterThanOrEqual(low!);
        expect(high).toBeLessThanOrEqual(policy.conversations!.most * 1_000);
      }),
    );
  });

  it('the ceiling of the policy holds, and without the section nothing is weighed', () => {
    const open = createConversationRule({
      ...policy,
      conversations: { ...policy.conversations!, ceiling: 'alert' },
    })!;
    const heavy = { turns: 40, unassessed: 0, weight: 80_000 };
    expect([rule.decide(heavy), open.decide(heavy)]).toEqual(['flag', 'alert']);
    expect(createConversationRule({ ...policy, conversations: undefined })).toBeUndefined();
  });
});
