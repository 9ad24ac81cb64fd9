import type { FastifyRequest } from 'fastify';

/** Used where requests are not authenticated. */
const DEFAULT_TENANT = 'default';

/** Whose data a request may write and read. Never taken from the body: a trace cannot choose its tenant. */
export const tenantOf = (_request: FastifyRequest): string => DEFAULT_TENANT;
