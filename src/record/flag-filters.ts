import { type Expression, type SqlBool, sql } from 'kysely';
import { type SearchTerm, searchTerms } from '../domain/search-words.ts';
import type { FlagFilter } from './contract.ts';
import { instant, isStorable } from './cursor.ts';
import { inConversation } from './response-links.ts';

// What a query of flags says, as conditions of SQL.

type Values = readonly string[];
type Condition = Expression<SqlBool>;

/** Column of a flag's array, and of one finding, for each filter that looks at findings. */
const FINDING_FILTERS = [
  ['category', 'categories', 'category'],
  ['group', 'groups', 'group_name'],
  ['stance', 'stances', 'stance'],
  ['view', 'views', 'view'],
  ['rule', 'rules', 'rule'],
  ['detector', 'detectors', 'detector'],
] as const;

const SCALARS = [
  ['model', 'model_name'],
  ['modelVersion', 'model_version'],
  ['severity', 'severity'],
  ['decision', 'decision'],
  ['assessment', 'assessment'],
  ['review', 'review'],
] as const;

const storable = (values: Values): Values => values.filter(isStorable);

/** A single value as an equality: the planner can then walk an index that begins with the column in order. */
const among = (column: string, values: Values): Condition => {
  const kept = storable(values);
  return kept.length === 1
    ? sql<SqlBool>`${sql.ref(column)} = ${kept[0]}::text`
    : sql<SqlBool>`${sql.ref(column)} = any(${kept}::text[])`;
};

/** Who asks for nobody's asks for what is free at this moment. */
const assignedTo = (assignee: string, now: Date): Condition => {
  const at = instant(now.getTime());
  if (assignee === 'none') return sql<SqlBool>`(assigned_until is null or assigned_until <= ${at}::timestamptz)`;
  if (!isStorable(assignee)) return sql.lit(false);
  return sql<SqlBool>`(assignee = ${assignee} and assigned_until > ${at}::timestamptz)`;
};

/** Words hold letters, digits and marks only, so none can leave its quotes. */
const tsquery = (terms: readonly SearchTerm[]): string =>
  terms.map(({ word, prefix }) => `'${word}'${prefix ? ':*' : ''}`).join(' & ');

const holds = (q: string): Condition => {
  const terms = searchTerms(q);
  return terms.length === 0 ? sql.lit(false) : sql<SqlBool>`words @@ ${tsquery(terms)}::tsquery`;
};

export const flagConditions = (tenant: string, query: FlagFilter, now: Date): readonly Condition[] => {
  const all: Condition[] = [];
  if (query.from !== undefined) all.push(sql<SqlBool>`received_at >= ${instant(query.from.getTime())}::timestamptz`);
  if (query.to !== undefined) all.push(sql<SqlBool>`received_at < ${instant(query.to.getTime())}::timestamptz`);
  for (const [filter, column] of SCALARS) {
    const values = query[filter];
    if (values !== undefined) all.push(among(column, values));
  }
  if (query.suppressed !== undefined) {
    all.push(query.suppressed ? sql<SqlBool>`suppressions <> '{}'` : sql<SqlBool>`suppressions = '{}'`);
  }
  if (query.assignee !== undefined) all.push(assignedTo(query.assignee, now));
  if (query.q !== undefined) all.push(holds(query.q));
  if (query.conversationId !== undefined) {
    all.push(inConversation('conversation_id', tenant, query.conversationId));
  }
  const asked = FINDING_FILTERS.flatMap(([filter, array, column]) => {
    const values = query[filter];
    return values === undefined ? [] : [{ array, column, values: storable(values) }];
  });
  for (const { array, values } of asked) all.push(sql<SqlBool>`${sql.ref(array)} && ${values}::text[]`);
  if (asked.length > 1) all.push(oneFinding(asked));
  return all;
};

/**
 * Who asks for sabotage that was acted on does not want sabotage that was only mentioned beside some other act: all of
 * these filters must hold of one and the same finding. The arrays narrow the search; this decides.
 */
const oneFinding = (asked: readonly { readonly column: string; readonly values: Values }[]): Condition => {
  const each = asked.map(({ column, values }) => sql`f.${sql.id(column)} = any(${values}::text[])`);
  return sql<SqlBool>`exists (
    select 1 from findings f
    where f.tenant = flags.tenant and f.received_at = flags.received_at and f.trace_id = flags.trace_id
      and ${sql.join(each, sql` and `)}
  )`;
};
