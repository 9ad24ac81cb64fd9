import type { Socket } from 'node:net';
import type { ConnectionError, FastifyInstance } from 'fastify';
import { CodedError } from '../domain/errors.ts';
import { PROBLEM_TYPE, problemOf } from './problems.ts';
import { FIXED_HEADERS } from './security-headers.ts';

// Requests that go wrong below the framework: bytes that are not HTTP, and bodies that are refused while they arrive.

/**
 * Answers what could not be parsed as HTTP, or did not arrive in time. The parser's message quotes the bytes: it is dropped.
 */
export const answerBrokenRequest = (error: ConnectionError, socket: Socket): void => {
  if (socket.destroyed || error.code === 'ECONNRESET') return;
  if (socket.writable) {
    const problem = problemOf(new CodedError('invalid_header', 'This is not an HTTP request that can be read.'));
    const timedOut = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    const body = timedOut ? '' : JSON.stringify(problem);
    const headers = {
      ...FIXED_HEADERS,
      ...(timedOut ? {} : { 'content-type': `${PROBLEM_TYPE}; charset=utf-8` }),
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${timedOut ? '408 Request Timeout' : '400 Bad Request'}\r\n${lines.join('')}\r\n${body}`);
  }
  socket.destroySoon();
};

/**
 * The framework closes the connection on a body it refused, and with bytes still coming the client then sees a reset in
 * place of the answer. Kept open, the rest is read and dropped, without being held, until it ends or REQUEST_TIMEOUT_MS.
 */
export const keepReadingRefusedBodies = (app: FastifyInstance): void => {
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (reply.statusCode === 413) reply.removeHeader('connection');
    done(null, payload);
  });
};
