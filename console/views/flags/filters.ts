import type { Query } from '../../route.ts';
import { searchOf } from '../../route.ts';
import { wordFor } from '../../words.ts';

// What flags can be narrowed by. Filters stand in the address under the names that the API has for them, so that a list
// can be sent to somebody else as a link.

export interface Filter {
  readonly name: FilterName;
  readonly label: string;
  /** Order of its values; else the most frequent first. */
  readonly order?: readonly string[];
  readonly wordFor: (value: string) => string;
}

export type FilterName =
  | 'severity'
  | 'category'
  | 'group'
  | 'stance'
  | 'view'
  | 'model'
  | 'modelVersion'
  | 'decision'
  | 'assessment'
  | 'review'
  | 'rule'
  | 'detector';

const asIs = (value: string): string => value;

export const FILTERS: readonly Filter[] = [
  { name: 'severity', label: 'Severity', order: ['critical', 'high', 'medium', 'low', 'info'], wordFor },
  { name: 'category', label: 'Category', wordFor },
  { name: 'stance', label: 'Stance', order: ['acted', 'intended', 'considered', 'rejected', 'mentioned'], wordFor },
  { name: 'view', label: 'View', wordFor },
  { name: 'model', label: 'Model', wordFor: asIs },
  { name: 'modelVersion', label: 'Version', wordFor: asIs },
  {
    name: 'review',
    label: 'Review',
    order: ['unreviewed', 'confirmed', 'false_positive', 'unsure', 'disputed'],
    wordFor,
  },
  { name: 'assessment', label: 'Coverage', order: ['assessed', 'partial', 'not_assessed'], wordFor },
  { name: 'decision', label: 'Decision', order: ['alert', 'flag'], wordFor },
  { name: 'group', label: 'Group', wordFor },
  { name: 'detector', label: 'Detector', wordFor },
  { name: 'rule', label: 'Rule', wordFor: asIs },
];

/** Those that show beside the search at once; the others stand under "More". */
export const FIRST_FILTERS = 7;

const SINGLE = ['from', 'to', 'q', 'assignee', 'suppressed', 'conversationId'] as const;

/** The filters of an address, as the list, the facets and the export take them. */
export type FlagFilters = Query;

export const filtersOf = (query: URLSearchParams): FlagFilters => ({
  ...Object.fromEntries(FILTERS.map(({ name }) => [name, query.getAll(name)])),
  ...Object.fromEntries(SINGLE.map((name) => [name, query.get(name) ?? undefined])),
});

/** What `fetch` gets: without what is empty. */
export const withoutEmpty = (filters: Query): Record<string, string | readonly string[]> =>
  Object.fromEntries(
    Object.entries(filters).flatMap(([name, value]) =>
      value === undefined || value.length === 0 ? [] : [[name, value]],
    ),
  );

/** The same for the same filters. */
export const keyOf = (filters: Query): string => searchOf(filters).toString();

export const QUEUE: Query = { review: 'unreviewed', suppressed: 'false', assignee: 'none', sort: 'risk' };

/** Lists that are asked for again and again. */
export const TABS: readonly { readonly id: string; readonly label: string; readonly query: Query }[] = [
  { id: 'all', label: 'All', query: {} },
  { id: 'queue', label: 'To review', query: QUEUE },
  { id: 'mine', label: 'In my hand', query: { assignee: 'me', sort: 'risk' } },
  { id: 'disputed', label: 'Disputed', query: { review: 'disputed' } },
];

const TAB_NAMES = ['review', 'suppressed', 'assignee', 'sort'];

/** The tab whose filters are those of the address; what a search adds does not matter. */
export const tabOf = (query: URLSearchParams): string | undefined => {
  const own = TAB_NAMES.flatMap((name) => query.getAll(name).map((value) => `${name}=${value}`)).join('&');
  return TABS.find(
    ({ query: tab }) =>
      TAB_NAMES.flatMap((name) =>
        searchOf(tab)
          .getAll(name)
          .map((v) => `${name}=${v}`),
      ).join('&') === own,
  )?.id;
};
