// Deliveries to webhook endpoints. A row is one message: the alerts of one rule, model and conversation that one endpoint is
// told of together. What was sent stays until its window is over, so that the next alert of its group knows to wait.

export const webhooks = {
  version: 10,
  name: 'webhooks',
  statements: [
    `create table webhook_deliveries (
      id text collate "C" primary key,
      tenant text collate "C" not null,
      endpoint text collate "C" not null,
      group_key text collate "C" not null,
      state text not null,
      body text not null,
      alerts integer not null,
      attempts integer not null,
      created_at timestamptz not null,
      not_before timestamptz not null,
      window_until timestamptz not null,
      lease_until timestamptz,
      last_reason text
    )`,
    `create index webhook_deliveries_due on webhook_deliveries (endpoint, not_before) where state = 'waiting'`,
    'create index webhook_deliveries_group on webhook_deliveries (endpoint, group_key)',
    `create index webhook_deliveries_sent on webhook_deliveries (window_until) where state = 'sent'`,
    'create index webhook_deliveries_tenant on webhook_deliveries (tenant, state, created_at)',
    'create index outbox_kind on outbox (kind, id)',
  ],
} as const;
