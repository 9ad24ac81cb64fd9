import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { OidcConfig } from '../../src/config/access.ts';
import { createTokenVerifier } from '../../src/http/oidc.ts';

const CONFIG: OidcConfig = {
  issuer: 'https://id.test',
  audience: 'monitor',
  jwksUrl: 'https://id.test/keys',
  rolesClaim: 'roles',
  roles: { auditor: 'audit', platform: 'ingest', root: 'admin' },
  tenantClaim: 'org',
  tenant: 'default',
  clientId: undefined,
  scopes: 'openid',
};

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let ours: Pair;
let theirs: Pair;
let jwk: Awaited<ReturnType<typeof exportJWK>>;
beforeAll(async () => {
  [ours, theirs] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
  jwk = { ...(await exportJWK(ours.publicKey)), kid: 'k1', alg: 'ES256' };
});

const now = () => Math.floor(Date.now() / 1000);

interface Options {
  readonly pair?: Pair;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: number | null;
}

const token = (claims: JWTPayload = {}, options: Options = {}): Promise<string> => {
  const { pair = ours, issuer = CONFIG.issuer, audience = CONFIG.audience, expires = now() + 300 } = options;
  const jwt = new SignJWT({ sub: 'jane', org: 'acme', roles: ['auditor'], ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setIssuer(issuer)
    .setAudience(audience);
  if (expires !== null) jwt.setExpirationTime(expires);
  return jwt.sign(pair.privateKey);
};

const verifier = (over: Partial<OidcConfig> = {}) =>
  createTokenVerifier({ ...CONFIG, ...over }, createLocalJWKSet({ keys: [jwk] }));

describe('a token of the issuer', () => {
  test('says who, whose and what they may do', async () => {
    const who = await verifier()(await token({ roles: ['auditor', 'platform', 'cook'] }));
    expect(who).toEqual({ tenant: 'acme', actor: 'oidc:jane', scopes: ['audit', 'ingest'], operator: false });
  });

  test('may carry its roles as words, deep inside, or under a name with dots', async () => {
    const cases: [string, JWTPayload][] = [
      ['scope', { scope: 'openid root' }],
      ['realm_access.roles', { realm_access: { roles: ['root'] } }],
      ['https://acme.test/roles', { 'https://acme.test/roles': ['root'] }],
    ];
    for (const [rolesClaim, claims] of cases) {
      expect((await verifier({ rolesClaim })(await token(claims))).scopes).toEqual(['admin']);
    }
  });

  test.each([[undefined], [7], [{ auditor: true }], [['constructor', '__proto__', 7, null]], ['']])(
    'with roles of %j may do nothing',
    async (roles) => {
      expect((await verifier()(await token({ roles }))).scopes).toEqual([]);
    },
  );

  test('belongs to one tenant where no claim is configured', async () => {
    const who = await verifier({ tenantClaim: undefined, tenant: 'only' })(await token({ org: 'acme' }));
    expect(who.tenant).toBe('only');
  });
});

describe('refused, without a word of what was sent, is a token', () => {
  const unauthenticated = { code: 'unauthenticated', message: expect.not.stringContaining('acme') };

  test.each<[string, JWTPayload, Options]>([
    ['of another audience', {}, { audience: 'billing' }],
    ['of another issuer', {}, { issuer: 'https://evil.test' }],
    ['that has expired', {}, { expires: Math.floor(Date.now() / 1000) - 120 }],
    ['that never expires', {}, { expires: null }],
    ['that is not valid yet', { nbf: Math.floor(Date.now() / 1000) + 600 }, {}],
    ['without a tenant', { org: undefined }, {}],
    ['with a tenant that is no text', { org: ['acme'] }, {}],
    ['with NUL in its tenant', { org: 'acme\u0000' }, {}],
    ['with an endless tenant', { org: 'x'.repeat(257) }, {}],
    ['with an empty subject', { sub: '' }, {}],
    ['with line breaks in its subject', { sub: 'jane\noperator' }, {}],
  ])('%s', async (_, claims, options) => {
    await expect(verifier()(await token(claims, options))).rejects.toMatchObject(unauthenticated);
  });

  test('signed by somebody else', async () => {
    await expect(verifier()(await token({}, { pair: theirs }))).rejects.toMatchObject(unauthenticated);
  });

  test('without a signature, or signed with the public key as a shared secret', async () => {
    const claims = { sub: 'jane', org: 'acme', roles: ['root'], iss: CONFIG.issuer, aud: CONFIG.audience };
    const unsigned = new UnsecuredJWT(claims).setExpirationTime('5m').encode();
    const shared = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .setExpirationTime('5m')
      .sign(new TextEncoder().encode(JSON.stringify(jwk).padEnd(64)));
    for (const forged of [unsigned, shared]) {
      await expect(verifier()(forged)).rejects.toMatchObject(unauthenticated);
    }
  });

  test.each(['', 'x', 'a.b.c', 'e30.e30.', `${'a'.repeat(8_000)}.b.c`])('that is none: %s', async (text) => {
    await expect(verifier()(text)).rejects.toMatchObject(unauthenticated);
  });
});

describe('keys over HTTP', () => {
  const issuer = async (status: number, body: unknown): Promise<string> => {
    const server = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  };

  test('are fetched', async () => {
    const jwksUrl = await issuer(200, { keys: [jwk] });
    expect((await createTokenVerifier({ ...CONFIG, jwksUrl })(await token())).tenant).toBe('acme');
  });

  test.each([
    [500, {}],
    [200, 'no keys'],
  ])('that cannot be had (%i) are the issuer’s fault, not the caller’s', async (status, body) => {
    const jwksUrl = await issuer(status, body);
    await expect(createTokenVerifier({ ...CONFIG, jwksUrl })(await token())).rejects.toMatchObject({
      code: 'identity_unavailable',
    });
  });

  test('of an issuer that is down, too', async () => {
    const jwksUrl = 'http://127.0.0.1:9/keys';
    await expect(createTokenVerifier({ ...CONFIG, jwksUrl })(await token())).rejects.toMatchObject({
      code: 'identity_unavailable',
    });
  });
});
