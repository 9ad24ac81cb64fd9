import type { Transaction } from 'kysely';
import type { Suppression, SuppressionKind } from '../../domain/suppression.ts';
import type { NewRecord } from '../contract.ts';
import type { Database } from '../schema.ts';
import { type LevelOf, silenced } from '../weight.ts';

/**
 * Marks what suppressions in force cover. Read in the transaction that writes, so that one that was just added or ended
 * counts from the next trace on, on every replica.
 */
export const silence = async (
  tx: Transaction<Database>,
  records: readonly NewRecord[],
  now: Date,
  levelOf: LevelOf,
): Promise<readonly NewRecord[]> => {
  const tenants = [...new Set(records.map(({ trace }) => trace.tenant))];
  const rows = await tx
    .selectFrom('suppressions')
    .select(['tenant', 'id', 'kind', 'value'])
    .where('tenant', 'in', tenants)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .execute();
  if (rows.length === 0) return records;
  const active = Map.groupBy(rows, ({ tenant }) => tenant);
  const of = (tenant: string): readonly Suppression[] =>
    (active.get(tenant) ?? []).map(({ id, kind, value }) => ({ id, kind: kind as SuppressionKind, value }));
  return records.map((record) => silenced(record, of(record.trace.tenant), levelOf));
};
