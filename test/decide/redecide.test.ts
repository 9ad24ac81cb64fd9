import { describe, expect, it } from 'vitest';
import { createFinalise } from '../../src/decide/finalise.ts';
import { changePolicy, loadPolicy } from '../../src/decide/policy.ts';
import { createRedecide } from '../../src/decide/redecide.ts';
import type { Finding } from '../../src/domain/finding.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { SHIPPED } from '../../src/taxonomy/shipped.ts';
import { sampleFinding, sampleVerdict } from '../http/fixture.ts';

const policy = loadPolicy();
const changed = (changes: object) => changePolicy(policy, changes as Record<string, unknown>, SHIPPED);

const finding = (over: Partial<Finding> = {}, name = 'heuristics'): Finding => ({
  ...sampleFinding,
  stance: 'intended',
  score: 0.6,
  detector: { ...sampleFinding.detector, name, status: name === 'judge' ? null : 'test' },
  ...over,
});
const verdict = (over: Partial<Verdict> = {}): Verdict => ({
  ...sampleVerdict,
  assessment: { state: 'assessed', reasons: [] },
  decision: 'flag',
  findings: [finding()],
  ...over,
});

describe('a verdict under another policy', () => {
  it('stays what it was under its own', () => {
    expect(createRedecide(policy)(verdict())).toBe('flag');
    expect(createRedecide(policy)(verdict({ findings: [] }))).toBe('clear');
  });

  it('follows the thresholds, ceilings and accepted reasons of the other', () => {
    expect(createRedecide(changed({ thresholds: { flag: 0.7 } }))(verdict())).toBe('record');
    expect(createRedecide(changed({ ceilings: { statuses: { test: 'record' } } }))(verdict())).toBe('record');
    const summary = verdict({ findings: [], assessment: { state: 'partial', reasons: ['summary_only'] } });
    expect(createRedecide(policy)(summary)).toBe('unknown');
    expect(createRedecide(changed({ accept: ['summary_only'] }))(summary)).toBe('clear');
  });

  it('is not clear where a reason was accepted before and is no longer', () => {
    const accepted = verdict({
      findings: [],
      assessment: { state: 'assessed', reasons: ['summary_only'], accepted: ['summary_only'] },
    });
    expect(createRedecide(policy)(accepted)).toBe('unknown');
  });

  it.each<[string, Outcome]>([
    ['acquitted', { kind: 'clear' }],
    ['found something', { kind: 'hit', findings: [finding({ id: 'j', score: 0.9 }, 'judge')] }],
    ['refused', { kind: 'unjudged', reason: 'judge_refused' }],
    ['failed', { kind: 'unjudged', reason: 'judge_error' }],
  ])('weighs the word of a judge that %s as it was weighed then', (_, outcome) => {
    const final = createFinalise(policy)(
      { ...verdict(), status: 'provisional' },
      { outcome, prompt: 'p', milliseconds: 1 },
    );
    expect(createRedecide(policy)(final)).toBe(final.decision);
  });
});

describe('a changed policy', () => {
  it('merges fields, replaces lists, and has a hash of its own', () => {
    const other = changed({ thresholds: { flag: 0.6 }, accept: ['truncated'] });
    expect(other.thresholds).toEqual({ ...policy.thresholds, flag: 0.6 });
    expect(other.accept).toEqual(['truncated']);
    expect(other.hash).not.toBe(policy.hash);
    expect(changed({}).hash).toBe(policy.hash);
  });

  it.each([
    [{ thresholds: { flag: 2 } }, '/thresholds/flag'],
    [{ surprise: 1 }, '/'],
    [{ cascade: { always: ['nothing'] } }, '/cascade/always/0'],
    [JSON.parse('{"__proto__": {"x": 1}}'), '/'],
    [{ thresholds: null }, '/thresholds'],
  ])('%j is refused, and says where', (changes, path) => {
    const read = () => changed(changes);
    expect(read).toThrow(expect.objectContaining({ code: 'invalid_policy' }));
    expect(read).toThrow(
      expect.objectContaining({ errors: expect.arrayContaining([expect.objectContaining({ path })]) }),
    );
  });
});
