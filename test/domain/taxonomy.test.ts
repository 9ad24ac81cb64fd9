import { describe, expect, test } from 'vitest';
import {
  CATEGORIES,
  CATEGORY_IDS,
  compareSeverity,
  findCategory,
  GROUPS,
  isObservation,
  SEVERITIES,
  worstSeverity,
} from '../../src/domain/taxonomy.ts';

describe('the categories', () => {
  test('have ids that are unique and fit a label, a path and a column', () => {
    expect(new Set(CATEGORY_IDS).size).toBe(CATEGORIES.length);
    expect(CATEGORY_IDS.filter((id) => !/^[a-z]+(_[a-z]+)*$/.test(id))).toEqual([]);
  });

  test('leave no group empty', () => {
    expect(new Set(CATEGORIES.map(({ group }) => group))).toEqual(new Set(GROUPS));
  });

  test('say in a sentence what they mean', () => {
    expect(CATEGORIES.filter(({ definition }) => !/^[A-Z].{15,}\.$/.test(definition))).toEqual([]);
  });

  test('are `info` exactly where they are observations: what never alerts is not severe', () => {
    const info = CATEGORIES.filter(({ severity }) => severity === 'info').map(({ id }) => id);
    expect(info).toEqual(CATEGORY_IDS.filter(isObservation));
    expect(info).toEqual(['unintentional_error', 'evaluation_awareness']);
  });

  test('cannot be changed by anyone who reads them', () => {
    expect(Object.isFrozen(CATEGORIES)).toBe(true);
    expect(CATEGORIES.every((category) => Object.isFrozen(category))).toBe(true);
  });

  test('are found by id, and only by an id of theirs', () => {
    expect(findCategory('sandbagging')).toMatchObject({ group: 'scheming' });
    for (const stranger of ['', 'Sandbagging', '__proto__', 'constructor', 'toString']) {
      expect(findCategory(stranger)).toBeUndefined();
      expect(isObservation(stranger)).toBe(false);
    }
  });
});

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
