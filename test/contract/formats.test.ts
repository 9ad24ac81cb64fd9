import { expect, test } from 'vitest';
import { SEGMENT_COVERAGES, SEGMENT_KINDS } from '../../src/domain/trace.ts';
import { FORMAT_IDS } from '../../src/normalise/formats.ts';
import { codeIn, readText, tableRows } from './documents.ts';

const page = readText('docs/formats.md');

test('every format is documented, and nothing documented is missing', () => {
  const documented = tableRows(page, 'Format').map((row) => codeIn(row.Format));
  expect(documented.sort()).toEqual([...FORMAT_IDS].sort());
});

test('every kind and every coverage of a segment is documented', () => {
  for (const word of [...SEGMENT_KINDS, ...SEGMENT_COVERAGES.filter((coverage) => coverage !== 'full')]) {
    expect(page).toContain(`\`${word}\``);
  }
});
