// Pieces of PromQL that several panels share. `$job` picks releases and compose projects apart, `$model` models.

const JOB = 'job=~"$job"';

/** The series of a metric that belong to the chosen jobs; more matchers as PromQL writes them. */
export const of = (metric: string, matchers = ''): string =>
  `${metric}{${JOB}${matchers === '' ? '' : `, ${matchers}`}}`;

export const rate = (metric: string, matchers = ''): string => `rate(${of(metric, matchers)}[$__rate_interval])`;

export const rateBy = (labels: string, metric: string, matchers = ''): string =>
  `sum by (${labels}) (${rate(metric, matchers)})`;

export const totalRate = (metric: string, matchers = ''): string => `sum(${rate(metric, matchers)})`;

/** How much a counter grew over the time that the dashboard shows. */
export const grown = (metric: string, matchers = ''): string => `increase(${of(metric, matchers)}[$__range])`;

/** A part of a whole, 0 where there is no such part yet. */
export const share = (part: string, whole: string): string => `(${part} or vector(0)) / ${whole}`;

export const quantile = (q: number, histogram: string, { by = '', matchers = '' } = {}): string =>
  `histogram_quantile(${q}, sum by (le${by === '' ? '' : `, ${by}`}) (${rate(`${histogram}_bucket`, matchers)}))`;

/** The three that tell most of a distribution. */
export const quantiles = (histogram: string, matchers = '') =>
  [0.5, 0.95, 0.99].map((q) => ({ expr: quantile(q, histogram, { matchers }), legend: `p${q * 100}` }));

const Z = 1.96;

/** A bound of Wilson's 95% interval of a proportion: `hits` a vector, `n` a number. */
export const wilson = (side: 'low' | 'high', hits: string, n: string): string => {
  const p = `((${hits}) / ${n})`;
  const spread = `${Z} * sqrt((${p} * (1 - ${p}) + ${(Z * Z) / 4} / ${n}) / ${n})`;
  return `(${p} + ${(Z * Z) / 2} / ${n} ${side === 'low' ? '-' : '+'} ${spread}) / (1 + ${Z * Z} / ${n})`;
};
