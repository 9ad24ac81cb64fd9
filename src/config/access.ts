import { readFileSync } from 'node:fs';
import { SCOPES, type Scope } from '../domain/access.ts';
import type { FieldError } from '../domain/errors.ts';
import { sha256 } from '../domain/ids.ts';
import { MAX_NAME_LENGTH } from '../domain/limits.ts';
import type { Values } from './variables.ts';

// Who may talk to the service. Credentials are asked for unless the service can only be reached from its own machine.

export interface OidcConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  readonly rolesClaim: string;
  readonly roles: Readonly<Record<string, Scope>>;
  /** Claim that names the tenant, or undefined: everybody belongs to `tenant`. */
  readonly tenantClaim: string | undefined;
  readonly tenant: string;
  /** Under which the auditors' page signs in; undefined: it asks for keys only. */
  readonly clientId: string | undefined;
  readonly scopes: string;
}

export interface AccessConfig {
  /** Whether requests need credentials. */
  readonly required: boolean;
  /** SHA-256 of the first admin key: the key itself is not kept. */
  readonly operatorKeyHash: string | undefined;
  readonly oidc: OidcConfig | undefined;
  /** Requests a minute and key; 0: no limit. */
  readonly ratePerMinute: number;
  readonly corsOrigins: readonly string[];
  readonly metricsNeedKey: boolean;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** Shorter ones could be guessed. */
const MIN_KEY_LENGTH = 32;

const operatorKey = (v: Values, problems: FieldError[]): string | undefined => {
  if (v.ADMIN_KEY !== undefined && v.ADMIN_KEY_FILE !== undefined) {
    problems.push({ path: 'ADMIN_KEY', message: 'and ADMIN_KEY_FILE say the same: set one' });
    return undefined;
  }
  const name = v.ADMIN_KEY_FILE === undefined ? 'ADMIN_KEY' : 'ADMIN_KEY_FILE';
  let key = v.ADMIN_KEY;
  if (v.ADMIN_KEY_FILE !== undefined) {
    try {
      key = readFileSync(v.ADMIN_KEY_FILE, 'utf8').trim();
    } catch (cause) {
      problems.push({ path: name, message: `cannot be read (${(cause as NodeJS.ErrnoException).code})` });
    }
  }
  if (key === undefined) return undefined;
  if (key.length < MIN_KEY_LENGTH || !/^[\x21-\x7e]+$/.test(key)) {
    problems.push({
      path: name,
      message: `must hold at least ${MIN_KEY_LENGTH} printable characters without spaces (openssl rand -hex 32 makes one)`,
    });
  }
  return key;
};

const isScope = (text: string | undefined): text is Scope => SCOPES.some((scope) => scope === text);

const rolesOf = (pairs: readonly string[], problems: FieldError[]): Readonly<Record<string, Scope>> => {
  const roles = new Map<string, Scope>();
  for (const pair of pairs) {
    const at = pair.lastIndexOf('=');
    const scope = pair.slice(at + 1);
    if (at < 1 || !isScope(scope)) {
      problems.push({ path: 'OIDC_ROLES', message: `must be role=scope pairs; scopes are ${SCOPES.join(', ')}` });
      break;
    }
    roles.set(pair.slice(0, at), scope);
  }
  return Object.fromEntries(roles);
};

const isTenantName = (name: string): boolean =>
  name.length <= MAX_NAME_LENGTH && name.isWellFormed() && !/\p{Cc}/u.test(name);

const oidcOf = (v: Values, problems: FieldError[]): OidcConfig | undefined => {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_JWKS_URL: jwksUrl } = v;
  if (issuer === undefined && audience === undefined && jwksUrl === undefined) {
    if (v.OIDC_CLIENT_ID !== undefined) {
      problems.push({ path: 'OIDC_CLIENT_ID', message: 'needs OIDC_ISSUER, OIDC_AUDIENCE and OIDC_JWKS_URL' });
    }
    return undefined;
  }
  if (issuer === undefined || audience === undefined || jwksUrl === undefined) {
    problems.push({ path: 'OIDC_ISSUER', message: 'OIDC_AUDIENCE and OIDC_JWKS_URL go together: set all three' });
    return undefined;
  }
  if (!URL.canParse(jwksUrl) || !/^https?:$/.test(new URL(jwksUrl).protocol)) {
    problems.push({ path: 'OIDC_JWKS_URL', message: 'must be an http:// or https:// address' });
  }
  return {
    issuer,
    audience,
    jwksUrl,
    rolesClaim: v.OIDC_ROLES_CLAIM,
    roles: rolesOf(v.OIDC_ROLES, problems),
    tenantClaim: v.OIDC_TENANT_CLAIM,
    tenant: v.OIDC_TENANT,
    clientId: v.OIDC_CLIENT_ID,
    scopes: v.OIDC_SCOPES,
  };
};

/** Adds to `problems` what does not fit together. */
export const readAccess = (v: Values, problems: FieldError[]): AccessConfig => {
  const loopback = isLoopback(v.HOST);
  if (v.AUTH === 'off' && !loopback) {
    problems.push({
      path: 'AUTH',
      message: 'off is for a HOST that only this machine reaches (127.0.0.1): remove it, or listen there',
    });
  }
  for (const name of ['OIDC_TENANT', 'KAFKA_TENANT'] as const) {
    if (!isTenantName(v[name])) {
      problems.push({
        path: name,
        message: `must be at most ${MAX_NAME_LENGTH} characters without control characters`,
      });
    }
  }
  for (const origin of v.CORS_ORIGINS) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      problems.push({ path: 'CORS_ORIGINS', message: 'must be origins such as https://console.example.org' });
      break;
    }
  }
  const key = operatorKey(v, problems);
  return {
    required: v.AUTH === undefined ? !loopback : v.AUTH === 'on',
    operatorKeyHash: key === undefined ? undefined : sha256(key),
    oidc: oidcOf(v, problems),
    ratePerMinute: v.RATE_LIMIT_PER_MINUTE,
    corsOrigins: v.CORS_ORIGINS,
    metricsNeedKey: v.METRICS_AUTH,
  };
};
