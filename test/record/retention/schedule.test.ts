import { expect, test } from 'vitest';
import { createMetrics } from '../../../src/observe/metrics.ts';
import type { Expired } from '../../../src/record/retention/contract.ts';
import { createRetentionSchedule } from '../../../src/record/retention/schedule.ts';
import { silent } from '../stores.ts';

const NOTHING = { text: 0, words: 0, verdicts: 0 };

/** Runs as often as there are answers, then stops. */
const runAll = async (answers: readonly (Expired | Error)[]): Promise<{ lines: string[]; waits: number[] }> => {
  const metrics = createMetrics({ processMetrics: false });
  const waits: number[] = [];
  const left = [...answers];
  const done = Promise.withResolvers<void>();
  const schedule = createRetentionSchedule({
    expire: async () => {
      const next = left.shift()!;
      if (next instanceof Error) throw next;
      return next;
    },
    intervalMs: 3_600_000,
    metrics,
    log: silent,
    clock: () => new Date(5_000),
    sleep: async (ms, signal) => {
      waits.push(ms);
      if (left.length > 0) return;
      done.resolve();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    },
  });
  schedule.start();
  await done.promise;
  await schedule.stop();
  const lines = (await metrics.render()).split('\n').filter((line) => line.startsWith('cot_monitor_retention'));
  return { lines, waits };
};

test('every run is counted, and one that fails does not end the others', async () => {
  const { lines, waits } = await runAll([
    new Error('down'),
    { gone: { ...NOTHING, text: 3 }, complete: false },
    { gone: { ...NOTHING, text: 4, words: 1 }, complete: true },
  ]);
  expect(lines).toContain('cot_monitor_retention_traces_total{what="text"} 7');
  expect(lines).toContain('cot_monitor_retention_traces_total{what="words"} 1');
  expect(lines).toContain('cot_monitor_retention_runs_total{result="failed"} 1');
  expect(lines).toContain('cot_monitor_retention_runs_total{result="cut_short"} 1');
  expect(lines).toContain('cot_monitor_retention_runs_total{result="complete"} 1');
  expect(lines).toContain('cot_monitor_retention_last_run_timestamp_seconds 5');
  expect(waits).toEqual([60_000, 3_600_000, 3_600_000, 3_600_000]);
});
