import { type Kysely, sql, type Transaction } from 'kysely';
import type { Alert } from '../../domain/alert.ts';
import type { AlertGroup } from '../../domain/webhook.ts';
import { ADVISORY_LOCKS } from '../advisory-locks.ts';
import { bulkInsert, type Column } from '../bulk-insert.ts';
import { instant } from '../cursor.ts';
import type { Database } from '../schema.ts';
import type { Routing } from './contract.ts';
import { groupKeyOf, withAlert } from './group.ts';

// From the outbox to deliveries. The first alert of a group goes out at once and opens a window; what follows within it is
// gathered into one further message, which goes when the window ends and opens the next.

interface Draft {
  readonly id: string;
  readonly tenant: string;
  readonly endpoint: string;
  readonly groupKey: string;
  group: AlertGroup;
  readonly notBefore: number;
  readonly windowUntil: number;
  /** Whether it is in the table already. */
  readonly known: boolean;
}

interface StandingRow {
  readonly id: string;
  readonly tenant: string;
  readonly endpoint: string;
  readonly group_key: string;
  readonly body: string;
  readonly not_before: Date;
  readonly window_until: Date;
  /** Never tried: it can take more alerts in. */
  readonly open: boolean;
}

const time = (milliseconds: number) => sql`${instant(milliseconds)}::timestamptz`;

const placeOf = (endpoint: string, groupKey: string): string => `${endpoint}\u0000${groupKey}`;

/** What was sent or waits of the groups of these alerts. Locked, so that nobody sends what is being added to. */
const standingOf = async (
  tx: Transaction<Database>,
  places: readonly { readonly endpoint: string; readonly groupKey: string }[],
  now: number,
): Promise<readonly StandingRow[]> => {
  const { rows } = await sql<StandingRow>`
    select d.id, d.tenant, d.endpoint, d.group_key, d.body, d.not_before, d.window_until,
      d.state = 'waiting' and d.attempts = 0 as open
    from webhook_deliveries d
    join unnest(${places.map((p) => p.endpoint)}::text[], ${places.map((p) => p.groupKey)}::text[])
      as k(endpoint, group_key) on k.endpoint = d.endpoint and k.group_key = d.group_key
    where d.window_until > ${time(now)} or (d.state = 'waiting' and d.attempts = 0)
    order by d.id for update of d
  `.execute(tx);
  return rows;
};

const COLUMNS: readonly Column<Draft & { readonly at: number }>[] = [
  { name: 'id', type: 'text', value: (d) => d.id },
  { name: 'tenant', type: 'text', value: (d) => d.tenant },
  { name: 'endpoint', type: 'text', value: (d) => d.endpoint },
  { name: 'group_key', type: 'text', value: (d) => d.groupKey },
  { name: 'state', type: 'text', value: () => 'waiting' },
  { name: 'body', type: 'text', value: (d) => JSON.stringify(d.group) },
  { name: 'alerts', type: 'integer', value: (d) => String(d.group.count) },
  { name: 'attempts', type: 'integer', value: () => '0' },
  { name: 'created_at', type: 'timestamptz', value: (d) => instant(d.at) },
  { name: 'not_before', type: 'timestamptz', value: (d) => instant(d.notBefore) },
  { name: 'window_until', type: 'timestamptz', value: (d) => instant(d.windowUntil) },
];

/** Adds alerts, oldest first, to the drafts that are open, and opens others. */
const gather = (
  alerts: readonly Alert[],
  standing: readonly StandingRow[],
  routing: Routing,
  now: number,
  newId: () => string,
): readonly Draft[] => {
  const open = new Map<string, Draft>();
  const busyUntil = new Map<string, number>();
  for (const row of standing) {
    const place = placeOf(row.endpoint, row.group_key);
    const windowUntil = row.window_until.getTime();
    if (row.open) {
      const { id, tenant, endpoint } = row;
      const group = JSON.parse(row.body) as AlertGroup;
      const notBefore = row.not_before.getTime();
      open.set(place, { id, tenant, endpoint, groupKey: row.group_key, group, notBefore, windowUntil, known: true });
    } else busyUntil.set(place, Math.max(busyUntil.get(place) ?? 0, windowUntil));
  }
  const touched = new Set<Draft>();
  for (const alert of alerts) {
    const groupKey = groupKeyOf(alert, routing.windowMs === 0);
    for (const endpoint of routing.endpointsOf(alert.tenant)) {
      const place = placeOf(endpoint, groupKey);
      const draft = open.get(place);
      if (draft === undefined) {
        const notBefore = Math.max(now, busyUntil.get(place) ?? 0);
        const group = withAlert(null, alert);
        const windowUntil = notBefore + routing.windowMs;
        const { tenant } = alert;
        open.set(place, { id: newId(), tenant, endpoint, groupKey, group, notBefore, windowUntil, known: false });
      } else draft.group = withAlert(draft.group, alert);
      touched.add(open.get(place)!);
    }
  }
  return [...touched];
};

/** See `Webhooks.intake`. */
export const intake = async (
  db: Kysely<Database>,
  now: Date,
  routing: Routing,
  limit: number,
  newId: () => string,
): Promise<number> =>
  db.transaction().execute(async (tx) => {
    // Another intake at the same time could open a second window for a group.
    const lock = await sql<{
      mine: boolean;
    }>`select pg_try_advisory_xact_lock(${ADVISORY_LOCKS.webhookIntake}::bigint) as mine`.execute(tx);
    if (!lock.rows[0]?.mine) return 0;
    const at = now.getTime();
    await sql`delete from webhook_deliveries where state = 'sent' and window_until <= ${time(at)}`.execute(tx);
    const rows = await tx
      .selectFrom('outbox')
      .select(['id', 'payload'])
      .where('kind', '=', 'webhook')
      .orderBy('id')
      .limit(limit)
      .execute();
    if (rows.length === 0) return 0;
    const alerts = rows.map(({ payload }) => JSON.parse(payload) as Alert);
    const places = alerts.flatMap((alert) =>
      routing
        .endpointsOf(alert.tenant)
        .map((endpoint) => ({ endpoint, groupKey: groupKeyOf(alert, routing.windowMs === 0) })),
    );
    const distinct = [...new Map(places.map((p) => [placeOf(p.endpoint, p.groupKey), p])).values()];
    const drafts = gather(alerts, await standingOf(tx, distinct, at), routing, at, newId);
    const fresh = drafts.filter(({ known }) => !known).map((draft) => ({ ...draft, at }));
    if (fresh.length > 0) await bulkInsert('webhook_deliveries', COLUMNS, fresh).execute(tx);
    for (const { id, group } of drafts.filter(({ known }) => known)) {
      await sql`update webhook_deliveries set body = ${JSON.stringify(group)}, alerts = ${group.count} where id = ${id}`.execute(
        tx,
      );
    }
    await sql`delete from outbox where id = any(${rows.map(({ id }) => String(id))}::text[]::bigint[])`.execute(tx);
    return rows.length;
  });
