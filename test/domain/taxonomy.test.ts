import { describe, expect, test } from 'vitest';
import { compareSeverity, SEVERITIES, worstSeverity } from '../../src/domain/taxonomy.ts';

describe('severities', () => {
  test('are ordered from info to critical', () => {
    expect([...SEVERITIES].reverse().sort(compareSeverity)).toEqual(SEVERITIES);
  });

  test('the worst of several is found in any order, and none is as bad as info', () => {
    expect(worstSeverity(['low', 'critical', 'high'])).toBe('critical');
    expect(worstSeverity(['critical', 'low'])).toBe('critical');
    expect(worstSeverity(new Set(['medium'] as const))).toBe('medium');
    expect(worstSeverity([])).toBe('info');
  });
});
