import { Socket } from 'node:net';
import type { ConnectionError, FastifyInstance } from 'fastify';
import { answerBrokenRequest } from './broken-request.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route reads its request for as long as it comes, and looks after silence itself. */
    readonly longRequest?: boolean;
  }
}

const TIMED_OUT = Object.assign(new Error('the request did not arrive in time'), {
  code: 'ERR_HTTP_REQUEST_TIMEOUT',
}) as ConnectionError;

/**
 * Bounds how long a client may take to send a body. Node's own bound holds for every request of a server alike, and would
 * end a stream that is meant to last.
 */
export const boundRequestTime = (app: FastifyInstance, milliseconds: number): void => {
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    const hasBody = raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined;
    if (hasBody && request.routeOptions.config.longRequest !== true) {
      const timer = setTimeout(() => {
        const { socket } = raw;
        if (raw.complete || !(socket instanceof Socket)) return;
        if (reply.raw.headersSent) socket.destroy();
        else answerBrokenRequest(TIMED_OUT, socket);
      }, milliseconds);
      timer.unref();
      const disarm = (): void => clearTimeout(timer);
      raw.once('end', disarm).once('close', disarm);
    }
    done();
  });
};
