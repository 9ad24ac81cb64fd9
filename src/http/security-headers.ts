import type { FastifyInstance } from 'fastify';
import { REQUEST_ID_HEADER } from './request-id.ts';

// Answers quote hostile text. These headers keep a browser from sniffing, framing, running or keeping any of it.

const FIXED = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
} as const;

/** The docs page needs its own scripts, styles and pictures, and nothing from anywhere else. */
export const DOCS_CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * The auditors' page runs what was built with it and nothing else: no inline script or style, and no text can become HTML.
 * @param issuer origin where it may fetch tokens
 */
export const consoleContentSecurityPolicy = (issuer: string | undefined): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    `connect-src 'self'${issuer === undefined ? '' : ` ${issuer}`}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

export const registerSecurityHeaders = (app: FastifyInstance): void => {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(FIXED).header(REQUEST_ID_HEADER, request.id);
    done();
  });
};

/** For answers that the framework gives before hooks run. */
export const FIXED_HEADERS: Readonly<Record<string, string>> = FIXED;
