import { describe, expect, test } from 'vitest';
import { ASSESSMENT_STATES, COVERAGE_REASONS, DECISIONS } from '../../src/domain/verdict.ts';
import { bounded, createMetrics, METRICS, type MetricName } from '../../src/observe/metrics.ts';

const names = Object.keys(METRICS) as MetricName[];
const seriesOf = (text: string, name: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

describe('the metrics', () => {
  test('are all there from the start, each with its help and type', async () => {
    const text = await createMetrics({ processMetrics: false }).render();
    for (const name of names) {
      expect(text).toContain(`# HELP ${name} ${METRICS[name].help}`);
      expect(text).toContain(`# TYPE ${name} ${METRICS[name].type}`);
    }
  });

  test('of verdicts and coverage start at 0 in every combination, so that a rate over them is never absent', async () => {
    const text = await createMetrics({ processMetrics: false }).render();
    const verdicts = seriesOf(text, 'cot_monitor_verdicts_total');
    expect(verdicts).toHaveLength(ASSESSMENT_STATES.length * DECISIONS.length * ['http', 'kafka', 'otlp'].length);
    const reasons = seriesOf(text, 'cot_monitor_coverage_reasons_total');
    expect(reasons).toHaveLength(COVERAGE_REASONS.length);
    expect([...verdicts, ...reasons].filter((line) => !line.endsWith(' 0'))).toEqual([]);
  });

  test('are counted, set and observed', async () => {
    const metrics = createMetrics({ processMetrics: false });
    metrics.count('cot_monitor_http_shed_total');
    metrics.count('cot_monitor_http_shed_total', {}, 4);
    metrics.set('cot_monitor_outbox_depth', 7);
    metrics.observe('cot_monitor_store_batch_size', 3);
    const text = await metrics.render();
    expect(seriesOf(text, 'cot_monitor_http_shed_total')).toEqual(['cot_monitor_http_shed_total 5']);
    expect(seriesOf(text, 'cot_monitor_outbox_depth')).toEqual(['cot_monitor_outbox_depth 7']);
    expect(seriesOf(text, 'cot_monitor_store_batch_size_sum')).toEqual(['cot_monitor_store_batch_size_sum 3']);
    expect(text).toContain('cot_monitor_store_batch_size_bucket{le="2"} 0');
    expect(text).toContain('cot_monitor_store_batch_size_bucket{le="4"} 1');
  });

  test('of partitions that moved away are forgotten', async () => {
    const metrics = createMetrics({ processMetrics: false });
    metrics.set('cot_monitor_kafka_consumer_lag', 10, { partition: '0' });
    metrics.reset('cot_monitor_kafka_consumer_lag');
    metrics.set('cot_monitor_kafka_consumer_lag', 2, { partition: '1' });
    expect(seriesOf(await metrics.render(), 'cot_monitor_kafka_consumer_lag')).toEqual([
      'cot_monitor_kafka_consumer_lag{partition="1"} 2',
    ]);
  });

  test('take no label that is not declared', () => {
    const metrics = createMetrics({ processMetrics: false });
    expect(() => metrics.count('cot_monitor_http_shed_total', { traceId: 'x' })).toThrow();
  });

  test('of two services in one process do not meet', async () => {
    const [one, two] = [createMetrics({ processMetrics: true }), createMetrics({ processMetrics: true })];
    one.count('cot_monitor_http_shed_total');
    expect(seriesOf(await two.render(), 'cot_monitor_http_shed_total')).toEqual(['cot_monitor_http_shed_total 0']);
    expect(await two.render()).toContain('nodejs_eventloop_lag_seconds');
  });

  test('carry no label that a trace could fill with ids', () => {
    // A model's name comes from the trace; these metrics take only those that METRICS_MODELS lists.
    const listed = ['cot_monitor_model_verdicts_total', 'cot_monitor_card_verdicts_total', 'cot_monitor_flags_total'];
    const free = names.filter((name) => !listed.includes(name));
    const labels = new Set<string>(free.flatMap((name) => [...METRICS[name].labels]));
    for (const unbounded of ['traceId', 'trace_id', 'conversation', 'user', 'model', 'tenant', 'id', 'path', 'url']) {
      expect(labels).not.toContain(unbounded);
    }
  });
});

describe('a bounded label', () => {
  const known = new Set(['a', 'b']);
  test.each(['c', '', 'A', 'a ', '__proto__', 'a"} 1\nforged 1', 'x'.repeat(1_000_000), '\u0000', '\ud800'])(
    'is `other` for a value that nobody declared (case %#)',
    (value) => {
      expect(bounded(value, known)).toBe('other');
    },
  );

  test('is itself where it was declared', () => {
    expect(bounded('a', known)).toBe('a');
  });
});
