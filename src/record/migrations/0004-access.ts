// Keys are looked up by the hash of what was sent: the key itself is nowhere.

export const access = {
  version: 4,
  name: 'access',
  statements: [
    `create table api_keys (
      tenant text collate "C" not null,
      id text collate "C" primary key,
      name text not null,
      hash text collate "C" not null unique,
      scopes text[] not null,
      created_at timestamptz not null,
      created_by text not null,
      expires_at timestamptz,
      revoked_at timestamptz,
      last_used_at timestamptz
    )`,
    'create index api_keys_tenant on api_keys (tenant, created_at)',
  ],
} as const;
