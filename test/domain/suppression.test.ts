import { expect, test } from 'vitest';
import { covers, modelKey } from '../../src/domain/suppression.ts';
import { findingOf, recordOf } from '../record/records.ts';

const { trace } = recordOf();
const finding = findingOf();

test.each([
  ['rule', 'r-1', true],
  ['rule', 'r-2', false],
  ['category', 'sandbagging', true],
  ['category', 'sandbag', false],
  ['model', 'o1', true],
  ['model', 'o1@2024-12-17', true],
  ['model', 'o1@2025-01-01', false],
  ['model', '', false],
  ['conversation', 'c-1', true],
  ['conversation', 'c-2', false],
] as const)('a suppression of the %s %j covers the finding: %s', (kind, value, covered) => {
  expect(covers({ id: 's', kind, value }, trace, finding)).toBe(covered);
});

test('a model without a name is covered by no suppression of a model', () => {
  const nameless = { ...trace, model: { provider: null, name: null, version: null } };
  expect(covers({ id: 's', kind: 'model', value: '' }, nameless, finding)).toBe(false);
  expect(modelKey(nameless.model)).toBe('');
});
