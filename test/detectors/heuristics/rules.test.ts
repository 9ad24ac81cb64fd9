import { describe, expect, it } from 'vitest';
import { checkCases } from '../../../src/detectors/heuristics/cases.ts';
import { loadRules, readCases, SHIPPED_RULES } from '../../../src/detectors/heuristics/load.ts';

const { rules, lexicon } = loadRules();

describe('shipped rules', () => {
  it.each(rules.map((rule) => [rule.slug, rule] as const))('%s holds on its own cases', (slug, rule) => {
    const failures = checkCases(rule, readCases(SHIPPED_RULES, slug), lexicon);
    expect(failures.map((f) => `${f.problem}: ${f.text}`)).toEqual([]);
  });
});
