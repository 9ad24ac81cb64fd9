import { answer, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { auditQuerySchema, auditReportSchema } from '../schemas/audit.ts';
import { tenantFor } from '../tenant.ts';

export const registerAudit = (app: HttpApp, { store }: Pick<HttpDeps, 'store'>): void => {
  app.route({
    method: 'GET',
    url: '/v1/audit/verification',
    schema: {
      operationId: 'verifyAudit',
      tags: ['audit'],
      summary: 'Whether the audit chain is whole',
      description: 'Walks the whole chain, so it takes as long as the chain is.',
      querystring: auditQuerySchema,
      response: {
        200: answer('What was found. 200 also where the chain is broken.', auditReportSchema),
        ...problems(...COMMON_PROBLEMS, 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { tenant, anchor } = request.query;
      return reply.code(200).send(await store.verifyAudit(tenantFor(request, tenant), anchor));
    },
  });
};
