import { useMemo } from 'preact/hooks';
import { api, type Schemas, useAsked } from '../../api.ts';
import { plural } from '../../format.ts';
import { Chart, MOST_SERIES, type Series } from '../../parts/chart.tsx';
import { Empty, ProblemNotice, Skeleton } from '../../parts/notices.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { wordFor } from '../../words.ts';
import { ModelChoice, modelScope, PeriodChoice, periodOf } from './scope.tsx';

type Day = Schemas['Drift']['items'][number];

/** The most frequent values, each as a line. A day without a count of a category is a day at zero. */
const linesOf = (days: readonly Day[], wordOf: (value: string) => string, zeros: boolean): readonly Series[] => {
  const totals = new Map<string, number>();
  for (const { series } of days)
    for (const { value, count } of series) totals.set(value, (totals.get(value) ?? 0) + count);
  const top = [...totals].sort((a, b) => b[1] - a[1]).slice(0, MOST_SERIES);
  return top.map(([value]) => ({
    label: wordOf(value),
    rates: days.map(({ n, series }) => {
      const rate = series.find((each) => each.value === value)?.rate ?? null;
      return rate ?? (zeros && n > 0 ? { count: 0, total: n, value: 0, low: 0, high: 0 } : null);
    }),
  }));
};

const Charts = ({ models, categories }: { models: readonly Day[]; categories: readonly Day[] }) => {
  const days = useMemo(() => models.map(({ day }) => day), [models]);
  const byModel = useMemo(() => linesOf(models, (value) => value || 'unknown model', false), [models]);
  const byCategory = useMemo(() => linesOf(categories, wordFor, true), [categories]);
  const unread = useMemo(
    () => [{ label: 'Not assessed', rates: models.map(({ notAssessed }) => notAssessed) }],
    [models],
  );
  return (
    <div class="charts">
      <Chart
        title="Flagged, by model"
        about="Of each model version's own traces that could be assessed."
        days={days}
        series={byModel}
      />
      <Chart
        title="Flagged, by category"
        about={`Of all assessed traces; a trace counts for each of its categories. The ${byCategory.length} most frequent.`}
        days={days}
        series={byCategory}
      />
      <Chart
        title="Not assessed"
        about="Of all traces: what nobody could read. No other rate means much where this one is high."
        days={days}
        series={unread}
      />
    </div>
  );
};

export const Trends = ({ query }: { query: URLSearchParams }) => {
  const scope = { ...modelScope(query.get('model') ?? ''), ...periodOf(query) };
  const key = JSON.stringify(scope);
  const models = useAsked(`model ${key}`, (signal) =>
    api.GET('/v1/reports/drift', { params: { query: { ...scope, by: 'model' } }, signal }),
  );
  const categories = useAsked(`category ${key}`, (signal) =>
    api.GET('/v1/reports/drift', { params: { query: { ...scope, by: 'category' } }, signal }),
  );
  const problem = models.problem ?? categories.problem;
  return (
    <>
      <PageHead
        title="Trends"
        about={
          models.data === undefined
            ? 'How often traces are flagged, day by day.'
            : `${plural(
                models.data.items.reduce((n, day) => n + day.n, 0),
                'assessed trace',
              )} over ${plural(models.data.items.length, 'day')}.`
        }
      >
        <ModelChoice page="trends" query={query} />
        <PeriodChoice page="trends" query={query} />
      </PageHead>
      {problem !== undefined ? (
        <ProblemNotice problem={problem} again={models.again} />
      ) : models.data === undefined || categories.data === undefined ? (
        <Skeleton rows={10} />
      ) : models.data.items.length === 0 ? (
        <Empty icon="trends" title="No traces in this period">
          <p>Choose a longer one, or another model.</p>
        </Empty>
      ) : (
        <Charts models={models.data.items} categories={categories.data.items} />
      )}
    </>
  );
};
