import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Delivery, DeliverySelection, Webhooks } from '../record/webhooks/contract.ts';
import { type ServiceClient, tenantQuery } from './remote-client.ts';
import { printable, type Terminal, table } from './terminal.ts';

// `webhooks`: lists messages that did not get through, sends them again, or forgets them.

export interface WebhooksTask {
  readonly action: 'list' | 'retry' | 'discard';
  readonly tenant: string | undefined;
  readonly which: DeliverySelection;
}

/** The task, or what is wrong with the command line. */
export const readWebhooks = (args: string[]): WebhooksTask | string => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      tenant: { type: 'string' },
      endpoint: { type: 'string' },
      all: { type: 'boolean', default: false },
    },
  });
  const [action, ...ids] = positionals;
  const { tenant, endpoint, all } = values;
  if (action === 'list') {
    return ids.length > 0 || endpoint !== undefined || all
      ? 'webhooks list takes nothing but --tenant'
      : { action, tenant, which: {} };
  }
  if (action !== 'retry' && action !== 'discard') return 'webhooks takes list, retry or discard';
  const named = [ids.length > 0, endpoint !== undefined, all].filter(Boolean).length;
  if (named !== 1) return `webhooks ${action} takes one of ID…, --endpoint NAME and --all`;
  return { action, tenant, which: { ids: ids.length > 0 ? ids : undefined, endpoint } };
};

/** Tenant undefined: the caller's own. */
export interface WebhookDesk {
  list(tenant: string | undefined): Promise<readonly Delivery[]>;
  change(task: WebhooksTask): Promise<number>;
}

const MOST_LISTED = 200;

/** @param own the tenant where none is named */
export const localWebhookDesk = (webhooks: Webhooks, own: string): WebhookDesk => ({
  list: (tenant = own) => webhooks.list(tenant, MOST_LISTED),
  change: ({ action, tenant = own, which }) =>
    action === 'retry' ? webhooks.revive(tenant, which) : webhooks.discard(tenant, which),
});

const deliverySchema = z.object({
  id: z.string(),
  endpoint: z.string(),
  state: z.enum(['waiting', 'sent', 'dead']),
  alerts: z.number(),
  attempts: z.number(),
  createdAt: z.coerce.date(),
  notBefore: z.coerce.date(),
  reason: z.string().nullable(),
});

export const remoteWebhookDesk = (client: ServiceClient): WebhookDesk => ({
  list: async (tenant) => {
    const page = z.object({ items: z.array(deliverySchema) });
    return (await client.call('GET', `/v1/webhooks/deliveries${tenantQuery(tenant)}`, page)).items;
  },
  change: async ({ action, tenant, which }) => {
    const path = action === 'retry' ? '/v1/webhooks/retries' : '/v1/webhooks/discards';
    const changed = await client.call('POST', path, z.object({ deliveries: z.number() }), {
      ...which,
      tenant,
    });
    return changed.deliveries;
  },
});

export const mendWebhooks = async (desk: WebhookDesk, task: WebhooksTask, { out }: Terminal): Promise<number> => {
  if (task.action !== 'list') {
    const count = await desk.change(task);
    out.write(task.action === 'retry' ? `${count} messages go out again.\n` : `${count} messages are forgotten.\n`);
    return 0;
  }
  const deliveries = await desk.list(task.tenant);
  const rows = deliveries.map((d) => [
    d.id,
    printable(d.endpoint),
    d.state,
    String(d.alerts),
    String(d.attempts),
    d.createdAt.toISOString(),
    printable(d.reason ?? ''),
  ]);
  if (rows.length > 0) {
    out.write(`${table(['id', 'endpoint', 'state', 'alerts', 'attempts', 'created', 'last reason'], rows)}\n`);
  }
  const dead = deliveries.filter(({ state }) => state === 'dead').length;
  out.write(`${deliveries.length} messages, ${dead} of them dead.\n`);
  return 0;
};
