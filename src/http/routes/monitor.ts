import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { readPostedEvalLog } from '../../archive/eval-log.ts';
import { CodedError } from '../../domain/errors.ts';
import type { Verdict } from '../../domain/verdict.ts';
import type { Admission, Priority, Slot } from '../admission.ts';
import { answer, BODY_PROBLEMS, COMMON_PROBLEMS, problems } from '../answers.ts';
import { EVENT_STREAM_TYPE, JSON_TYPE, mediaTypeOf, ZIP_TYPE } from '../body.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { submissionSchema } from '../schemas/trace.ts';
import { verdictSchema } from '../schemas/verdict.ts';
import { tenantOf } from '../tenant.ts';
import { FORMAT_HEADER, formatOf, traceHeaders, traceQuery } from '../trace-parameters.ts';
import { allButBodyCompiler } from '../validation.ts';

const BODIES = [JSON_TYPE, EVENT_STREAM_TYPE, ZIP_TYPE];

const acceptedSchema = z.object({ traceId: z.string(), status: z.literal('accepted') }).meta({ id: 'Accepted' });

/**
 * Takes a place in the pipeline before the body is read, and gives it back when the trace is through or the request ended
 * without one. A caller who hangs up early keeps its place until its trace is through: else hanging up would be a way
 * round the limit.
 */
const createSlots = (admission: Admission) => {
  const slots = new WeakMap<FastifyRequest, Slot & { busy: boolean }>();
  return {
    take: (request: FastifyRequest, priority: Priority): void => {
      const slot = { ...admission.acquire(priority), busy: false };
      slots.set(request, slot);
      request.raw.once('close', () => {
        if (!slot.busy) slot.release();
      });
    },
    release: (request: FastifyRequest): void => slots.get(request)?.release(),
    during: async <T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> => {
      const slot = slots.get(request)!;
      slot.busy = true;
      try {
        return await work();
      } finally {
        slot.release();
      }
    },
  };
};

const priorityOf = (query: unknown): Priority =>
  (query as { readonly mode?: unknown }).mode === 'async' ? 'async' : 'sync';

/** The final verdict if it comes in time, else the provisional one. Hanging up ends the wait. */
const awaited = async (request: FastifyRequest, verdict: Verdict, wait: HttpDeps['waitForFinal']): Promise<Verdict> => {
  if (verdict.status === 'final' || wait === undefined) return verdict;
  const gone = new AbortController();
  request.raw.socket.once('close', () => gone.abort());
  return (await wait(tenantOf(request), verdict.traceId, gone.signal)) ?? verdict;
};

export const registerMonitor = (app: HttpApp, deps: HttpDeps, admission: Admission): void => {
  const slots = createSlots(admission);
  app.route({
    method: 'POST',
    url: '/v1/monitor',
    config: { bodies: BODIES },
    schema: {
      operationId: 'monitorTrace',
      tags: ['monitor'],
      summary: 'Monitor one trace',
      description:
        'Reads the trace, makes the verdict durable and answers it. The same trace posted again changes nothing and is answered the verdict that stands.',
      querystring: traceQuery,
      headers: traceHeaders,
      consumes: BODIES,
      body: submissionSchema,
      response: {
        200: answer('The verdict, durable.', verdictSchema),
        202: answer('`mode=async`: the verdict is durable and can be read.', acceptedSchema),
        ...problems(
          ...COMMON_PROBLEMS,
          ...BODY_PROBLEMS,
          'invalid_compression',
          'malformed_archive',
          'invalid_header',
          'empty_trace',
          'trace_conflict',
          'unknown_format',
          'format_mismatch',
          'undetected_format',
          'overloaded',
          'store_unavailable',
        ),
      },
    },
    validatorCompiler: allButBodyCompiler,
    onRequest: (request, _reply, done) => {
      slots.take(request, priorityOf(request.query));
      done();
    },
    onResponse: (request, _reply, done) => {
      slots.release(request);
      done();
    },
    handler: async (request, reply) => {
      // Without a content type a body was refused before, so there is none.
      if (request.headers['content-type'] === undefined) throw new CodedError('malformed_json', 'The body is empty.');
      const body: unknown = request.body;
      const format = formatOf(request.query.format, request.headers[FORMAT_HEADER]);
      const media = mediaTypeOf(request) === EVENT_STREAM_TYPE ? ('event-stream' as const) : undefined;
      const verdict = await slots.during(request, async () => {
        const payload = Buffer.isBuffer(body) ? await readPostedEvalLog(body, deps.config.maxBodyBytes) : body;
        return deps.process({ payload, tenant: tenantOf(request), format, media, judge: request.query.judge }, 'http');
      });
      if (request.query.mode === 'async') {
        return reply.code(202).send({ traceId: verdict.traceId, status: 'accepted' });
      }
      const answered = request.query.judge === 'wait' ? await awaited(request, verdict, deps.waitForFinal) : verdict;
      return reply.code(200).send(answered);
    },
  });
};
