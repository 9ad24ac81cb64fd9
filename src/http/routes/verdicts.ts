import { z } from 'zod';
import { CodedError } from '../../domain/errors.ts';
import { answer, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { nameSchema, noQuerySchema } from '../schemas/primitives.ts';
import { verdictSchema } from '../schemas/verdict.ts';
import { tenantOf } from '../tenant.ts';

export const registerVerdicts = (app: HttpApp, { store }: Pick<HttpDeps, 'store'>): void => {
  app.route({
    method: 'GET',
    url: '/v1/verdicts/:traceId',
    schema: {
      operationId: 'getVerdict',
      tags: ['verdicts'],
      summary: 'The verdict on a trace',
      params: z.object({ traceId: nameSchema }),
      querystring: noQuerySchema,
      response: {
        200: answer('The verdict that stands.', verdictSchema),
        ...problems(...COMMON_PROBLEMS, 'not_found', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const verdict = await store.verdict(tenantOf(request), request.params.traceId);
      if (verdict === null) throw new CodedError('not_found', 'No trace of that id is known.');
      return reply.code(200).send(verdict);
    },
  });
};
