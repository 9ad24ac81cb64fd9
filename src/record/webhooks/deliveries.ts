import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Clock } from '../../domain/clock.ts';
import { instant } from '../cursor.ts';
import type { Database } from '../schema.ts';
import type { ForTenant } from '../tenancy/tenancy.ts';
import type { Delivery, DeliverySelection, DeliveryState, Webhooks } from './contract.ts';
import { intake } from './intake.ts';

// Deliveries are leased, sent outside of any transaction, and settled. A sender that dies leaves its lease to run out, and
// the message goes out again under the same id: at least once.

export interface WebhooksDeps {
  readonly db: Kysely<Database>;
  readonly forTenant: ForTenant;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Runs what talks to the database, and notes whether it answers. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
}

interface ClaimedRow {
  readonly id: string;
  readonly tenant: string;
  readonly body: string;
  readonly attempts: number;
  readonly created_at: Date;
}

const chosen = ({ ids, endpoint }: DeliverySelection): RawBuilder<unknown> => {
  const byId = ids === undefined ? sql`true` : sql`id = any(${[...ids]}::text[])`;
  return endpoint === undefined ? byId : sql`${byId} and endpoint = ${endpoint}`;
};

export const createWebhooks = ({ db, forTenant, clock, newId, run }: WebhooksDeps): Webhooks => {
  const at = (milliseconds = 0) => sql`${instant(clock().getTime() + milliseconds)}::timestamptz`;

  /** Only what waits: a delivery that was discarded meanwhile stays gone. */
  const settle = (id: string, change: RawBuilder<unknown>): Promise<void> =>
    run(async () => {
      await sql`update webhook_deliveries set lease_until = null, ${change} where id = ${id} and state = 'waiting'`.execute(
        db,
      );
    });

  return {
    intake: (routing, limit) => run(() => intake(db, clock(), routing, limit, newId)),
    claim: (endpoint, limit, leaseMs) =>
      run(async () => {
        const { rows } = await sql<ClaimedRow>`
          with due as (
            select id from webhook_deliveries
            where state = 'waiting' and endpoint = ${endpoint} and not_before <= ${at()}
              and (lease_until is null or lease_until <= ${at()})
            order by not_before, id limit ${limit} for update skip locked
          )
          update webhook_deliveries d set lease_until = ${at(leaseMs)}, attempts = d.attempts + 1
          from due where due.id = d.id
          returning d.id, d.tenant, d.body, d.attempts, d.created_at
        `.execute(db);
        return rows.map(({ created_at: createdAt, ...row }) => ({ ...row, createdAt }));
      }),
    delivered: (id) => settle(id, sql`state = 'sent', body = '', last_reason = null`),
    retryAt: (id, notBefore, reason) =>
      settle(id, sql`not_before = ${instant(notBefore.getTime())}::timestamptz, last_reason = ${reason}`),
    giveUp: (id, reason) => settle(id, sql`state = 'dead', last_reason = ${reason}`),
    stats: () =>
      run(async () => {
        const { rows } = await sql<{ waiting: unknown; dead: unknown; oldest: Date | null }>`
          select count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'dead') as dead,
            min(not_before) filter (where state = 'waiting' and not_before <= ${at()}) as oldest
          from webhook_deliveries where state <> 'sent'
        `.execute(db);
        const row = rows[0]!;
        return { waiting: Number(row.waiting), dead: Number(row.dead), oldestDue: row.oldest };
      }),
    list: (tenant, limit) =>
      run(async () => {
        const rows = await forTenant(tenant)
          .selectFrom('webhook_deliveries')
          .select(['id', 'endpoint', 'state', 'alerts', 'attempts', 'created_at', 'not_before', 'last_reason'])
          .where('tenant', '=', tenant)
          .where('state', '<>', 'sent')
          .orderBy('created_at', 'desc')
          .orderBy('id')
          .limit(limit)
          .execute();
        return rows.map(
          (row): Delivery => ({
            id: row.id,
            endpoint: row.endpoint,
            state: row.state as DeliveryState,
            alerts: row.alerts,
            attempts: row.attempts,
            createdAt: row.created_at,
            notBefore: row.not_before,
            reason: row.last_reason,
          }),
        );
      }),
    revive: (tenant, which) =>
      run(async () => {
        const { rows } = await sql`
          update webhook_deliveries set state = 'waiting', attempts = 0, not_before = ${at()}, lease_until = null
          where tenant = ${tenant} and state = 'dead' and ${chosen(which)} returning 1
        `.execute(forTenant(tenant));
        return rows.length;
      }),
    discard: (tenant, which) =>
      run(async () => {
        const { rows } = await sql`
          delete from webhook_deliveries where tenant = ${tenant} and state <> 'sent' and ${chosen(which)} returning 1
        `.execute(db);
        return rows.length;
      }),
  };
};
