// Which response came before which, where the provider tells no conversation: see response-links.ts.

export const responseLinks = {
  version: 7,
  name: 'response-links',
  statements: [
    `create table response_links (
      tenant text not null,
      response_id text not null,
      previous_id text not null,
      conversation_id text not null,
      received_at timestamptz not null,
      primary key (tenant, response_id)
    )`,
    'create index response_links_previous on response_links (tenant, previous_id)',
    'create index response_links_conversation on response_links (tenant, conversation_id)',
  ],
} as const;
