import { type RawBuilder, sql } from 'kysely';

/** `text[]` values are given as array literals: an array of arrays cannot be unnested row by row. */
const CASTS = {
  text: (column: RawBuilder<unknown>) => column,
  integer: (column: RawBuilder<unknown>) => sql`${column}::integer`,
  bigint: (column: RawBuilder<unknown>) => sql`${column}::bigint`,
  boolean: (column: RawBuilder<unknown>) => sql`${column}::boolean`,
  double: (column: RawBuilder<unknown>) => sql`${column}::double precision`,
  timestamptz: (column: RawBuilder<unknown>) => sql`${column}::timestamptz`,
  'text[]': (column: RawBuilder<unknown>) => sql`${column}::text[]`,
  /** Words as they are, given as an array literal: nothing parses them again. */
  tsvector: (column: RawBuilder<unknown>) => sql`array_to_tsvector(${column}::text[])`,
} as const;

/** PostgreSQL's notation of an array, every element quoted. */
export const arrayLiteral = (elements: readonly string[]): string =>
  `{${elements.map((element) => `"${element.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;

export interface Column<Row> {
  readonly name: string;
  readonly type: keyof typeof CASTS;
  readonly value: (row: Row) => string | null;
}

/**
 * `insert into table … select … from unnest(…)`: one parameter a column however many rows there are, so the statement
 * keeps its text and never meets the limit of 65,535 parameters. Rows are inserted in the order given.
 */
export const bulkInsert = <Row>(
  table: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): RawBuilder<unknown> => sql`
  insert into ${sql.id(table)} (${sql.join(columns.map((c) => sql.id(c.name)))})
  select ${sql.join(columns.map((c) => CASTS[c.type](sql.ref(`u.${c.name}`))))}
  from unnest(${sql.join(columns.map((c) => sql`${rows.map(c.value)}::text[]`))})
    as u(${sql.join(columns.map((c) => sql.id(c.name)))})`;
