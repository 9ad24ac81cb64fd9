import { z } from 'zod';
import { CodedError } from '../../domain/errors.ts';
import type { Admission } from '../admission.ts';
import { answer, BODY_PROBLEMS, COMMON_PROBLEMS, problems } from '../answers.ts';
import { JSON_TYPE, mediaTypeOf, PROTOBUF_TYPE } from '../body.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { takeIn } from '../otlp/intake.ts';
import { decodeExportRequest, encodeExportResponse, encodeStatus, exportResponseBody } from '../otlp/protocol.ts';
import { readSpans } from '../otlp/spans.ts';
import { PROBLEM_TYPE } from '../problems.ts';
import { noQuerySchema } from '../schemas/primitives.ts';
import { tenantOf } from '../tenant.ts';

// OTLP over HTTP: any OpenTelemetry exporter can point here. Its rules are kept: the answer comes in the encoding of the
// request, parts that were refused are told in a partial success, and what may be sent again is a 429 or a 503.

const BODIES = [PROTOBUF_TYPE, JSON_TYPE];

const exportRequestSchema = z
  .object({ resourceSpans: z.array(z.record(z.string(), z.unknown())).optional() })
  .meta({ id: 'ExportTraceServiceRequest', description: 'As OTLP 1 defines it, in protobuf or in its JSON.' });

const exportResponseSchema = z
  .object({
    partialSuccess: z.object({ rejectedSpans: z.string(), errorMessage: z.string() }).optional(),
  })
  .meta({ id: 'ExportTraceServiceResponse', description: 'As OTLP 1 defines it, in the encoding of the request.' });

export const registerOtlpTraces = (app: HttpApp, deps: HttpDeps, admission: Admission): void => {
  app.route({
    method: 'POST',
    url: '/v1/traces',
    config: { bodies: BODIES },
    schema: {
      operationId: 'exportTraces',
      tags: ['monitor'],
      summary: 'Monitor the spans of an OpenTelemetry exporter',
      description:
        'OTLP/HTTP. Spans of calls to models (GenAI or OpenInference attributes) that hold messages are monitored as traces; all others are acknowledged and let go. Sending a request again changes nothing.',
      querystring: noQuerySchema,
      consumes: BODIES,
      body: exportRequestSchema,
      response: {
        200: answer(
          'Every span is durable, refused as the partial success says, or none of ours.',
          exportResponseSchema,
        ),
        ...problems(
          ...COMMON_PROBLEMS,
          ...BODY_PROBLEMS,
          'malformed_protobuf',
          'invalid_compression',
          'overloaded',
          'store_unavailable',
        ),
      },
    },
    // Protobuf arrives as bytes here, and what is odd in either encoding is told span by span.
    validatorCompiler: () => (value: unknown) => ({ value }),
    // A problem document says more, but an exporter that speaks protobuf can only read a status.
    onSend: (request, reply, payload, done) => {
      if (
        mediaTypeOf(request) !== PROTOBUF_TYPE ||
        !String(reply.getHeader('content-type')).startsWith(PROBLEM_TYPE) ||
        typeof payload !== 'string'
      ) {
        done(null, payload);
        return;
      }
      const { code, detail } = JSON.parse(payload) as { code: string; detail: string };
      reply.header('content-type', PROTOBUF_TYPE).removeHeader('content-length');
      done(null, encodeStatus(`${code}: ${detail}`));
    },
    handler: async (request, reply) => {
      const type = mediaTypeOf(request);
      if (type === undefined) throw new CodedError('invalid_body', 'The body is empty.');
      const body: unknown = request.body;
      const read = readSpans(body instanceof Uint8Array ? decodeExportRequest(body) : body);
      const partial = await takeIn(
        { process: deps.process, admission, metrics: deps.metrics },
        read,
        tenantOf(request),
      );
      if (type !== PROTOBUF_TYPE) return reply.code(200).send(exportResponseBody(partial));
      // (The types know the JSON answer only.)
      return reply
        .code(200)
        .header('content-type', PROTOBUF_TYPE)
        .send(encodeExportResponse(partial) as object);
    },
  });
};
