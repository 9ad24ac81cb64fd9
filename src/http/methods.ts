import type { FastifyInstance, HTTPMethods, RouteOptions } from 'fastify';
import { CodedError } from '../domain/errors.ts';

const ANSWERED: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Which methods each address answers, gathered while routes are registered. */
export interface MethodTable {
  /** Registers, for every address seen, OPTIONS and a 405 with `allow` for the methods it lacks. */
  close(): void;
}

/** Call before the first route; `close` after the last. */
export const gatherMethods = (app: FastifyInstance): MethodTable => {
  const byUrl = new Map<string, Set<string>>();
  let gathering = true;
  app.addHook('onRoute', (route: RouteOptions) => {
    if (!gathering) return;
    const methods = byUrl.get(route.url) ?? new Set<string>();
    for (const method of Array.isArray(route.method) ? route.method : [route.method]) methods.add(method);
    byUrl.set(route.url, methods);
  });
  return {
    close: () => {
      gathering = false;
      for (const [url, methods] of byUrl) {
        if (methods.has('GET')) methods.add('HEAD');
        methods.add('OPTIONS');
        const allow = [...methods].sort().join(', ');
        app.route({
          method: 'OPTIONS',
          url,
          schema: { hide: true },
          config: { methodsOnly: true },
          onRequest: async (_request, reply) => reply.code(204).header('allow', allow).send(),
          handler: () => undefined,
        });
        app.route({
          method: ANSWERED.filter((method) => !methods.has(method)),
          url,
          schema: { hide: true },
          config: { methodsOnly: true },
          // Before the body is read: nothing is to be done with it.
          onRequest: async (_request, reply) => {
            reply.header('allow', allow);
            throw new CodedError('method_not_allowed', `Allowed here: ${allow}.`);
          },
          handler: () => undefined,
        });
      }
    },
  };
};
