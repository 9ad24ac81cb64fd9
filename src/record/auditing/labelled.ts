import { type Kysely, type SqlBool, sql } from 'kysely';
import type { WrittenFlag } from '../contract.ts';
import { decodeCursor, encodeCursor, instant } from '../cursor.ts';
import { parseTrace } from '../rows.ts';
import type { Database } from '../schema.ts';
import type { LabelledTrace } from './contract.ts';

const LIST = 'labelled';

/** See `Reviews.labelled`. What nobody decided, or two decided differently, is no label. */
export const findLabelled = async (
  db: Kysely<Database>,
  tenant: string,
  page: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ readonly items: readonly LabelledTrace[]; readonly next: string | null }> => {
  const after = page.cursor === undefined ? undefined : decodeCursor(LIST, page.cursor);
  let select = db
    .selectFrom('flags as f')
    .innerJoin('verdicts as v', (join) =>
      join
        .onRef('v.tenant', '=', 'f.tenant')
        .onRef('v.received_at', '=', 'f.received_at')
        .onRef('v.trace_id', '=', 'f.trace_id'),
    )
    .innerJoin('trace_text as t', (join) =>
      join
        .onRef('t.tenant', '=', 'f.tenant')
        .onRef('t.received_at', '=', 'f.received_at')
        .onRef('t.trace_id', '=', 'f.trace_id'),
    )
    .select((e) => [
      'f.id',
      'f.received_at',
      'f.trace_id',
      'f.review',
      'f.body as flag',
      'v.header',
      'v.body',
      't.segments',
      e
        .selectFrom('reviews as r')
        .select((r) => r.fn.count('r.reviewer').distinct().as('n'))
        .whereRef('r.tenant', '=', 'f.tenant')
        .whereRef('r.flag_id', '=', 'f.id')
        .as('reviewers'),
    ])
    .where('f.tenant', '=', tenant)
    .where('f.review', 'in', ['confirmed', 'false_positive']);
  if (after !== undefined) {
    select = select.where(sql<SqlBool>`(f.received_at, f.id) > (${instant(after.at)}::timestamptz, ${after.id}::text)`);
  }
  const rows = await select.orderBy('f.received_at').orderBy('f.id').limit(page.limit).execute();
  const last = rows.length === page.limit ? rows.at(-1) : undefined;
  return {
    items: rows.map((row) => ({
      flagId: row.id,
      label: row.review === 'confirmed' ? 1 : 0,
      categories: [...new Set((JSON.parse(row.flag) as WrittenFlag).findings.map((f) => f.category))],
      reviewers: Number(row.reviewers ?? 0),
      trace: parseTrace(row),
    })),
    next:
      last === undefined
        ? null
        : encodeCursor(LIST, { direction: 'next', at: last.received_at.getTime(), id: last.id }),
  };
};
