import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { DEFAULT_TENANT, type Identity, SCOPES } from '../domain/access.ts';
import type { Clock } from '../domain/clock.ts';
import { CodedError } from '../domain/errors.ts';
import { sha256 } from '../domain/ids.ts';
import type { Logger } from '../observe/log.ts';
import type { ApiKey, Keys } from '../record/contract.ts';
import type { VerifyToken } from './oidc.ts';

// Whose credential a request carries. Keys that were seen are remembered for a few seconds, so that a busy caller costs
// one look-up and not one a request; that is also how long a revoked key may live on in another replica.

export const REMEMBERED_MS = 10_000;
/** Most keys, known and unknown, that are remembered. */
const MOST_REMEMBERED = 10_000;
const NOTE_USE_EVERY_MS = 30_000;
/** Longer than any key, shorter than what would cost time to hash; tokens of large issuers reach some thousands. */
const MAX_LENGTH = 16_384;

const KEY = /^cotm_[\w-]{43}$/;
const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

export interface AuthenticationDeps {
  readonly keys: Pick<Keys, 'find' | 'noteUse'>;
  /** SHA-256 of the key from the environment. */
  readonly operatorKeyHash: string | undefined;
  readonly verifyToken: VerifyToken | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Authentication {
  /** @throws CodedError `unauthenticated`, `identity_unavailable`, `store_unavailable` */
  identify(headers: IncomingHttpHeaders): Promise<Identity>;
  /** A key was revoked here: look again. */
  forget(): void;
  /** Writes when keys were last used. */
  close(): Promise<void>;
}

const OPERATOR: Identity = { tenant: DEFAULT_TENANT, actor: 'operator', scopes: SCOPES, operator: true };

const invalid = (): CodedError => new CodedError('unauthenticated', 'The key or token is not valid.');

const credentialOf = (headers: IncomingHttpHeaders): string => {
  const { authorization, 'x-api-key': apiKey } = headers;
  if (authorization !== undefined && apiKey !== undefined) {
    throw new CodedError('unauthenticated', 'Send one credential: authorization or x-api-key.');
  }
  const credential = authorization === undefined ? apiKey : BEARER.exec(authorization)?.[1];
  if (authorization === undefined && apiKey === undefined) {
    throw new CodedError('unauthenticated', 'Send a key or token: `authorization: Bearer …`.');
  }
  if (typeof credential !== 'string' || credential.length > MAX_LENGTH) throw invalid();
  return credential;
};

/** Both are hex of the same length. */
const sameHash = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));

const isAlive = ({ revokedAt, expiresAt }: ApiKey, now: Date): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt > now);

export const createAuthentication = ({
  keys,
  operatorKeyHash,
  verifyToken,
  clock,
  log,
}: AuthenticationDeps): Authentication => {
  const seen = new Map<string, { readonly until: number; readonly key: Promise<ApiKey | null> }>();
  let uses = new Map<string, Date>();

  const flush = async (): Promise<void> => {
    const noted = uses;
    uses = new Map();
    await keys.noteUse(noted).catch((error: unknown) => {
      log.warn({ component: 'access', error }, 'the last use of keys could not be noted');
    });
  };
  const timer = setInterval(() => void flush(), NOTE_USE_EVERY_MS).unref();

  const find = (hash: string, now: number): Promise<ApiKey | null> => {
    const known = seen.get(hash);
    if (known !== undefined && known.until > now) return known.key;
    // Full of keys that do not exist: somebody is guessing. Start afresh rather than grow.
    if (seen.size >= MOST_REMEMBERED) seen.clear();
    const key = keys.find(hash);
    seen.set(hash, { until: now + REMEMBERED_MS, key });
    key.catch(() => seen.delete(hash));
    return key;
  };

  const byKey = async (hash: string): Promise<Identity> => {
    const now = clock();
    const key = await find(hash, now.getTime());
    if (key === null || !isAlive(key, now)) throw invalid();
    uses.set(key.id, now);
    return { tenant: key.tenant, actor: `key:${key.id}`, scopes: key.scopes, operator: false };
  };

  return {
    identify: async (headers) => {
      const credential = credentialOf(headers);
      const hash = sha256(credential);
      if (operatorKeyHash !== undefined && sameHash(hash, operatorKeyHash)) return OPERATOR;
      if (KEY.test(credential)) return byKey(hash);
      if (verifyToken === undefined) throw invalid();
      return verifyToken(credential);
    },
    forget: () => seen.clear(),
    close: async () => {
      clearInterval(timer);
      await flush();
    },
  };
};
