// Who may do what. A key or token belongs to one tenant and carries scopes; what a route asks for stands in src/http.

/** `ingest`: post traces. `audit`: search, read and review. `admin`: keys, erasure, everything that cannot be undone. */
export const SCOPES = ['ingest', 'audit', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export interface Identity {
  readonly tenant: string;
  /** Who it is in the audit log: `key:<id>`, `oidc:<subject>`, `operator` or `anonymous`. */
  readonly actor: string;
  readonly scopes: readonly Scope[];
  /** Whether it may act for other tenants too: the key from the environment, and whoever calls a service without keys. */
  readonly operator: boolean;
}

/** Used where no key or token says otherwise. */
export const DEFAULT_TENANT = 'default';

/** Everybody, where the service asks for no credentials. */
export const ANONYMOUS: Identity = Object.freeze({
  tenant: DEFAULT_TENANT,
  actor: 'anonymous',
  scopes: SCOPES,
  operator: true,
});
