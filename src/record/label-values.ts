import type { Trace } from '../domain/trace.ts';
import { bounded } from '../observe/metrics.ts';

/** What labels may name; everything else is `other`, so that nobody who sends traces can add a series. */
export interface LabelValues {
  /** Models: `name` or `name@version`. */
  readonly models: ReadonlySet<string>;
  readonly categories: ReadonlySet<string>;
}

/** The model as METRICS_MODELS names it, with its version where that is listed. */
export const modelLabel = ({ model: { name, version } }: Pick<Trace, 'model'>, models: ReadonlySet<string>): string => {
  const full = `${name}@${version}`;
  return models.has(full) ? full : bounded(name ?? '', models);
};
