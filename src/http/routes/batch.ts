import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { CodedError } from '../../domain/errors.ts';
import { parseJsonBytes } from '../../domain/json-bytes.ts';
import type { Admission } from '../admission.ts';
import { answer, COMMON_PROBLEMS, problems } from '../answers.ts';
import { runBatch } from '../batch.ts';
import { NDJSON_TYPES } from '../body.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { type Line, readLines } from '../lines.ts';
import { problemOf, toCodedError } from '../problems.ts';
import { problemSchema } from '../schemas/problem.ts';
import { submissionSchema } from '../schemas/trace.ts';
import { verdictSchema } from '../schemas/verdict.ts';
import { tenantOf } from '../tenant.ts';
import { FORMAT_HEADER, formatOf, traceHeaders, traceQuery } from '../trace-parameters.ts';
import { allButBodyCompiler } from '../validation.ts';

/** Lines of one batch in the pipeline at once: enough to fill the transactions, few enough to leave room for others. */
const WINDOW = 64;

/** Batches open at once: each may hold a window of lines. */
const MAX_BATCHES = 32;

/** How long the rest of a body is read and dropped after the answer has ended, so that the client sees the answer. */
const LINGER_MS = 2_000;

const lineNumber = z.int().min(1).describe('Line of the request that this answers, from 1.');
const acceptedLine = z.object({ line: lineNumber, traceId: z.string(), status: z.literal('accepted') });
const answerSchema = z
  .union([verdictSchema.extend({ line: lineNumber }), acceptedLine, problemSchema.extend({ line: lineNumber })])
  .meta({
    id: 'BatchAnswer',
    description: 'One line: a verdict, or what was wrong with the line. `code` tells them apart.',
  });

export const registerBatch = (app: HttpApp, deps: HttpDeps, admission: Admission): void => {
  const stopping = new AbortController();
  let open = 0;
  app.addHook('preClose', (done) => {
    stopping.abort();
    done();
  });
  app.route({
    method: 'POST',
    url: '/v1/monitor/batch',
    config: { bodies: NDJSON_TYPES, longRequest: true },
    schema: {
      operationId: 'monitorBatch',
      tags: ['monitor'],
      summary: 'Monitor many traces',
      description:
        'One trace a line in, one answer a line out, in the same order, as they come: a verdict that is durable, or a problem. A line that cannot be read does not end the batch.',
      querystring: traceQuery,
      headers: traceHeaders,
      consumes: [...NDJSON_TYPES],
      body: submissionSchema.describe('One line of the body.'),
      response: {
        200: answer('One line for each line that was not blank.', answerSchema, 'application/x-ndjson'),
        ...problems(...COMMON_PROBLEMS, 'invalid_header', 'unsupported_media_type', 'overloaded'),
      },
    },
    validatorCompiler: allButBodyCompiler,
    handler: async (request, reply) => {
      if (!(request.body instanceof Readable))
        throw new CodedError('unsupported_media_type', `Send ${NDJSON_TYPES[0]}.`);
      const source: Readable = request.body;
      const format = formatOf(request.query.format, request.headers[FORMAT_HEADER]);
      const tenant = tenantOf(request);
      const accepts = request.query.mode === 'async';
      // `wait` puts a line before others; a batch does not stop for it.
      const { judge } = request.query;
      if (open >= MAX_BATCHES) {
        deps.metrics.count('cot_monitor_http_shed_total');
        throw new CodedError('overloaded', 'Too many batches are open.', { retryAfter: 5 });
      }
      open++;
      const gone = new AbortController();
      reply.raw.once('close', () => {
        open--;
        gone.abort();
      });
      source.once('error', () => undefined);

      const process = async ({ bytes }: Line): Promise<object> => {
        if (bytes === null) throw new CodedError('body_too_large', 'The line is longer than MAX_BODY_BYTES.');
        const payload = parseJsonBytes(bytes);
        const slot = await admission.turn();
        try {
          const verdict = await deps.process({ payload, tenant, format, judge }, 'http');
          return accepts ? { traceId: verdict.traceId, status: 'accepted' } : verdict;
        } finally {
          slot.release();
        }
      };
      const problemAt = (line: number, error: unknown): string =>
        JSON.stringify({ line, ...problemOf(toCodedError(error)) });
      const answers = runBatch({
        lines: readLines(source, deps.config.maxBodyBytes),
        answer: async (line) => {
          try {
            const text = JSON.stringify({ line: line.number, ...(await process(line)) });
            deps.metrics.count('cot_monitor_batch_lines_total', { result: 'stored' });
            return text;
          } catch (error) {
            deps.metrics.count('cot_monitor_batch_lines_total', { result: 'refused' });
            return problemAt(line.number, error);
          }
        },
        farewell: (error, line) => problemAt(line, error),
        window: WINDOW,
        windowBytes: deps.config.maxBodyBytes,
        idleMs: deps.config.streams.idleMs,
        gone: gone.signal,
        stop: stopping.signal,
        hangUp: () => reply.raw.destroy(),
      });
      reply.raw.once('finish', () => {
        if (source.readableEnded) return;
        // The answer ended before the body: the connection is of no further use.
        const { socket } = request.raw;
        const close = (): void => (socket instanceof Socket ? socket.destroySoon() : undefined);
        source.once('end', close).resume();
        setTimeout(close, LINGER_MS).unref();
      });
      return reply
        .code(200)
        .header('cache-control', 'no-store')
        .header('content-type', 'application/x-ndjson; charset=utf-8')
        .send(Readable.from(answers, { objectMode: true, highWaterMark: 1 }) as never);
    },
  });
};
