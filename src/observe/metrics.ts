import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { ASSESSMENT_STATES, COVERAGE_REASONS, DECISIONS } from '../domain/verdict.ts';

// Every metric, named once. docs/metrics.md documents each with its unit; a parity test holds docs, dashboards, rules and
// this list together. Labels take values from closed sets, or `other`: a trace can never add a label value.

/** From what a caller notices to what is an outage. */
const DELAY_SECONDS = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 14_400];
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Judges take seconds, and minutes on a slow machine. */
const JUDGE_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300];

export const METRICS = {
  cot_monitor_http_requests_total: {
    type: 'counter',
    help: 'HTTP requests answered.',
    labels: ['method', 'route', 'status'],
  },
  cot_monitor_http_request_duration_seconds: {
    type: 'histogram',
    help: 'Time to answer an HTTP request.',
    labels: ['method', 'route'],
    buckets: SECONDS,
  },
  cot_monitor_http_in_flight: { type: 'gauge', help: 'Traces in the pipeline over REST.', labels: [] },
  cot_monitor_http_shed_total: {
    type: 'counter',
    help: 'Requests answered 503 because the service was at capacity.',
    labels: [],
  },
  cot_monitor_otlp_spans_total: {
    type: 'counter',
    help: 'Spans received over OTLP, by what became of them.',
    labels: ['result'],
  },
  cot_monitor_streams_open: { type: 'gauge', help: 'Live streams that are open.', labels: [] },
  cot_monitor_streams_total: { type: 'counter', help: 'Live streams that ended, by what ended them.', labels: ['end'] },
  cot_monitor_batch_lines_total: { type: 'counter', help: 'Lines of batches answered.', labels: ['result'] },
  cot_monitor_verdicts_total: {
    type: 'counter',
    help: 'Verdicts made durable, redeliveries not counted.',
    labels: ['state', 'decision', 'source'],
  },
  cot_monitor_coverage_reasons_total: {
    type: 'counter',
    help: 'Reasons why traces were not, or not wholly, assessed.',
    labels: ['reason'],
  },
  cot_monitor_findings_total: {
    type: 'counter',
    help: 'Findings in durable verdicts.',
    labels: ['category', 'stance', 'view', 'severity'],
  },
  cot_monitor_model_verdicts_total: {
    type: 'counter',
    help: 'Verdicts by model: those that METRICS_MODELS names, all others as other.',
    labels: ['model', 'decision'],
  },
  cot_monitor_suppressed_total: {
    type: 'counter',
    help: 'Durable verdicts that a suppression kept from what they would have led to.',
    labels: ['decision'],
  },
  cot_monitor_unread_fields_total: {
    type: 'counter',
    help: 'Long text under keys that the format does not know.',
    labels: ['format'],
  },
  cot_monitor_last_verdict_timestamp_seconds: {
    type: 'gauge',
    help: 'When the latest verdict became durable, seconds since the epoch.',
    labels: [],
  },
  cot_monitor_detector_duration_seconds: {
    type: 'histogram',
    help: 'Time one detector took for one trace.',
    labels: ['detector'],
    buckets: SECONDS,
  },
  cot_monitor_detector_outcomes_total: {
    type: 'counter',
    help: 'Outcomes of detectors.',
    labels: ['detector', 'outcome'],
  },
  cot_monitor_judge_outcomes_total: {
    type: 'counter',
    help: 'Judgements by what became of them: judged, partial, or the reason why there is none.',
    labels: ['judge', 'outcome'],
  },
  cot_monitor_judge_duration_seconds: {
    type: 'histogram',
    help: 'Time one judgement took, with all its calls, waits and a second judge.',
    labels: [],
    buckets: JUDGE_SECONDS,
  },
  cot_monitor_judge_calls_total: {
    type: 'counter',
    help: 'Calls to a judge endpoint by result.',
    labels: ['judge', 'step', 'result'],
  },
  cot_monitor_judge_call_duration_seconds: {
    type: 'histogram',
    help: 'Time one call to a judge endpoint took.',
    labels: ['judge', 'step'],
    buckets: JUDGE_SECONDS,
  },
  cot_monitor_judge_retries_total: {
    type: 'counter',
    help: 'Calls to a judge endpoint that were tried again.',
    labels: ['judge'],
  },
  cot_monitor_judge_tokens_total: {
    type: 'counter',
    help: 'Tokens that judge endpoints say they used, estimated where they say nothing.',
    labels: ['judge', 'kind'],
  },
  cot_monitor_judge_cost_usd_total: {
    type: 'counter',
    help: 'Cost of those tokens at the configured prices.',
    labels: ['judge'],
  },
  cot_monitor_judge_excerpts_total: {
    type: 'counter',
    help: 'Passages that judges named, by whether they occur exactly in the trace.',
    labels: ['judge', 'result'],
  },
  cot_monitor_judge_breaker_open: {
    type: 'gauge',
    help: '1 while a judge endpoint is left alone because it kept failing.',
    labels: ['judge'],
  },
  cot_monitor_duplicates_total: {
    type: 'counter',
    help: 'Traces that were known already, and changed nothing.',
    labels: ['source'],
  },
  cot_monitor_conflicts_total: {
    type: 'counter',
    help: 'Traces refused because their id names other content.',
    labels: ['source'],
  },
  cot_monitor_store_batch_size: {
    type: 'histogram',
    help: 'Verdicts written in one transaction.',
    labels: [],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  },
  cot_monitor_store_commit_duration_seconds: {
    type: 'histogram',
    help: 'Time one transaction of verdicts took.',
    labels: [],
    buckets: SECONDS,
  },
  cot_monitor_store_errors_total: { type: 'counter', help: 'Failed store transactions.', labels: [] },
  cot_monitor_store_up: { type: 'gauge', help: '1 while the store answers.', labels: [] },
  cot_monitor_outbox_depth: { type: 'gauge', help: 'Messages waiting in the outbox.', labels: [] },
  cot_monitor_outbox_age_seconds: {
    type: 'gauge',
    help: 'Age of the oldest message waiting in the outbox.',
    labels: [],
  },
  cot_monitor_outbox_published_total: {
    type: 'counter',
    help: 'Messages acknowledged by the brokers.',
    labels: ['kind'],
  },
  cot_monitor_outbox_errors_total: { type: 'counter', help: 'Failed attempts to publish.', labels: [] },
  cot_monitor_evaluations_total: {
    type: 'counter',
    help: 'Events about verdicts for the OTLP receiver, by what became of them.',
    labels: ['result'],
  },
  cot_monitor_kafka_records_total: { type: 'counter', help: 'Records read from the traces topic.', labels: ['result'] },
  cot_monitor_kafka_consumer_lag: {
    type: 'gauge',
    help: 'Records between the committed offset and the end of the partition.',
    labels: ['partition'],
  },
  cot_monitor_kafka_delay_seconds: {
    type: 'histogram',
    help: 'Time from the timestamp of a record to its durable verdict.',
    labels: [],
    buckets: DELAY_SECONDS,
  },
  cot_monitor_kafka_connected: { type: 'gauge', help: '1 while the consumer is in its group.', labels: [] },
  cot_monitor_kafka_quarantined_total: {
    type: 'counter',
    help: 'Records sent to the quarantine topic.',
    labels: ['code'],
  },
  cot_monitor_judge_queue_jobs: { type: 'gauge', help: 'Judge work by state.', labels: ['state'] },
  cot_monitor_judge_queue_age_seconds: {
    type: 'gauge',
    help: 'Age of the oldest judge work that is not done.',
    labels: [],
  },
  cot_monitor_judge_jobs_total: {
    type: 'counter',
    help: 'Tries of judge work by what became of them.',
    labels: ['cause', 'result'],
  },
  cot_monitor_final_verdicts_total: {
    type: 'counter',
    help: 'Final verdicts that replaced provisional ones.',
    labels: ['before', 'decision'],
  },
  cot_monitor_shadow_judged: {
    type: 'gauge',
    help: 'Traces of the last 30 days that were drawn below the band and judged.',
    labels: [],
  },
  cot_monitor_shadow_miss_share: {
    type: 'gauge',
    help: 'Share of those that the judge would have flagged, with its 95% interval.',
    labels: ['bound'],
  },
  cot_monitor_canary_ok: {
    type: 'gauge',
    help: '1 where the latest answer to this trace was the known one, 0 where it was another, or none.',
    labels: ['canary'],
  },
  cot_monitor_canary_last_run_timestamp_seconds: {
    type: 'gauge',
    help: 'When the traces with known answers were last through, seconds since the epoch.',
    labels: [],
  },
  cot_monitor_build_info: {
    type: 'gauge',
    help: 'Always 1; versions as labels.',
    labels: ['version', 'rules', 'policy'],
  },
} as const satisfies Record<string, MetricSpec>;

interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

export type MetricName = keyof typeof METRICS;

/** Label values that are known before the first trace: series then start at 0, and a rate over them is never absent. */
const KNOWN: Partial<Record<MetricName, Record<string, readonly string[]>>> = {
  cot_monitor_verdicts_total: { state: ASSESSMENT_STATES, decision: DECISIONS, source: ['http', 'kafka', 'otlp'] },
  cot_monitor_coverage_reasons_total: { reason: COVERAGE_REASONS },
  cot_monitor_evaluations_total: { result: ['sent', 'failed', 'dropped'] },
  cot_monitor_otlp_spans_total: { result: ['stored', 'without_content', 'other', 'rejected'] },
};

type Labels = Readonly<Record<string, string>>;

/** The few things that code does with metrics. */
export interface Metrics {
  readonly contentType: string;
  /** Adds to a counter. */
  count(name: MetricName, labels?: Labels, by?: number): void;
  /** Sets a gauge. */
  set(name: MetricName, value: number, labels?: Labels): void;
  /** Observes a histogram, in the unit of its name. */
  observe(name: MetricName, value: number, labels?: Labels): void;
  /** Forgets the series of a gauge (partitions that moved to another member). */
  reset(name: MetricName): void;
  render(): Promise<string>;
}

export const createMetrics = (options: { readonly processMetrics: boolean }): Metrics => {
  const registry = new Registry();
  if (options.processMetrics) collectDefaultMetrics({ register: registry });
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, spec] of Object.entries<MetricSpec>(METRICS)) {
    const base = { name, help: spec.help, labelNames: [...spec.labels], registers: [registry] };
    if (spec.type === 'counter') counters.set(name, new Counter(base));
    else if (spec.type === 'gauge') gauges.set(name, new Gauge(base));
    else histograms.set(name, new Histogram({ ...base, buckets: [...(spec.buckets ?? SECONDS)] }));
  }
  for (const [name, values] of Object.entries(KNOWN)) {
    for (const labels of combinations(Object.entries(values))) counters.get(name)!.inc(labels, 0);
  }
  return {
    contentType: registry.contentType,
    count: (name, labels = {}, by = 1) => counters.get(name)!.inc(labels, by),
    set: (name, value, labels = {}) => gauges.get(name)!.set(labels, value),
    observe: (name, value, labels = {}) => histograms.get(name)!.observe(labels, value),
    reset: (name) => gauges.get(name)!.reset(),
    render: () => registry.metrics(),
  };
};

const combinations = (dimensions: readonly (readonly [string, readonly string[]])[]): Record<string, string>[] =>
  dimensions.reduce<Record<string, string>[]>(
    (rows, [label, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [label]: value }))),
    [{}],
  );

/** A label value from a closed set, or `other`. */
export const bounded = (value: string, known: ReadonlySet<string>): string => (known.has(value) ? value : 'other');
