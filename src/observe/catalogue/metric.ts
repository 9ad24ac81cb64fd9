/** What a metric is, for whoever counts and for whoever reads docs/metrics.md. */
export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in the unit of its name. */
  readonly buckets?: readonly number[];
  /** Label values that are known before the first trace: series then start at 0, and a rate over them is never absent. */
  readonly known?: Readonly<Record<string, readonly string[]>>;
}

export type MetricSpecs = Readonly<Record<string, MetricSpec>>;

export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
