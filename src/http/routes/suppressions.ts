import { z } from 'zod';
import { CodedError } from '../../domain/errors.ts';
import type { StoredSuppression } from '../../record/auditing/contract.ts';
import { answer, BODY_PROBLEMS, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { noQuerySchema } from '../schemas/primitives.ts';
import { wholeList } from '../schemas/rule.ts';
import {
  newSuppressionSchema,
  suppressionBody,
  suppressionChangeSchema,
  suppressionPageSchema,
  suppressionSchema,
} from '../schemas/suppression.ts';
import { actorOf, tenantOf } from '../tenant.ts';

// What is silenced, why, by whom and until when. Nothing of it is ever deleted.

const YEAR = 366 * 24 * 3_600_000;

const params = z.object({ id: z.uuid() });

/** Whatever lasts for ever is a policy, and belongs there. */
const expiryOf = (wanted: string, now: Date): Date => {
  const at = new Date(wanted);
  if (at <= now || at.getTime() - now.getTime() > YEAR) {
    throw new CodedError('invalid_body', 'A suppression ends within a year.', {
      errors: [{ path: '/expiresAt', message: 'must lie within the next year' }],
    });
  }
  return at;
};

const known = (stored: StoredSuppression | null): StoredSuppression => {
  if (stored === null) throw new CodedError('not_found', 'No suppression of that id is known.');
  return stored;
};

type Deps = Pick<HttpDeps, 'store' | 'clock' | 'categories' | 'rules'>;

/** A suppression of something that does not exist would silence nothing, and look as if it did. */
const refuseUnknown = (kind: string, value: string, { categories, rules }: Deps): void => {
  const unknown =
    (kind === 'category' && !categories.some(({ id }) => id === value)) ||
    (kind === 'rule' && !rules().some(({ id }) => id === value));
  if (!unknown) return;
  throw new CodedError('invalid_body', 'There is no such rule or category.', {
    errors: [{ path: '/value', message: `is not a known ${kind}` }],
  });
};

export const registerSuppressions = (app: HttpApp, deps: Deps): void => {
  registerReading(app, deps);
  registerWriting(app, deps);
};

const registerReading = (app: HttpApp, { store, clock }: Deps): void => {
  app.route({
    method: 'GET',
    url: '/v1/suppressions',
    schema: {
      operationId: 'listSuppressions',
      tags: ['suppressions'],
      summary: 'Suppressions, newest first',
      querystring: z.strictObject({
        active: z
          .enum(['true', 'false'])
          .transform((text) => text === 'true')
          .optional()
          .describe('Those in force, or those that are over. Default: all.'),
      }),
      response: {
        200: answer('All of them.', suppressionPageSchema),
        ...problems(...COMMON_PROBLEMS, 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const now = clock();
      const all = await store.suppressions.list(tenantOf(request), request.query);
      return reply.code(200).send(wholeList(all.map((stored) => suppressionBody(stored, now))));
    },
  });
  app.route({
    method: 'GET',
    url: '/v1/suppressions/:id',
    schema: {
      operationId: 'getSuppression',
      tags: ['suppressions'],
      summary: 'One suppression',
      params,
      querystring: noQuerySchema,
      response: {
        200: answer('The suppression.', suppressionSchema),
        ...problems(...COMMON_PROBLEMS, 'not_found', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const stored = await store.suppressions.find(tenantOf(request), request.params.id);
      return reply.code(200).send(suppressionBody(known(stored), clock()));
    },
  });
};

const registerWriting = (app: HttpApp, deps: Deps): void => {
  const { store, clock } = deps;
  app.route({
    method: 'POST',
    url: '/v1/suppressions',
    schema: {
      operationId: 'addSuppression',
      tags: ['suppressions'],
      summary: 'Silence a rule, a category, a model or a conversation',
      description:
        'From now on and until it ends, what it covers raises no alert. It is still stored, counted, and listed as suppressed. Alerts that went out before are not taken back.',
      querystring: noQuerySchema,
      body: newSuppressionSchema,
      response: {
        201: answer('In force.', suppressionSchema),
        ...problems(...COMMON_PROBLEMS, ...BODY_PROBLEMS, 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const now = clock();
      const { kind, value } = request.body;
      refuseUnknown(kind, value, deps);
      const suppression = { ...request.body, expiresAt: expiryOf(request.body.expiresAt, now) };
      const stored = await store.suppressions.add(tenantOf(request), suppression, actorOf(request));
      return reply.code(201).send(suppressionBody(stored, now));
    },
  });
  app.route({
    method: 'PATCH',
    url: '/v1/suppressions/:id',
    schema: {
      operationId: 'changeSuppression',
      tags: ['suppressions'],
      summary: 'Change reason, owner or end',
      params,
      querystring: noQuerySchema,
      body: suppressionChangeSchema,
      response: {
        200: answer('As it is now.', suppressionSchema),
        ...problems(...COMMON_PROBLEMS, ...BODY_PROBLEMS, 'not_found', 'suppression_ended', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const now = clock();
      const { expiresAt, ...rest } = request.body;
      const change = expiresAt === undefined ? rest : { ...rest, expiresAt: expiryOf(expiresAt, now) };
      const stored = await store.suppressions.change(tenantOf(request), request.params.id, change, actorOf(request));
      if (stored === 'ended') throw new CodedError('suppression_ended', 'The suppression is over.');
      return reply.code(200).send(suppressionBody(known(stored), now));
    },
  });
  app.route({
    method: 'DELETE',
    url: '/v1/suppressions/:id',
    schema: {
      operationId: 'endSuppression',
      tags: ['suppressions'],
      summary: 'End a suppression now',
      description: 'It stays on the list as over. Ending it twice changes nothing.',
      params,
      querystring: noQuerySchema,
      response: {
        200: answer('As it ended.', suppressionSchema),
        ...problems(...COMMON_PROBLEMS, 'not_found', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const stored = await store.suppressions.end(tenantOf(request), request.params.id, actorOf(request));
      return reply.code(200).send(suppressionBody(known(stored), clock()));
    },
  });
};
