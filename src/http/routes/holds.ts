import { z } from 'zod';
import { CodedError } from '../../domain/errors.ts';
import { answer, BODY_PROBLEMS, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import {
  expiredSchema,
  holdBody,
  holdPageSchema,
  holdQuerySchema,
  holdReleaseSchema,
  holdSchema,
  newHoldSchema,
} from '../schemas/hold.ts';
import { noQuerySchema } from '../schemas/primitives.ts';
import { wholeList } from '../schemas/rule.ts';
import { actorOf, identityOf, tenantFor } from '../tenant.ts';

// What must be kept, and taking away what need not be.

type Deps = Pick<HttpDeps, 'store' | 'expire'>;

export const registerHolds = (app: HttpApp, { store, expire }: Deps): void => {
  app.route({
    method: 'GET',
    url: '/v1/holds',
    schema: {
      operationId: 'listHolds',
      tags: ['holds'],
      summary: 'Legal holds, newest first',
      querystring: holdQuerySchema,
      response: { 200: answer('All of them.', holdPageSchema), ...problems(...COMMON_PROBLEMS, 'store_unavailable') },
    },
    handler: async (request, reply) => {
      const { tenant, active } = request.query;
      const holds = await store.holds.list(tenantFor(request, tenant), { active });
      return reply.code(200).send(wholeList(holds.map(holdBody)));
    },
  });
  app.route({
    method: 'POST',
    url: '/v1/holds',
    schema: {
      operationId: 'placeHold',
      tags: ['holds'],
      summary: 'Place a legal hold',
      description:
        'From now on neither retention nor erasure takes what it covers, until it is released. Who placed it and why stands in the audit chain.',
      querystring: noQuerySchema,
      body: newHoldSchema,
      response: {
        201: answer('In force.', holdSchema),
        ...problems(...COMMON_PROBLEMS, ...BODY_PROBLEMS, 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { target, reason, tenant } = request.body;
      const hold = await store.holds.place(tenantFor(request, tenant), target, reason, actorOf(request));
      return reply.code(201).send(holdBody(hold));
    },
  });
  app.route({
    method: 'POST',
    url: '/v1/holds/:id/release',
    schema: {
      operationId: 'releaseHold',
      tags: ['holds'],
      summary: 'Release a legal hold',
      description: 'It stays on the list as over. What is too old by then goes at the next run of retention.',
      params: z.object({ id: z.uuid() }),
      querystring: noQuerySchema,
      body: holdReleaseSchema,
      response: {
        200: answer('As it ended.', holdSchema),
        ...problems(...COMMON_PROBLEMS, ...BODY_PROBLEMS, 'not_found', 'hold_released', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { reason, tenant } = request.body;
      const { id } = request.params;
      const hold = await store.holds.release(tenantFor(request, tenant), id, reason, actorOf(request));
      if (hold === null) throw new CodedError('not_found', 'No legal hold of that id is known.');
      if (hold === 'released') throw new CodedError('hold_released', 'The legal hold is over.');
      return reply.code(200).send(holdBody(hold));
    },
  });
  app.route({
    method: 'POST',
    url: '/v1/retention/runs',
    schema: {
      operationId: 'runRetention',
      tags: ['holds'],
      summary: 'Take away what is too old, now',
      description:
        'What the service does by itself every RETENTION_INTERVAL_MS, for all tenants: for the first admin key alone. Answers when it is done.',
      querystring: noQuerySchema,
      response: { 200: answer('It is done.', expiredSchema), ...problems(...COMMON_PROBLEMS, 'store_unavailable') },
    },
    handler: async (request, reply) => {
      if (!identityOf(request).operator) {
        throw new CodedError('forbidden', 'Only the first admin key may run retention: it is about all tenants.');
      }
      return reply.code(200).send(await expire());
    },
  });
};
