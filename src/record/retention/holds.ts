import { type Kysely, type Selectable, sql } from 'kysely';
import { sha256 } from '../../domain/ids.ts';
import type { AuditEntry } from '../audit.ts';
import { type AuditedDeps, audited } from '../auditing/audited.ts';
import type { Availability } from '../availability.ts';
import { isStorable } from '../cursor.ts';
import type { ErasureTarget } from '../erasure/contract.ts';
import type { Database, LegalHoldsTable } from '../schema.ts';
import type { Holds, HoldTarget, LegalHold } from './contract.ts';
import { lockHolds, needleOf } from './held.ts';

// Placing and lifting legal holds. Both stand in the audit chain, with who and why.

/** What the chain says of a target: a label's value may be a person's name, so only its hash. */
export const described = (target: ErasureTarget): object =>
  target.kind === 'label' ? { kind: 'label', name: target.name, valueHash: sha256(target.value) } : target;

const text = (json: string): string => JSON.parse(json) as string;

const parse = (row: Selectable<LegalHoldsTable>): LegalHold => ({
  id: row.id,
  target: JSON.parse(row.target) as HoldTarget,
  reason: text(row.reason),
  placedBy: row.placed_by,
  placedAt: row.placed_at,
  releasedBy: row.released_by,
  releasedAt: row.released_at,
  releaseReason: row.release_reason === null ? null : text(row.release_reason),
});

const entryOf = (tenant: string, id: string, body: object): AuditEntry => ({
  tenant,
  kind: 'hold',
  subject: id,
  body: JSON.stringify(body),
});

const place = (
  deps: AuditedDeps,
  id: string,
  tenant: string,
  target: HoldTarget,
  reason: string,
  by: string,
): Promise<LegalHold> =>
  audited<LegalHold>(deps, async (tx, at) => {
    await lockHolds(tx, 'place');
    const row = {
      tenant,
      id,
      kind: target.kind,
      needle: needleOf(target),
      target: JSON.stringify(target),
      reason: JSON.stringify(reason),
      placed_by: by,
      placed_at: at,
      released_by: null,
      released_at: null,
      release_reason: null,
    };
    await tx.insertInto('legal_holds').values(row).execute();
    const entry = entryOf(tenant, id, { action: 'placed', by, reason, target: described(target) });
    return { result: parse(row), entry };
  });

const release = (
  deps: AuditedDeps,
  tenant: string,
  id: string,
  reason: string,
  by: string,
): Promise<LegalHold | 'released' | null> =>
  audited<LegalHold | 'released' | null>(deps, async (tx, at) => {
    const found = isStorable(id)
      ? await tx
          .selectFrom('legal_holds')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst()
      : undefined;
    if (found === undefined) return { result: null, entry: null };
    if (found.released_at !== null) return { result: 'released', entry: null };
    const change = { released_by: by, released_at: at, release_reason: JSON.stringify(reason) };
    await tx.updateTable('legal_holds').set(change).where('tenant', '=', tenant).where('id', '=', id).execute();
    // What it kept may be due: retention looks at everything again.
    await sql`update retention_marks set received_at = 'epoch', trace_id = '' where tenant = ${tenant}`.execute(tx);
    return { result: parse({ ...found, ...change }), entry: entryOf(tenant, id, { action: 'released', by, reason }) };
  });

const list = async (
  db: Kysely<Database>,
  tenant: string,
  { active }: { readonly active?: boolean | undefined },
): Promise<readonly LegalHold[]> => {
  let select = db.selectFrom('legal_holds').selectAll().where('tenant', '=', tenant);
  if (active !== undefined) select = select.where('released_at', active ? 'is' : 'is not', null);
  return (await select.orderBy('placed_at', 'desc').orderBy('id').execute()).map(parse);
};

export const createHolds = (
  depsOf: (tenant: string) => AuditedDeps,
  newId: () => string,
  run: Availability['run'],
): Holds => ({
  place: (tenant, target, reason, by) => run(() => place(depsOf(tenant), newId(), tenant, target, reason, by)),
  list: (tenant, filter) => run(() => list(depsOf(tenant).db, tenant, filter)),
  release: (tenant, id, reason, by) => run(() => release(depsOf(tenant), tenant, id, reason, by)),
});
