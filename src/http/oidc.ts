import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { OidcConfig } from '../config/access.ts';
import type { Identity, Scope } from '../domain/access.ts';
import { CodedError } from '../domain/errors.ts';
import { MAX_NAME_LENGTH } from '../domain/limits.ts';

// Bearer tokens of an OpenID Connect issuer: signature by its published keys, issuer, audience, time, then roles and
// tenant from claims. Only signatures with a public key count: a shared secret could be guessed, `none` is no signature.

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const CLOCK_SKEW_SECONDS = 30;
const FETCH_MS = 5_000;
/** A token with an unknown key makes us ask the issuer again, at most this often. */
const COOLDOWN_MS = 30_000;

/** What goes wrong on the issuer's side, and not with the token. */
const OUTAGES = new Set([errors.JWKSTimeout.code, errors.JWKSInvalid.code, errors.JOSEError.code]);

const isOutage = (error: unknown): boolean => !(error instanceof errors.JOSEError) || OUTAGES.has(error.code);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A claim by its whole name, or by a path into objects. */
const claimAt = (claims: JWTPayload, path: string): unknown => {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path
    .split('.')
    .reduce<unknown>((value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined), claims);
};

const rolesIn = (claim: unknown): readonly string[] =>
  typeof claim === 'string'
    ? claim.split(' ')
    : Array.isArray(claim)
      ? claim.filter((role) => typeof role === 'string')
      : [];

const isName = (value: unknown): value is string =>
  typeof value === 'string' &&
  value !== '' &&
  value.length <= MAX_NAME_LENGTH &&
  value.isWellFormed() &&
  !/\p{Cc}/u.test(value);

const refuse = (detail: string, cause?: unknown): never => {
  throw new CodedError('unauthenticated', detail, { cause });
};

/** Resolves to whose token it is. @throws CodedError `unauthenticated`, or `identity_unavailable` */
export type VerifyToken = (token: string) => Promise<Identity>;

/** @param keys where the issuer's keys come from; over HTTP unless given */
export const createTokenVerifier = (
  config: OidcConfig,
  keys: JWTVerifyGetKey = createRemoteJWKSet(new URL(config.jwksUrl), {
    timeoutDuration: FETCH_MS,
    cooldownDuration: COOLDOWN_MS,
  }),
): VerifyToken => {
  const { issuer, audience, rolesClaim, tenantClaim } = config;
  const roles = new Map<string, Scope>(Object.entries(config.roles));

  const claimsOf = async (token: string): Promise<JWTPayload> => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_SKEW_SECONDS,
        requiredClaims: ['exp', 'sub'],
      });
      return payload;
    } catch (cause) {
      if (isOutage(cause)) {
        throw new CodedError('identity_unavailable', 'The keys of the issuer cannot be read.', {
          cause,
          retryAfter: 5,
        });
      }
      return refuse('The token is not valid.', cause);
    }
  };

  return async (token) => {
    const claims = await claimsOf(token);
    const { sub } = claims;
    if (!isName(sub)) return refuse('The token names no subject that can be used.');
    const tenant = tenantClaim === undefined ? config.tenant : claimAt(claims, tenantClaim);
    if (!isName(tenant)) return refuse('The token names no tenant.');
    const scopes = new Set(rolesIn(claimAt(claims, rolesClaim)).flatMap((role) => roles.get(role) ?? []));
    return { tenant, actor: `oidc:${sub}`, scopes: [...scopes], operator: false };
  };
};
