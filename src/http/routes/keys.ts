import { z } from 'zod';
import { CodedError } from '../../domain/errors.ts';
import { answer, BODY_PROBLEMS, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { keyBody, keyPageSchema, keySchema, madeKeySchema, newKeySchema, tenantQuerySchema } from '../schemas/key.ts';
import { wholeList } from '../schemas/rule.ts';
import { actorOf, tenantFor } from '../tenant.ts';

// Keys of one tenant. A key is shown once, in the answer that makes it.

const TAGS = ['keys'];

export const registerKeys = (
  app: HttpApp,
  { store, authentication, clock }: Pick<HttpDeps, 'store' | 'authentication' | 'clock'>,
): void => {
  const { keys } = store;
  app.route({
    method: 'POST',
    url: '/v1/keys',
    schema: {
      operationId: 'createKey',
      tags: TAGS,
      summary: 'Make a key',
      querystring: z.strictObject({}),
      body: newKeySchema,
      response: {
        201: answer('The key, and the only sight of its secret.', madeKeySchema),
        ...problems(...COMMON_PROBLEMS, ...BODY_PROBLEMS, 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { name, scopes, expiresAt, tenant } = request.body;
      const expiry = expiresAt === undefined ? null : new Date(expiresAt);
      if (expiry !== null && expiry <= clock()) {
        throw new CodedError('invalid_body', 'The key would have expired before it was made.', {
          errors: [{ path: '/expiresAt', message: 'must lie in the future' }],
        });
      }
      const { key, secret } = await keys.create({
        tenant: tenantFor(request, tenant),
        name,
        scopes,
        expiresAt: expiry,
        by: actorOf(request),
      });
      return reply.code(201).send({ key: keyBody(key), secret });
    },
  });
  app.route({
    method: 'GET',
    url: '/v1/keys',
    schema: {
      operationId: 'listKeys',
      tags: TAGS,
      summary: 'Keys, the newest first, without their secrets',
      querystring: tenantQuerySchema,
      response: { 200: answer('All of them.', keyPageSchema), ...problems(...COMMON_PROBLEMS, 'store_unavailable') },
    },
    handler: async (request) =>
      wholeList((await keys.list(tenantFor(request, request.query.tenant))).map((key) => keyBody(key))),
  });
  app.route({
    method: 'DELETE',
    url: '/v1/keys/:id',
    schema: {
      operationId: 'revokeKey',
      tags: TAGS,
      summary: 'Revoke a key',
      description:
        'This replica refuses it at once, others within ten seconds. Revoking a key again changes nothing; it stays in the list.',
      params: z.object({ id: z.uuid() }),
      querystring: tenantQuerySchema,
      response: {
        200: answer('The key as it is now.', keySchema),
        ...problems(...COMMON_PROBLEMS, 'not_found', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const key = await keys.revoke(tenantFor(request, request.query.tenant), request.params.id, actorOf(request));
      if (key === null) throw new CodedError('not_found', 'No key of that id is known.');
      authentication?.forget();
      return reply.code(200).send(keyBody(key));
    },
  });
};
