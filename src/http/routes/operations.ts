import { z } from 'zod';
import { answer, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { livenessSchema, readinessBody, readinessSchema } from '../schemas/health.ts';

// For probes and Prometheus. They take any query, as scrapers add their own, and are never refused for load.

export const registerOperations = (app: HttpApp, { health, metrics }: Pick<HttpDeps, 'health' | 'metrics'>): void => {
  app.route({
    method: 'GET',
    url: '/livez',
    schema: {
      operationId: 'getLiveness',
      tags: ['operations'],
      summary: 'Whether the process makes progress',
      description: 'Restart the process on 503. What it depends on does not count here.',
      response: {
        200: answer('It does.', livenessSchema),
        503: answer('It has stalled.', livenessSchema),
      },
    },
    handler: async (_request, reply) => {
      const liveness = health.liveness();
      return reply.code(liveness.status === 'live' ? 200 : 503).send(liveness);
    },
  });
  app.route({
    method: 'GET',
    url: '/readyz',
    schema: {
      operationId: 'getReadiness',
      tags: ['operations'],
      summary: 'Whether the service can take work',
      response: {
        200: answer('It can; `degraded` where a part is down that it can do without for now.', readinessSchema),
        503: answer('It cannot.', readinessSchema),
      },
    },
    handler: async (_request, reply) => {
      const readiness = readinessBody(health.readiness());
      return reply.code(readiness.status === 'unavailable' ? 503 : 200).send(readiness);
    },
  });
  app.route({
    method: 'GET',
    url: '/metrics',
    schema: {
      operationId: 'getMetrics',
      tags: ['operations'],
      summary: 'Metrics for Prometheus',
      response: {
        200: answer('Text exposition format.', z.string(), 'text/plain'),
        ...problems('internal'),
      },
    },
    handler: async (_request, reply) => reply.header('content-type', metrics.contentType).send(await metrics.render()),
  });
};
