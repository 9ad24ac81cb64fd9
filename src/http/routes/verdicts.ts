import { z } from 'zod';
import { CodedError } from '../../domain/errors.ts';
import { answer, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { nameSchema, noQuerySchema } from '../schemas/primitives.ts';
import { verdictSchema } from '../schemas/verdict.ts';
import { actorOf, tenantOf } from '../tenant.ts';

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
      const tenant = tenantOf(request);
      const { traceId } = request.params;
      const verdict = await store.verdict(tenant, traceId);
      if (verdict === null) throw new CodedError('not_found', 'No trace of that id is known.');
      // Without findings there is nothing of the trace in it.
      if (verdict.findings.length > 0) {
        const actor = actorOf(request);
        await store.auditAccess({ tenant, actor, action: 'view', what: 'verdict', subject: traceId });
      }
      return reply.code(200).send(verdict);
    },
  });
};
