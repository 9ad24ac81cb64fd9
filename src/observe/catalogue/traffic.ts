import { type MetricSpecs, SECONDS } from './metric.ts';

// Requests, streams, batches and spans.

export const TRAFFIC_METRICS = {
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
    known: { result: ['stored', 'without_content', 'other', 'rejected'] },
  },
  cot_monitor_streams_open: { type: 'gauge', help: 'Live streams that are open.', labels: [] },
  cot_monitor_streams_total: { type: 'counter', help: 'Live streams that ended, by what ended them.', labels: ['end'] },
  cot_monitor_batch_lines_total: { type: 'counter', help: 'Lines of batches answered.', labels: ['result'] },
} as const satisfies MetricSpecs;
