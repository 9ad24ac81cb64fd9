import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { FacetValue, FlagFacets, FlagFilter } from './contract.ts';
import { flagConditions } from './flag-filters.ts';
import { flagsByKey, seekerOf } from './flag-keys.ts';
import type { Database } from './schema.ts';

// Facets count over the newest flags that match, no more than a bound: a count over everything would take as long as
// there is data, and whoever narrows a search needs the shares, not the last digit.

export const FACET_BOUND = 2_000;

/** Values shown of each. */
const MAX_VALUES = 50;

const SCALAR = {
  model: 'model_name',
  modelVersion: 'model_version',
  severity: 'severity',
  decision: 'decision',
  assessment: 'assessment',
  review: 'review',
} as const;

const ARRAY = {
  category: 'categories',
  group: 'groups',
  stance: 'stances',
  view: 'views',
  rule: 'rules',
  detector: 'detectors',
} as const;

const COLUMNS = [...Object.values(SCALAR), ...Object.values(ARRAY)];

const counts = (facet: string, value: RawBuilder<unknown>, from: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select ${facet}::text as facet, ${value} as value, count(*) as n from ${from} group by 2`;

/** See `Store.flagFacets`. */
export const findFlagFacets = async (
  own: Kysely<Database>,
  owner: Kysely<Database>,
  tenant: string,
  query: FlagFilter,
  now: Date,
): Promise<FlagFacets> => {
  const keys = await seekerOf(own, owner, query)
    .selectFrom('flags')
    .select(['received_at', 'id'])
    .where('tenant', '=', tenant)
    .where((e) => e.and(flagConditions(tenant, query, now)))
    .orderBy('received_at', 'desc')
    .limit(FACET_BOUND + 1)
    .execute();
  const matching = flagsByKey(own, tenant, keys).select(COLUMNS);
  const parts = [
    counts('', sql`null::text`, sql`matching`),
    ...Object.entries(SCALAR).map(([facet, column]) => counts(facet, sql.ref(column), sql`matching`)),
    ...Object.entries(ARRAY).map(([facet, column]) =>
      counts(facet, sql`u.v`, sql`matching, unnest(${sql.ref(column)}) as u(v)`),
    ),
  ];
  const { rows } = await sql<{ facet: string; value: string | null; n: string | number | bigint }>`
    with matching as materialized (${matching}) ${sql.join(parts, sql` union all `)}
  `.execute(own);
  const byFacet = Map.groupBy(rows, (row) => row.facet);
  const seen = Number(byFacet.get('')?.[0]?.n ?? 0);
  const facet = (name: string): readonly [string, readonly FacetValue[]] => [
    name,
    (byFacet.get(name) ?? [])
      .map(({ value, n }) => ({ value, count: Number(n) }))
      .sort((a, b) => b.count - a.count)
      .slice(0, MAX_VALUES),
  ];
  return {
    count: Math.min(seen, FACET_BOUND),
    complete: seen <= FACET_BOUND,
    facets: Object.fromEntries([...Object.keys(SCALAR), ...Object.keys(ARRAY)].map(facet)),
  };
};
