import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { JUDGE_METRICS } from './catalogue/judge.ts';
import { type MetricSpec, SECONDS } from './catalogue/metric.ts';
import { STORE_METRICS } from './catalogue/store.ts';
import { TRAFFIC_METRICS } from './catalogue/traffic.ts';
import { VERDICT_METRICS } from './catalogue/verdicts.ts';

// Every metric, named once, in catalogue/. docs/metrics.md documents each with its unit; a parity test holds docs,
// dashboards, rules and this list together. Labels take values from closed sets, or `other`: a trace can never add a
// label value.

export const METRICS = { ...TRAFFIC_METRICS, ...VERDICT_METRICS, ...JUDGE_METRICS, ...STORE_METRICS };

export type MetricName = keyof typeof METRICS;

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
    if (spec.type === 'counter') counters.set(name, startedAtZero(new Counter(base), spec));
    else if (spec.type === 'gauge') gauges.set(name, new Gauge(base));
    else histograms.set(name, new Histogram({ ...base, buckets: [...(spec.buckets ?? SECONDS)] }));
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

const startedAtZero = (counter: Counter, { known = {} }: MetricSpec): Counter => {
  if (Object.keys(known).length > 0) {
    for (const labels of combinations(Object.entries(known))) counter.inc(labels, 0);
  }
  return counter;
};

const combinations = (dimensions: readonly (readonly [string, readonly string[]])[]): Record<string, string>[] =>
  dimensions.reduce<Record<string, string>[]>(
    (rows, [label, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [label]: value }))),
    [{}],
  );

/** A label value from a closed set, or `other`. */
export const bounded = (value: string, known: ReadonlySet<string>): string => (known.has(value) ? value : 'other');
