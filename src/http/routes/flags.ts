import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CodedError } from '../../domain/errors.ts';
import { answer, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import {
  flagBody,
  flagFacetsSchema,
  flagFilterSchema,
  flagPageBody,
  flagPageSchema,
  flagQuerySchema,
  flagSchema,
} from '../schemas/flag.ts';
import { noQuerySchema } from '../schemas/primitives.ts';
import { actorOf, tenantOf } from '../tenant.ts';
import { askedFor } from './asked.ts';

/** Category names are not a closed set in the schema, yet a misspelt one must not read as "nothing was flagged". */
const refuseUnknownCategories = (asked: readonly string[] | undefined, known: ReadonlySet<string>): void => {
  if (asked === undefined || asked.every((category) => known.has(category))) return;
  throw new CodedError('invalid_query', 'A category is not known; GET /v1/categories lists those that are.', {
    errors: [{ path: 'category', message: 'is not a known category' }],
  });
};

/** `assignee=me` is whoever asks. */
const withSelf = <Q extends { readonly assignee?: string | undefined }>(query: Q, request: FastifyRequest): Q =>
  query.assignee === 'me' ? { ...query, assignee: actorOf(request) } : query;

export const registerFlags = (app: HttpApp, { store, categories }: Pick<HttpDeps, 'store' | 'categories'>): void => {
  const known = new Set(categories.map(({ id }) => id));
  app.route({
    method: 'GET',
    url: '/v1/flags',
    schema: {
      operationId: 'listFlags',
      tags: ['flags'],
      summary: 'Flags, the latest received or the riskiest first',
      description:
        'Filters narrow one another. A filter given several times, or as a comma-separated list, matches any of its values.',
      querystring: flagQuerySchema,
      response: {
        200: answer('One page.', flagPageSchema),
        ...problems(...COMMON_PROBLEMS, 'invalid_cursor', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { query } = request;
      refuseUnknownCategories(query.category, known);
      const [tenant, actor] = [tenantOf(request), actorOf(request)];
      const asked = withSelf(query, request);
      const page = await store.flags(tenant, asked);
      if (page.items.length > 0) {
        const details = { ...askedFor(asked), shown: page.items.length };
        await store.auditAccess({ tenant, actor, action: 'view', what: 'flags', subject: '*', details });
      }
      return reply.code(200).send(flagPageBody(page));
    },
  });
  app.route({
    method: 'GET',
    url: '/v1/flags/facets',
    schema: {
      operationId: 'countFlags',
      tags: ['flags'],
      summary: 'How the flags of a query are spread',
      description:
        'Takes the filters of the list. Counts over the newest 2,000 that match and says so where there are more.',
      querystring: flagFilterSchema,
      response: {
        200: answer('Values and how often each occurs.', flagFacetsSchema),
        ...problems(...COMMON_PROBLEMS, 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { query } = request;
      refuseUnknownCategories(query.category, known);
      return reply.code(200).send(await store.flagFacets(tenantOf(request), withSelf(query, request)));
    },
  });
  app.route({
    method: 'GET',
    url: '/v1/flags/:id',
    schema: {
      operationId: 'getFlag',
      tags: ['flags'],
      summary: 'One flag',
      params: z.object({ id: z.uuid() }),
      querystring: noQuerySchema,
      response: {
        200: answer('The flag.', flagSchema),
        ...problems(...COMMON_PROBLEMS, 'not_found', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const tenant = tenantOf(request);
      const flag = await store.flag(tenant, request.params.id);
      if (flag === null) throw new CodedError('not_found', 'No flag of that id is known.');
      await store.auditAccess({ tenant, actor: actorOf(request), action: 'view', what: 'flag', subject: flag.id });
      return reply.code(200).send(flagBody(flag));
    },
  });
};
