import { answer, BODY_PROBLEMS, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { tenantQuerySchema } from '../schemas/key.ts';
import { noQuerySchema } from '../schemas/primitives.ts';
import { wholeList } from '../schemas/rule.ts';
import { changedSchema, deliveryBody, deliveryPageSchema, deliverySelectionSchema } from '../schemas/webhook.ts';
import { tenantFor } from '../tenant.ts';

// Webhook messages that did not get through. Endpoints and their secrets are configuration, and not to be had here.

const TAGS = ['webhooks'];
/** Most deliveries listed; whoever has more needs an endpoint that works, not a second page. */
const MOST_LISTED = 200;

export const registerWebhooks = (app: HttpApp, { store }: Pick<HttpDeps, 'store'>): void => {
  app.route({
    method: 'GET',
    url: '/v1/webhooks/deliveries',
    schema: {
      operationId: 'listWebhookDeliveries',
      tags: TAGS,
      summary: 'Webhook messages that wait or were given up',
      description: `The newest ${MOST_LISTED}.`,
      querystring: tenantQuerySchema,
      response: {
        200: answer('All of them, on one page.', deliveryPageSchema),
        ...problems(...COMMON_PROBLEMS, 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const deliveries = await store.webhooks.list(tenantFor(request, request.query.tenant), MOST_LISTED);
      return reply.code(200).send(wholeList(deliveries.map(deliveryBody)));
    },
  });
  app.route({
    method: 'POST',
    url: '/v1/webhooks/retries',
    schema: {
      operationId: 'retryWebhookDeliveries',
      tags: TAGS,
      summary: 'Send again what was given up',
      description: 'Under the same ids: a receiver that has one of them already knows it.',
      querystring: noQuerySchema,
      body: deliverySelectionSchema,
      response: {
        200: answer('How many go out again.', changedSchema),
        ...problems(...COMMON_PROBLEMS, ...BODY_PROBLEMS, 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { tenant, ...which } = request.body;
      return reply.code(200).send({ deliveries: await store.webhooks.revive(tenantFor(request, tenant), which) });
    },
  });
  app.route({
    method: 'POST',
    url: '/v1/webhooks/discards',
    schema: {
      operationId: 'discardWebhookDeliveries',
      tags: TAGS,
      summary: 'Forget messages that wait or were given up',
      description: 'For endpoints that are gone. The alerts themselves stay: flags and verdicts are not touched.',
      querystring: noQuerySchema,
      body: deliverySelectionSchema,
      response: {
        200: answer('How many are forgotten.', changedSchema),
        ...problems(...COMMON_PROBLEMS, ...BODY_PROBLEMS, 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { tenant, ...which } = request.body;
      return reply.code(200).send({ deliveries: await store.webhooks.discard(tenantFor(request, tenant), which) });
    },
  });
};
