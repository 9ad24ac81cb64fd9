import { z } from 'zod';
import { answer, BODY_PROBLEMS, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { erasedSchema, erasureSchema } from '../schemas/erasure.ts';
import { actorOf, tenantFor } from '../tenant.ts';

export const registerErasures = (app: HttpApp, { store }: Pick<HttpDeps, 'store'>): void => {
  app.route({
    method: 'POST',
    url: '/v1/erasures',
    schema: {
      operationId: 'erase',
      tags: ['erasure'],
      summary: 'Erase the words of traces',
      description:
        'Text, quotes, explanations, labels and review notes go; decisions, scores and the audit chain stay. There is no way back. What is under a legal hold stays: see `skipHeld`. Answers when all of it is done; what was cut short is finished by asking again. What matches nothing is answered 0.',
      querystring: z.strictObject({}),
      body: erasureSchema,
      response: {
        200: answer('It is done.', erasedSchema),
        ...problems(...COMMON_PROBLEMS, ...BODY_PROBLEMS, 'legal_hold', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { target, reason, skipHeld, tenant } = request.body;
      const by = actorOf(request);
      const erased = await store.erase({ tenant: tenantFor(request, tenant), target, reason, skipHeld, by });
      return reply.code(200).send(erased);
    },
  });
};
