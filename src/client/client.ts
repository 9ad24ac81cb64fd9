import createFetchClient, { type Client } from 'openapi-fetch';
import type { paths } from './schema.ts';

// The client for other programs: paths, parameters and answers are typed from openapi/openapi.json, so that a change of
// the API shows in the caller's type check. It runs wherever fetch does.

export interface MonitorClientOptions {
  /** Where the service answers, such as http://127.0.0.1:8080. */
  readonly baseUrl: string;
  /** API key or bearer token; none where the service runs without auth. */
  readonly key?: string | undefined;
  /** For proxies, timeouts and tests. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
}

export type MonitorClient = Client<paths>;

/**
 * `const { data, error } = await client.POST('/v1/monitor', { body })`: `data` is the verdict, `error` the problem
 * document (RFC 9457). Rejects only where there was no answer at all.
 */
export const createMonitorClient = ({ baseUrl, key, fetch }: MonitorClientOptions): MonitorClient =>
  createFetchClient<paths>({
    baseUrl,
    ...(key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } }),
    ...(fetch === undefined ? {} : { fetch }),
  });

export type { components, paths } from './schema.ts';
