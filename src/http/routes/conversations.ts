import { z } from 'zod';
import { CodedError } from '../../domain/errors.ts';
import { answer, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { conversationBody, conversationSchema } from '../schemas/conversation.ts';
import { riskyPageBody, riskyPageSchema, riskyQuerySchema } from '../schemas/conversation-risk.ts';
import { nameSchema } from '../schemas/primitives.ts';
import { pageQuerySchema } from '../schemas/query.ts';
import { actorOf, tenantOf } from '../tenant.ts';

export const registerConversations = (app: HttpApp, { store }: Pick<HttpDeps, 'store'>): void => {
  app.route({
    method: 'GET',
    url: '/v1/conversations',
    schema: {
      operationId: 'listRiskyConversations',
      tags: ['conversations'],
      summary: 'Conversations that are suspicious as a whole',
      description:
        'Those whose turns together reached a threshold of the policy, the highest score first, with the turns that weigh most. None of the turns need be flagged by itself.',
      querystring: riskyQuerySchema,
      response: {
        200: answer('A page of them.', riskyPageSchema),
        ...problems(...COMMON_PROBLEMS, 'invalid_cursor', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const page = await store.riskyConversations(tenantOf(request), request.query);
      return reply.code(200).send(riskyPageBody(page));
    },
  });
  app.route({
    method: 'GET',
    url: '/v1/conversations/:id',
    schema: {
      operationId: 'getConversation',
      tags: ['conversations'],
      summary: 'The turns of a conversation',
      description:
        'Its turns in pages, each with its segments, where their text was kept, its verdict with findings and evidence, and the verdicts it had before.',
      params: z.object({ id: nameSchema }),
      querystring: pageQuerySchema,
      response: {
        200: answer('The conversation.', conversationSchema),
        ...problems(...COMMON_PROBLEMS, 'invalid_cursor', 'not_found', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const tenant = tenantOf(request);
      const page = await store.conversation(tenant, id, request.query);
      if (page.items.length === 0 && request.query.cursor === undefined)
        throw new CodedError('not_found', 'No conversation of that id is known.');
      await store.auditAccess({ tenant, actor: actorOf(request), action: 'view', what: 'conversation', subject: id });
      const history = await store.trail.verdicts(
        tenant,
        page.items.map((turn) => turn.traceId),
      );
      return reply.code(200).send(conversationBody(id, page, history, await store.conversationRisk(tenant, id)));
    },
  });
};
