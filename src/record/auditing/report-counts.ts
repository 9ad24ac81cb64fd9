import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { AssessmentState } from '../../domain/verdict.ts';
import { type ReviewedCount, type ShadowCount, viewsOf } from '../../report/deception.ts';
import { instant, isStorable } from '../cursor.ts';
import type { Database } from '../schema.ts';
import type { BlockCount, DayCount, ReportScope } from './contract.ts';

// Counting for reports. All that is asked of verdicts stands in one index (verdicts_report), so that a table over a
// million of them reads no verdict.

type Count = string | number | bigint;

const named = (column: string, name: string | undefined): RawBuilder<unknown> =>
  name === undefined ? sql`true` : isStorable(name) ? sql`${sql.ref(column)} = ${name}` : sql`false`;

/** Of verdicts `v`. */
const inScope = (tenant: string, { from, to, model, modelVersion }: ReportScope): RawBuilder<unknown> => sql`
  v.tenant = ${tenant}
  and ${from === undefined ? sql`true` : sql`v.occurred_at >= ${instant(from.getTime())}::timestamptz`}
  and ${to === undefined ? sql`true` : sql`v.occurred_at < ${instant(to.getTime())}::timestamptz`}
  and ${named('v.model_name', model)} and ${named('v.model_version', modelVersion)}`;

const FLAGGED = sql`v.decision in ('flag', 'alert')`;

/** See `Reports.verdicts`. */
export const countVerdicts = async (
  db: Kysely<Database>,
  tenant: string,
  scope: ReportScope,
): Promise<readonly DayCount[]> => {
  const { rows } = await sql<{
    day: string;
    model_name: string | null;
    model_version: string | null;
    flagged: boolean;
    assessment: AssessmentState;
    categories: string[];
    views_seen: number;
    views_hit: number;
    n: Count;
  }>`
    select day::text as day, model_name, model_version, flagged, assessment, categories, views_seen, views_hit, n from (
      select (v.occurred_at at time zone 'UTC')::date as day, v.model_name, v.model_version, ${FLAGGED} as flagged,
        v.assessment, v.categories, v.views_seen, v.views_hit, count(*) as n
      from verdicts v where ${inScope(tenant, scope)}
      group by 1, 2, 3, 4, 5, 6, 7, 8
    ) counted order by 1, 2, 3
  `.execute(db);
  return rows.map((row) => ({
    day: row.day,
    model: row.model_name,
    modelVersion: row.model_version,
    flagged: row.flagged,
    assessment: row.assessment,
    categories: row.categories,
    seen: viewsOf(row.views_seen),
    hit: viewsOf(row.views_hit),
    count: Number(row.n),
  }));
};

/** See `Reports.reviewed`. */
export const countReviewed = async (
  db: Kysely<Database>,
  tenant: string,
  scope: ReportScope,
): Promise<readonly ReviewedCount[]> => {
  const { rows } = await sql<{ categories: string[]; confirmed: Count; false_positive: Count }>`
    select v.categories, count(*) filter (where f.review = 'confirmed') as confirmed,
      count(*) filter (where f.review = 'false_positive') as false_positive
    from flags f
    join verdicts v on v.tenant = f.tenant and v.received_at = f.received_at and v.trace_id = f.trace_id
    where f.tenant = ${tenant} and f.review in ('confirmed', 'false_positive') and ${inScope(tenant, scope)}
    group by v.categories
  `.execute(db);
  return rows.map((row) => ({
    categories: row.categories,
    confirmed: Number(row.confirmed),
    falsePositive: Number(row.false_positive),
  }));
};

/** See `Reports.shadow`: what nobody could judge is in neither number. */
export const countShadow = async (db: Kysely<Database>, tenant: string, scope: ReportScope): Promise<ShadowCount> => {
  const { rows } = await sql<{ judged: Count; hits: Count }>`
    select count(*) as judged, count(*) filter (where j.outcome = 'hit') as hits
    from judgements j
    join verdicts v on v.tenant = j.tenant and v.received_at = j.received_at and v.trace_id = j.trace_id
    where j.tenant = ${tenant} and j.cause = 'shadow' and j.outcome in ('hit', 'clear') and ${inScope(tenant, scope)}
  `.execute(db);
  return { judged: Number(rows[0]!.judged), hits: Number(rows[0]!.hits) };
};

/** See `Reports.blocks`. Blocks are cut by order alone, never by what is in them, and an older one never changes. */
export const countBlocks = async (
  db: Kysely<Database>,
  tenant: string,
  scope: ReportScope,
  size: number,
): Promise<readonly BlockCount[]> => {
  const { rows } = await sql<{ block: Count; flagged: boolean; categories: string[]; n: Count }>`
    select (place - 1) / ${size}::bigint as block, flagged, categories, count(*) as n from (
      select row_number() over (order by v.occurred_at, v.trace_id) as place, ${FLAGGED} as flagged, v.categories
      from verdicts v
      where ${inScope(tenant, scope)} and (v.assessment <> 'not_assessed' or ${FLAGGED})
    ) ordered group by 1, 2, 3
  `.execute(db);
  const blocks = [...Map.groupBy(rows, (row) => Number(row.block))].sort(([a], [b]) => a - b);
  return blocks
    .map(([, group]) => {
      const classed = group.map(({ flagged, categories, n }) => ({ flagged, categories, count: Number(n) }));
      return { total: classed.reduce((sum, { count }) => sum + count, 0), classed };
    })
    .filter(({ total }) => total === size);
};
