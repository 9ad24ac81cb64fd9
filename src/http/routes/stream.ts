import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { CodedError } from '../../domain/errors.ts';
import type { Preview } from '../../pipeline.ts';
import type { Admission } from '../admission.ts';
import { answer, COMMON_PROBLEMS, problems } from '../answers.ts';
import { EVENT_STREAM_TYPE, mediaTypeOf, NDJSON_TYPES } from '../body.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { createDeltaSession, createEventSession } from '../live/session.ts';
import { createWriter } from '../live/writer.ts';
import { problemOf, toCodedError } from '../problems.ts';
import { deltaSchema, streamAnswerSchema } from '../schemas/stream.ts';
import { tenantOf } from '../tenant.ts';
import { FORMAT_HEADER, formatOf, traceHeaders, traceQuery } from '../trace-parameters.ts';
import { allButBodyCompiler } from '../validation.ts';

/** How long the rest of a body is read and dropped after the answer has ended, so that the client sees the answer. */
const LINGER_MS = 2_000;

/** What ended a stream: its sender, or what stopped it. */
type End = 'complete' | 'idle' | 'deadline' | 'gone' | 'refused' | 'shutdown';

const WHY: Readonly<Record<Exclude<End, 'complete' | 'refused' | 'gone'>, CodedError>> = {
  idle: new CodedError('request_timeout', 'Nothing came for too long.'),
  deadline: new CodedError('request_timeout', 'The stream was open for longer than STREAM_DEADLINE_MS.'),
  shutdown: new CodedError('shutting_down', 'This replica is shutting down.'),
};

export const registerStream = (app: HttpApp, deps: HttpDeps, admission: Admission): void => {
  const { idleMs, deadlineMs, maxOpen, bufferBytes } = deps.config.streams;
  const stopping = new AbortController();
  let open = 0;
  let buffered = 0;
  app.addHook('preClose', (done) => {
    stopping.abort();
    done();
  });
  app.route({
    method: 'POST',
    url: '/v1/monitor/stream',
    config: { bodies: [...NDJSON_TYPES, EVENT_STREAM_TYPE], longRequest: true },
    schema: {
      operationId: 'monitorStream',
      tags: ['monitor'],
      summary: 'Monitor a trace while it is being written',
      description:
        'Deltas of a trace in, one a line, or the event stream of a provider as it comes; what has been found out, whenever it changes. The last line is the verdict on the whole, durable. A stream that breaks off gets the verdict on what came, marked `truncated`.',
      querystring: traceQuery.pick({ format: true }),
      headers: traceHeaders,
      consumes: [...NDJSON_TYPES, EVENT_STREAM_TYPE],
      body: deltaSchema,
      response: {
        200: answer('Lines as the trace grows.', streamAnswerSchema, 'application/x-ndjson'),
        ...problems(...COMMON_PROBLEMS, 'invalid_header', 'unsupported_media_type', 'overloaded'),
      },
    },
    validatorCompiler: allButBodyCompiler,
    handler: async (request, reply) => {
      if (!(request.body instanceof Readable)) {
        throw new CodedError('unsupported_media_type', `Send ${NDJSON_TYPES[0]} or ${EVENT_STREAM_TYPE}.`);
      }
      const source: Readable = request.body;
      const format = formatOf(request.query.format, request.headers[FORMAT_HEADER]);
      const tenant = tenantOf(request);
      if (open >= maxOpen) {
        deps.metrics.count('cot_monitor_http_shed_total');
        throw new CodedError('overloaded', 'Too many streams are open.', { retryAfter: 5 });
      }
      deps.metrics.set('cot_monitor_streams_open', ++open);
      reply.hijack();
      const writer = createWriter(reply.raw, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'application/x-ndjson; charset=utf-8',
        'cache-control': 'no-store',
      });

      const ended = Promise.withResolvers<End>();
      const problem = (error: unknown): object => problemOf(toCodedError(error));
      const trace = deps.live.open(tenant, (preview: Preview | null) => {
        if (preview !== null) writer.latest({ event: 'update', ...preview });
      });
      const idle = setTimeout(() => ended.resolve('idle'), idleMs);
      const deadline = setTimeout(() => ended.resolve('deadline'), deadlineMs);
      const onStop = (): void => ended.resolve('shutdown');
      stopping.signal.addEventListener('abort', onStop, { once: true });
      reply.raw.once('close', () => ended.resolve('gone'));
      let held = 0;
      const session = (mediaTypeOf(request) === EVENT_STREAM_TYPE ? createEventSession : createDeltaSession)({
        source,
        live: deps.live,
        trace,
        maxBytes: deps.config.maxBodyBytes,
        reserve: (bytes) => {
          if (buffered + bytes > bufferBytes) return false;
          buffered += bytes;
          held += bytes;
          return true;
        },
        onProgress: () => idle.refresh(),
        onProblem: (error, line) => writer.write({ event: 'problem', line, ...problem(error) }),
      });
      // A request that broke off rejects: only one that its sender ended is complete.
      session.read().then(
        () => ended.resolve('complete'),
        (error: unknown) => {
          if (error instanceof CodedError) writer.write({ event: 'problem', ...problem(error) });
          ended.resolve(error instanceof CodedError ? 'refused' : 'gone');
        },
      );

      const end = await ended.promise;
      clearTimeout(idle);
      clearTimeout(deadline);
      stopping.signal.removeEventListener('abort', onStop);
      trace.close();
      if (end === 'idle' || end === 'deadline' || end === 'shutdown') {
        writer.write({ event: 'problem', ...problem(WHY[end]) });
      }
      const slot = await admission.turn();
      let last: object;
      try {
        const submission = session.finish(end !== 'complete');
        last = { event: 'verdict', verdict: await deps.process({ format, ...submission, tenant }, 'http') };
      } catch (error) {
        last = { event: 'problem', ...problem(error) };
      }
      slot.release();
      buffered -= held;
      deps.metrics.set('cot_monitor_streams_open', --open);
      deps.metrics.count('cot_monitor_streams_total', { end });
      writer.end(last, idleMs);
      if (source.readableEnded && !stopping.signal.aborted) return;
      const { socket } = request.raw;
      const close = (): void => (socket instanceof Socket ? socket.destroySoon() : undefined);
      source
        .once('error', () => undefined)
        .once('end', close)
        .resume();
      setTimeout(close, LINGER_MS).unref();
    },
  });
};
