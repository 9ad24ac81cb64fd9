import { expect, test } from 'vitest';
import { ASSESSMENT_STATES, COVERAGE_REASONS, DECISIONS } from '../../src/domain/verdict.ts';
import { METRICS } from '../../src/observe/metrics.ts';
import { APP_ROLE } from '../../src/record/tenancy/protect.ts';
import { codeIn, codesIn, duplicatesIn, filesUnder, readText, tableRows } from './documents.ts';

const page = readText('docs/metrics.md');
const rows = tableRows(page, 'Metric');
const known = Object.keys(METRICS);

test('every metric is documented once, and nothing documented is missing', () => {
  const documented = rows.map((row) => codeIn(row.Metric));
  expect(duplicatesIn(documented)).toEqual([]);
  expect([...documented].sort()).toEqual([...known].sort());
});

test('documented types and labels are the real ones', () => {
  const shown = rows.map((row) => [codeIn(row.Metric), { type: row.Type, labels: codesIn(row.Labels) }]);
  const real = Object.entries(METRICS).map(([name, { type, labels }]) => [name, { type, labels: [...labels] }]);
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(real));
});

test('every metric has a meaning and the unit that its name promises', () => {
  expect(rows.filter((row) => (row.Meaning ?? '').length < 10 || row.Unit === '')).toEqual([]);
  const wrong = rows.filter((row) => /_seconds`?$/.test(row.Metric ?? '') !== (row.Unit ?? '').startsWith('seconds'));
  expect(wrong).toEqual([]);
});

test('documented label values are the real ones', () => {
  const values = Object.fromEntries(tableRows(page, 'Label').map((row) => [codeIn(row.Label), codesIn(row.Values)]));
  expect(values).toMatchObject({ state: ASSESSMENT_STATES, decision: DECISIONS, reason: COVERAGE_REASONS });
});

test('counters end in _total, and nothing else does', () => {
  const wrong = Object.entries(METRICS).filter(([name, { type }]) => name.endsWith('_total') !== (type === 'counter'));
  expect(wrong).toEqual([]);
});

test('no page, dashboard, alert rule or chart names a metric that does not exist', () => {
  const files = ['README.md', ...filesUnder('docs'), ...filesUnder('deploy'), ...filesUnder('helm')];
  const strangers = files.flatMap((file) =>
    [...readText(file).matchAll(/(?<![\w:])cot_monitor_[a-z0-9_]*[a-z0-9]/g)]
      .map(([name]) => name)
      // The role of requests in the database has a name of the same form.
      .filter((name) => name !== APP_ROLE)
      .filter((name) => !known.includes(name) && !known.includes(name.replace(/_(bucket|sum|count)$/, '')))
      .map((name) => `${file}: ${name}`),
  );
  expect(strangers).toEqual([]);
});
