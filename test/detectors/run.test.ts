import { describe, expect, it } from 'vitest';
import type { Detector } from '../../src/detectors/contract.ts';
import { createDetection } from '../../src/detectors/run.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { createLogger } from '../../src/observe/log.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { trace } from '../support/traces.ts';

const detector = (name: string, detect: Detector['detect']): Detector => ({
  name,
  version: '1',
  hash: 'h',
  detect,
  close: async () => {},
});

const lines: string[] = [];
const detection = (detectors: readonly Detector[], deadlineMs = 1_000) => {
  const metrics = createMetrics({ processMetrics: false });
  const log = createLogger('info', { write: (line: string) => void lines.push(line) });
  return { metrics, detect: createDetection({ detectors, deadlineMs, metrics, log }) };
};

const clear: Outcome = { kind: 'clear' };

describe('running detectors', () => {
  it('a detector that fails is unjudged, is counted, and does not silence the others', async () => {
    const failing = detector('failing', () => Promise.reject(new Error('the secret text of the trace')));
    const { detect, metrics } = detection([failing, detector('fine', async () => clear)]);
    const results = await detect(trace(['reasoning', 'x']));
    expect(results.map((r) => r.outcome)).toEqual([{ kind: 'unjudged', reason: 'timeout' }, clear]);
    expect(await metrics.render()).toContain(
      'cot_monitor_detector_outcomes_total{detector="failing",outcome="unjudged"} 1',
    );
    expect(lines.join('')).toContain('"detector":"failing"');
    expect(lines.join('')).not.toContain('secret');
  });

  it('a detector that hangs is unjudged soon after the deadline', async () => {
    const { detect } = detection([detector('hung', () => new Promise(() => {}))], 20);
    const [result] = await detect(trace(['reasoning', 'x']));
    expect(result!.outcome).toEqual({ kind: 'unjudged', reason: 'timeout' });
  });

  it('every detector is told the same deadline', async () => {
    const deadlines: number[] = [];
    const noting = (name: string): Detector =>
      detector(name, async (_, { deadline }) => {
        deadlines.push(deadline);
        return clear;
      });
    const { detect } = detection([noting('a'), noting('b')]);
    await detect(trace(['reasoning', 'x']));
    expect(deadlines[0]).toBe(deadlines[1]);
  });
});
