import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely';
import type { Flag, FlagQuery, Page } from './contract.ts';
import { decodeCursor, instant, isStorable, toPage } from './cursor.ts';
import { parseFlag } from './rows.ts';
import type { Database } from './schema.ts';

const LIST = 'flags';

type Build = ExpressionBuilder<Database, 'flags'>;

/** Newest first, by the time of receipt. `from` is inclusive, `to` is not. */
export const findFlags = async (db: Kysely<Database>, tenant: string, query: FlagQuery): Promise<Page<Flag>> => {
  const cursor = query.cursor === undefined ? undefined : decodeCursor(LIST, query.cursor);
  const backwards = cursor?.direction === 'previous';
  let select = db
    .selectFrom('flags')
    .select(['received_at', 'id', 'body'])
    .where('tenant', '=', tenant)
    .where((e) => e.and(conditions(e, query)));
  if (cursor !== undefined) {
    const beside = sql`(${instant(cursor.at)}::timestamptz, ${cursor.id}::text)`;
    select = select.where(sql<SqlBool>`(received_at, id) ${backwards ? sql`>` : sql`<`} ${beside}`);
  }
  const order = backwards ? 'asc' : 'desc';
  const rows = await select
    .orderBy('received_at', order)
    .orderBy('id', order)
    .limit(query.limit + 1)
    .execute();
  return toPage(
    LIST,
    rows,
    query.limit,
    cursor,
    (row) => ({ at: row.received_at.getTime(), id: row.id }),
    (row) => parseFlag(row.body),
  );
};

/** Column of a flag's array, and of one finding, for each filter that looks at findings. */
const FINDING_FILTERS = [
  ['category', 'categories', 'category'],
  ['group', 'groups', 'group_name'],
  ['stance', 'stances', 'stance'],
  ['view', 'views', 'view'],
  ['rule', 'rules', 'rule'],
] as const;

const conditions = (e: Build, query: FlagQuery): Expression<SqlBool>[] => {
  const all: Expression<SqlBool>[] = [];
  const among = (column: 'model_name' | 'model_version' | 'severity' | 'decision' | 'assessment', values?: Values) => {
    if (values !== undefined) all.push(sql<SqlBool>`${sql.ref(column)} = any(${storable(values)}::text[])`);
  };
  if (query.from !== undefined) all.push(sql<SqlBool>`received_at >= ${instant(query.from.getTime())}::timestamptz`);
  if (query.to !== undefined) all.push(sql<SqlBool>`received_at < ${instant(query.to.getTime())}::timestamptz`);
  among('model_name', query.model);
  among('model_version', query.modelVersion);
  among('severity', query.severity);
  among('decision', query.decision);
  among('assessment', query.assessment);
  if (query.conversationId !== undefined) {
    all.push(isStorable(query.conversationId) ? e('conversation_id', '=', query.conversationId) : sql.lit(false));
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
const oneFinding = (asked: readonly { readonly column: string; readonly values: Values }[]): Expression<SqlBool> => {
  const each = asked.map(({ column, values }) => sql`f.${sql.id(column)} = any(${values}::text[])`);
  return sql<SqlBool>`exists (
    select 1 from findings f
    where f.tenant = flags.tenant and f.received_at = flags.received_at and f.trace_id = flags.trace_id
      and ${sql.join(each, sql` and `)}
  )`;
};

type Values = readonly string[];

const storable = (values: Values): Values => values.filter(isStorable);

export const findFlag = async (db: Kysely<Database>, tenant: string, id: string): Promise<Flag | null> => {
  if (!isStorable(id)) return null;
  const row = await db
    .selectFrom('flags')
    .select('body')
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : parseFlag(row.body);
};
