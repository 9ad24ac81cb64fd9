import { api, useAsked } from '../../api.ts';
import { hrefOf, type Query, shift, withQuery } from '../../route.ts';

// Of which model and period a report is. Both stand in the address.

const DAY = 86_400_000;

const PERIODS = [
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
  { value: '90', label: 'Last 90 days' },
  { value: '', label: 'All time' },
];

/** From midnight, so that a day is whole and the same question stays the same for a day. */
export const periodOf = (query: URLSearchParams): { readonly from?: string } => {
  const days = Number(query.get('days') ?? '');
  if (!Number.isInteger(days) || days < 1) return {};
  return { from: new Date((Math.floor(Date.now() / DAY) - days) * DAY).toISOString() };
};

/** `name@version`, cut at the last `@`, as the API does. */
export const modelScope = (key: string): { readonly model?: string; readonly modelVersion?: string } => {
  if (key === '') return {};
  const at = key.lastIndexOf('@');
  return at <= 0 ? { model: key } : { model: key.slice(0, at), modelVersion: key.slice(at + 1) };
};

/** All models that have been seen, `name@version` and, where it has several, `name`. */
export const useModels = (): readonly string[] => {
  const { data } = useAsked('models', (signal) =>
    api.GET('/v1/reports/drift', { params: { query: { by: 'model' } }, signal }),
  );
  const keys = new Set((data?.items ?? []).flatMap(({ series }) => series.map(({ value }) => value)));
  const versions = Map.groupBy(keys, (key) => modelScope(key).model ?? '');
  return [...versions]
    .flatMap(([name, own]) => (own.length > 1 ? [name, ...own] : own))
    .filter((key) => key !== '')
    .sort();
};

export const Choice = ({
  label,
  value,
  options,
  onChoose,
}: {
  label: string;
  value: string;
  options: readonly { readonly value: string; readonly label: string }[];
  onChoose: (value: string) => void;
}) => (
  <label class="choice">
    <span>{label}</span>
    <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  </label>
);

/** @param page id of the page in the address */
export const useShift =
  (page: string, query: URLSearchParams) =>
  (changes: Query): void =>
    shift(hrefOf([page], withQuery(query, changes)));

export const PeriodChoice = ({ page, query }: { page: string; query: URLSearchParams }) => {
  const change = useShift(page, query);
  return (
    <Choice label="Period" value={query.get('days') ?? ''} options={PERIODS} onChoose={(days) => change({ days })} />
  );
};

export const ModelChoice = ({ page, query }: { page: string; query: URLSearchParams }) => {
  const change = useShift(page, query);
  const models = useModels();
  const options = [{ value: '', label: 'All models' }, ...models.map((value) => ({ value, label: value }))];
  return (
    <Choice label="Model" value={query.get('model') ?? ''} options={options} onChoose={(model) => change({ model })} />
  );
};
