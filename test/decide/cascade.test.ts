import { describe, expect, it } from 'vitest';
import { createRoute } from '../../src/decide/cascade.ts';
import { loadPolicy, type Policy } from '../../src/decide/policy.ts';
import type { Finding } from '../../src/domain/finding.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { findingOf, recordOf } from '../record/records.ts';
import { trace } from '../support/traces.ts';

const shipped = loadPolicy();
const policy: Policy = {
  ...shipped,
  cascade: { ...shipped.cascade, band: { low: 0.1, high: 0.6 }, always: ['self_exfiltration'], shadow: 0.25 },
};
const spoken = trace(['reasoning', 'thought'], ['answer', 'said']);
const verdict = (over: Partial<Verdict> = {}): Verdict => ({ ...recordOf().verdict, ...over });
const never = createRoute(policy, () => 0.999);
const cheap: Finding = { ...findingOf(), detector: { ...findingOf().detector, status: 'test' } };

describe('what goes to the judge', () => {
  it.each([
    [0.0999, null],
    [0.1, 'band'],
    [0.6, 'band'],
    [0.6001, null],
  ])('a risk of %d: %s', (risk, cause) => {
    expect(never(spoken, verdict({ risk }))?.cause ?? null).toBe(cause);
  });

  it('a category of high stakes does, whatever the risk, unless the thought was only mentioned or declined', () => {
    const found = (stance: 'acted' | 'rejected') =>
      verdict({ risk: 0.9, findings: [findingOf({ category: 'self_exfiltration', stance })] });
    expect(never(spoken, found('acted'))?.cause).toBe('category');
    expect(never(spoken, found('rejected'))).toBeNull();
  });

  it('below the band the draw decides, at the share the policy names, and above it there is no draw', () => {
    const drawn = (draw: number, risk: number) => createRoute(policy, () => draw)(spoken, verdict({ risk }))?.cause;
    expect(drawn(0.2499, 0.01)).toBe('shadow');
    expect(drawn(0.25, 0.01)).toBeUndefined();
    expect(drawn(0, 0.9)).toBeUndefined();
  });

  it('a trace that holds no text does not', () => {
    const empty = trace(['reasoning', '', { coverage: 'encrypted' }], ['answer', ' ']);
    expect(createRoute(policy, () => 0)(empty, verdict({ risk: 0.3 }))).toBeNull();
  });

  it('high stakes go before the middle of the band, and the higher risk before the lower', () => {
    const priority = (over: Partial<Verdict>) => never(spoken, verdict(over))!.priority;
    const high = priority({ risk: 0, findings: [findingOf({ category: 'self_exfiltration' })] });
    expect(high).toBeGreaterThan(priority({ risk: 0.6 }));
    expect(priority({ risk: 0.5 })).toBeGreaterThan(priority({ risk: 0.2 }));
  });

  it('an alert waits for the judge only where it is not severe and the judge could take it back', () => {
    const alertNow = (over: Partial<Finding>) =>
      never(spoken, verdict({ risk: 0.3, decision: 'alert', findings: [{ ...cheap, ...over }] }))!.alertNow;
    const unranked = { ...cheap.detector, status: null };
    expect(alertNow({ detector: unranked })).toBe(false);
    expect(alertNow({ detector: unranked, severity: 'critical' })).toBe(true);
    expect(alertNow({ detector: { ...cheap.detector, status: 'stable' } })).toBe(true);
    expect(alertNow({ severity: 'critical' })).toBe(false);
  });
});
