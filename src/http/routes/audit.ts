import { answer, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import {
  auditPageBody,
  auditPageSchema,
  auditQuerySchema,
  auditReportSchema,
  trailQuerySchema,
} from '../schemas/audit.ts';
import { actorOf, tenantFor } from '../tenant.ts';
import { askedFor } from './asked.ts';

export const registerAudit = (app: HttpApp, { store }: Pick<HttpDeps, 'store'>): void => {
  app.route({
    method: 'GET',
    url: '/v1/audit',
    schema: {
      operationId: 'listAudit',
      tags: ['audit'],
      summary: 'The audit log, latest first',
      description:
        'Verdicts, and who viewed, exported, reviewed, suppressed, held or erased what. Filters narrow one another. Reading it stands in it too.',
      querystring: trailQuerySchema,
      response: {
        200: answer('One page.', auditPageSchema),
        ...problems(...COMMON_PROBLEMS, 'invalid_cursor', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { tenant: asked, ...query } = request.query;
      const tenant = tenantFor(request, asked);
      const page = await store.trail.entries(tenant, query);
      const details = askedFor(query);
      await store.auditAccess({
        tenant,
        actor: actorOf(request),
        action: 'view',
        what: 'audit',
        subject: '*',
        details,
      });
      return reply.code(200).send(auditPageBody(page));
    },
  });
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
