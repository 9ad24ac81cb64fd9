import type { Kysely } from 'kysely';
import type { Verdict } from '../domain/verdict.ts';
import { isStorable } from './cursor.ts';
import { parseVerdict } from './rows.ts';
import type { Database } from './schema.ts';

/** By way of the identity, which knows the one partition to look into. */
export const findVerdict = async (db: Kysely<Database>, tenant: string, traceId: string): Promise<Verdict | null> => {
  if (!isStorable(traceId)) return null;
  const row = await db
    .selectFrom('trace_identity as i')
    .innerJoin('verdicts as v', (join) =>
      join
        .onRef('v.tenant', '=', 'i.tenant')
        .onRef('v.received_at', '=', 'i.received_at')
        .onRef('v.trace_id', '=', 'i.trace_id'),
    )
    .select('v.body')
    .where('i.tenant', '=', tenant)
    .where('i.trace_id', '=', traceId)
    .executeTakeFirst();
  return row === undefined ? null : parseVerdict(row.body);
};
