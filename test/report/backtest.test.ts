import { expect, test } from 'vitest';
import { createBacktest } from '../../src/report/backtest.ts';
import { sampleVerdict } from '../http/fixture.ts';

const model = { provider: null, name: 'o1', version: null };
const stored = (n: number, text: 'kept' | 'not_kept' | 'erased' = 'kept') => ({
  traceId: `t-${n}`,
  model,
  verdict: sampleVerdict,
  text,
});

test('a report counts what would change, by decision, category and model, with a few ids', () => {
  const backtest = createBacktest(() => 'record');
  for (let n = 0; n < 50; n++) backtest.add(stored(n));
  const report = backtest.report();
  expect(report).toMatchObject({ verdicts: 50, changed: 50, models: [{ name: 'o1', was: 50, now: 0 }] });
  expect(report.decisions).toMatchObject({ alert: { was: 50, now: 0 }, record: { was: 0, now: 50 } });
  expect(report.changes).toMatchObject([{ was: 'alert', now: 'record', count: 50 }]);
  expect(report.changes[0]!.examples).toHaveLength(20);
  expect(report.categories).toEqual([{ name: sampleVerdict.findings[0]!.category, was: 50, now: 0 }]);
  expect(JSON.stringify(report)).not.toContain(sampleVerdict.findings[0]!.evidence[0]!.quote);
});

test('what stays is no change, and missing text is counted, not lost', () => {
  const backtest = createBacktest(({ decision }) => decision);
  backtest.add(stored(1));
  backtest.add(stored(2, 'erased'));
  backtest.add(stored(3, 'not_kept'));
  expect(backtest.report()).toMatchObject({ changed: 0, changes: [], text: { kept: 1, not_kept: 1, erased: 1 } });
});

test('models without end are told apart up to a bound', () => {
  const backtest = createBacktest(() => 'clear');
  for (let n = 0; n < 10_100; n++) backtest.add({ ...stored(n), model: { ...model, name: `m-${n}` } });
  const { models } = backtest.report();
  expect(models).toHaveLength(100);
  expect(models[0]).toEqual({ name: 'other', was: 100, now: 0 });
});
