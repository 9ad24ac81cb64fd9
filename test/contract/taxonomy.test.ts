import { expect, test } from 'vitest';
import { SEVERITIES, STANCES, VIEWS } from '../../src/domain/taxonomy.ts';
import { ASSESSMENT_STATES, COVERAGE_REASONS, DECISIONS } from '../../src/domain/verdict.ts';
import { CATEGORIES } from '../support/taxonomy.ts';
import { codeIn, codesIn, readText, tableRows } from './documents.ts';

const page = readText('docs/taxonomy.md');
const column = (header: string): string[] => tableRows(page, header).map((row) => codeIn(row[header]));

test('every category is documented with its group and severity, and nothing documented is missing', () => {
  const shown = tableRows(page, 'Category').map((row) => ({
    id: codeIn(row.Category),
    group: row.Group,
    severity: row.Severity,
  }));
  expect(shown).toEqual(CATEGORIES.map(({ id, group, severity }) => ({ id, group, severity })));
});

test('every category has a definition and a source', () => {
  const bare = tableRows(page, 'Category').filter((row) => (row.Definition ?? '').length < 20 || row.Source === '');
  expect(bare).toEqual([]);
});

test('stances, views, severities, states, reasons and decisions are documented in their order', () => {
  expect(column('Stance')).toEqual(STANCES);
  expect(column('View')).toEqual(VIEWS);
  expect(codesIn(/## Severity\n\n(.*)/.exec(page)?.[1])).toEqual(SEVERITIES);
  expect(column('State')).toEqual(ASSESSMENT_STATES);
  expect(column('Reason')).toEqual(COVERAGE_REASONS);
  expect(column('Decision')).toEqual(DECISIONS);
});
