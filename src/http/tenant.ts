import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ANONYMOUS, type Identity } from '../domain/access.ts';
import { CodedError } from '../domain/errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null until the request was let in. */
    identity: Identity | null;
  }
}

/** Gives requests a place for who sent them. */
export const decorateIdentity = (app: FastifyInstance): void => {
  app.decorateRequest('identity', null);
};

/** Who sent a request. */
export const identityOf = (request: FastifyRequest): Identity => request.identity ?? ANONYMOUS;

/** Whose data a request may write and read. Never taken from the body: a trace cannot choose its tenant. */
export const tenantOf = (request: FastifyRequest): string => identityOf(request).tenant;

/** Who it is in the audit log. */
export const actorOf = (request: FastifyRequest): string => identityOf(request).actor;

/** The tenant that an admin request is about: the caller's own, or any where the caller is the operator. */
export const tenantFor = (request: FastifyRequest, asked: string | undefined): string => {
  const { tenant, operator } = identityOf(request);
  if (asked === undefined || asked === tenant) return tenant;
  if (operator) return asked;
  throw new CodedError('forbidden', 'Only the first admin key may name another tenant.');
};
