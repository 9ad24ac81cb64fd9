import { expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/domain/errors.ts';
import { codeIn, duplicatesIn, readText, tableRows } from './documents.ts';

const rows = tableRows(readText('docs/errors.md'), 'Code');

test('every error code is documented once, and nothing documented is missing', () => {
  const documented = rows.map((row) => codeIn(row.Code));
  expect(duplicatesIn(documented)).toEqual([]);
  expect([...documented].sort()).toEqual(Object.keys(ERROR_CODES).sort());
});

test('documented statuses are the ones answered', () => {
  const shown = Object.fromEntries(rows.map((row) => [codeIn(row.Code), Number(row.Status)]));
  expect(shown).toEqual(Object.fromEntries(Object.entries(ERROR_CODES).map(([code, { status }]) => [code, status])));
});

test('every error code says what it means and what to do', () => {
  expect(rows.filter((row) => (row.Meaning ?? '').length < 10 || (row.Remedy ?? '').length < 10)).toEqual([]);
});
