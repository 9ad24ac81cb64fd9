import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { OidcConfig } from '../config/access.ts';
import { CodedError } from '../domain/errors.ts';
import type { HttpDeps } from './deps.ts';
import { consoleContentSecurityPolicy } from './security-headers.ts';

// The auditors' page, as it was built from console/. It holds no data: what it shows it asks the API for, with the
// credentials of whoever looks at it.

const INDEX = 'index.html';
/** Names made by the build: plain, and different for every content. */
const ASSET = /^[\w-]+(?:\.[\w-]+)+$/;
const FOREVER = 'public, max-age=31536000, immutable';

const originOf = (oidc: OidcConfig | undefined): string | undefined =>
  oidc?.clientId !== undefined && URL.canParse(oidc.issuer) ? new URL(oidc.issuer).origin : undefined;

/** What the page must know before anybody has signed in. */
const settingsOf = (oidc: OidcConfig | undefined, credentials: boolean) => ({
  credentials,
  oidc:
    oidc?.clientId === undefined
      ? null
      : { issuer: oidc.issuer, clientId: oidc.clientId, scopes: oidc.scopes, audience: oidc.audience },
});

export const registerConsole = (
  app: FastifyInstance,
  { page, authentication }: Pick<HttpDeps, 'page' | 'authentication'>,
): void => {
  if (page === undefined) return;
  const { folder, oidc } = page;
  const policy = consoleContentSecurityPolicy(originOf(oidc));
  const settings = settingsOf(oidc, authentication !== undefined);
  const schema = { hide: true };
  app.register(async (scope) => {
    await scope.register(fastifyStatic, { root: folder, serve: false, decorateReply: true, cacheControl: false });
    // Relative addresses in the page need the slash, also behind a proxy that adds a prefix.
    scope.get('/console', { schema }, (_request, reply) => reply.redirect('console/', 308));
    scope.get('/console/', { schema }, (_request, reply) => {
      if (!existsSync(join(folder, INDEX))) {
        throw new CodedError('not_found', 'The page was not built: `npm run build` makes it.');
      }
      return reply
        .headers({ 'content-security-policy': policy, 'cross-origin-opener-policy': 'same-origin' })
        .sendFile(INDEX);
    });
    scope.get('/console/settings.json', { schema }, (_request, reply) => reply.send(settings));
    scope.get<{ Params: { file: string } }>('/console/assets/:file', { schema }, (request, reply) => {
      const { file } = request.params;
      if (!ASSET.test(file)) {
        throw new CodedError('not_found', 'There is nothing at this address.');
      }
      return reply.header('cache-control', FOREVER).sendFile(`assets/${file}`);
    });
  });
};
