import fastifySwagger, { type SwaggerTransformObject } from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { EVENT_STREAM_TYPE } from './body.ts';
import { tidySchema } from './json-schema.ts';
import { DOCS_CONTENT_SECURITY_POLICY } from './security-headers.ts';

// The OpenAPI document, derived from the routes' own schemas, and the page at /docs that shows it. Everything the page
// loads comes from this server.

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const COMPONENT = '#/components/schemas/';

const referencesIn = (value: Json): string[] => {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' && inner.startsWith(COMPONENT)
      ? [inner.slice(COMPONENT.length)]
      : referencesIn(inner),
  );
};

/** Schemas are registered once for requests and once for answers; the document keeps those that something refers to. */
const reachable = (paths: Json, schemas: { readonly [key: string]: Json }): { [key: string]: Json } => {
  const names = new Set<string>();
  const waiting = referencesIn(paths);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (names.has(name)) continue;
    names.add(name);
    waiting.push(...referencesIn(schemas[name] ?? null));
  }
  return Object.fromEntries(
    Object.entries(schemas)
      .filter(([name]) => names.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
};

const RETRY_AFTER = {
  'retry-after': { description: 'Seconds to wait before the next attempt.', schema: { type: 'integer', minimum: 1 } },
};

/** Statuses that come with `retry-after`; the probes' own 503 does not. */
const addRetryAfter = (paths: Json): void => {
  if (!isObject(paths)) return;
  for (const operations of Object.values(paths)) {
    for (const operation of Object.values(isObject(operations) ? operations : {})) {
      const responses = isObject(operation) && isObject(operation.responses) ? operation.responses : {};
      for (const status of ['429', '503']) {
        const response = responses[status];
        if (isObject(response) && isObject(response.content) && 'application/problem+json' in response.content) {
          response.headers = RETRY_AFTER;
        }
      }
    }
  }
};

/** What stands in a request's body under each type follows from one schema; a stream of events is text instead. */
const describeEventStreams = (paths: Json): void => {
  if (!isObject(paths)) return;
  for (const operations of Object.values(paths)) {
    for (const operation of Object.values(isObject(operations) ? operations : {})) {
      const body = isObject(operation) && isObject(operation.requestBody) ? operation.requestBody.content : undefined;
      if (!isObject(body) || !(EVENT_STREAM_TYPE in body)) continue;
      const description = 'Server-sent events of Chat Completions, Responses or Anthropic Messages, as they came.';
      body[EVENT_STREAM_TYPE] = { schema: { type: 'string', description } };
    }
  }
};

const toObject = createJsonSchemaTransformObject({ zodToJsonConfig: { override: tidySchema } });

const transformObject: SwaggerTransformObject = (document) => {
  const whole: Json = JSON.parse(JSON.stringify(toObject(document)));
  if (!isObject(whole) || !isObject(whole.components)) throw new TypeError('the document is not an object');
  addRetryAfter(whole.paths ?? null);
  describeEventStreams(whole.paths ?? null);
  const schemas = isObject(whole.components.schemas) ? whole.components.schemas : {};
  return {
    ...whole,
    components: { ...whole.components, schemas: reachable(whole.paths ?? null, schemas) },
  } as ReturnType<SwaggerTransformObject>;
};

export const registerDocumentation = (app: FastifyInstance): void => {
  app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'cot-monitor',
        version: '1.0.0',
        description:
          'Reads what models think and what they do, and says with exact evidence whether the two show deception or scheming.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as { name: string },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'monitor', description: 'Post traces.' },
        { name: 'verdicts', description: 'Read verdicts.' },
        { name: 'flags', description: 'Search what was flagged.' },
        { name: 'reviews', description: 'Judge what was flagged.' },
        { name: 'reports', description: 'Rates, shifts, precision.' },
        { name: 'exports', description: 'Take flags and labels away, as streams.' },
        { name: 'suppressions', description: 'Silence what is known, for a time.' },
        { name: 'conversations', description: 'Read whole conversations.' },
        { name: 'catalogue', description: 'What the monitor looks for.' },
        { name: 'audit', description: 'Whether the record of what was done is whole.' },
        { name: 'policy', description: 'Try a policy before it is enabled.' },
        { name: 'holds', description: 'Keep what must be kept, and let go of what is too old.' },
        { name: 'erasure', description: 'Take the words of traces away for good.' },
        { name: 'webhooks', description: 'Messages to endpoints that did not get through.' },
        { name: 'keys', description: 'Who may call the service.' },
        { name: 'operations', description: 'For probes and Prometheus.' },
      ],
    },
    transform: createJsonSchemaTransform({ zodToJsonConfig: { override: tidySchema } }),
    transformObject,
  });
  app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_CONTENT_SECURITY_POLICY,
    uiConfig: { docExpansion: 'list' },
    theme: { title: 'cot-monitor API' },
  });
};
