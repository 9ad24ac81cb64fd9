import { type Kysely, type RawBuilder, sql } from 'kysely';
import { REVIEW_STATES, type ReviewOutcome, type ReviewState } from '../../domain/review.ts';
import { instant } from '../cursor.ts';
import type { Database } from '../schema.ts';
import type { OutcomePair, Period, PrecisionDimension, ReviewCount } from './contract.ts';

const within = (column: string, { from, to }: Period): RawBuilder<unknown> => sql`
  ${from === undefined ? sql`true` : sql`${sql.ref(column)} >= ${instant(from.getTime())}::timestamptz`}
  and ${to === undefined ? sql`true` : sql`${sql.ref(column)} < ${instant(to.getTime())}::timestamptz`}`;

type Count = string | number | bigint;

/** See `Reviews.outcomePairs`. The period is that of the reviews. */
export const findOutcomePairs = async (
  db: Kysely<Database>,
  tenant: string,
  period: Period,
): Promise<readonly OutcomePair[]> => {
  const { rows } = await sql<{ a: string; b: string; oa: ReviewOutcome; ob: ReviewOutcome; n: Count }>`
    with latest as (
      select distinct on (flag_id, reviewer) flag_id, reviewer, outcome from reviews
      where tenant = ${tenant} and ${within('at', period)}
      order by flag_id, reviewer, position desc
    )
    select a.reviewer as a, b.reviewer as b, a.outcome as oa, b.outcome as ob, count(*) as n
    from latest a join latest b on b.flag_id = a.flag_id and a.reviewer < b.reviewer
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
  `.execute(db);
  return rows.map(({ a, b, oa, ob, n }) => ({ reviewers: [a, b], outcomes: [oa, ob], count: Number(n) }));
};

/**
 * See `Reviews.counts`. The period is that of the flags' receipt. A flag counts once for each category, detector and rule
 * that it was flagged for; findings that only mention or reject are no part of that.
 */
export const countReviews = async (
  db: Kysely<Database>,
  tenant: string,
  period: Period,
): Promise<readonly ReviewCount[]> => {
  const { rows } = await sql<{ dimension: PrecisionDimension; value: string; review: ReviewState; n: Count }>`
    with reviewed as materialized (
      select id, received_at, trace_id, review, model_name, model_version from flags
      where tenant = ${tenant} and review <> 'unreviewed' and ${within('received_at', period)}
    ), found as materialized (
      select r.id, r.review, n.category, n.detector, n.rule from reviewed r
      join findings n on n.tenant = ${tenant} and n.received_at = r.received_at and n.trace_id = r.trace_id
      where n.stance not in ('mentioned', 'rejected')
    )
    select 'flag' as dimension, 'all' as value, review, count(*) as n from reviewed group by review
    union all
    select 'model', coalesce(model_name, '') || coalesce('@' || model_version, ''), review, count(*)
      from reviewed group by 2, review
    union all select 'category', category, review, count(distinct id) from found group by category, review
    union all select 'detector', detector, review, count(distinct id) from found group by detector, review
    union all select 'rule', rule, review, count(distinct id) from found where rule is not null group by rule, review
  `.execute(db);
  const groups = Map.groupBy(rows, (row) => JSON.stringify([row.dimension, row.value]));
  return [...groups.values()]
    .map((group): ReviewCount => {
      const counts = new Map(group.map((row) => [row.review, Number(row.n)]));
      const states = Object.fromEntries(REVIEW_STATES.map((state) => [state, counts.get(state) ?? 0]));
      return {
        dimension: group[0]!.dimension,
        value: group[0]!.value,
        states: states as Record<ReviewState, number>,
      };
    })
    .sort((a, b) => (a.value < b.value ? -1 : 1));
};
