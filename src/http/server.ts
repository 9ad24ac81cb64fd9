import { type FastifyError, type FastifyInstance, fastify } from 'fastify';
import { CodedError } from '../domain/errors.ts';
import { registerAccess } from './access.ts';
import { createAdmission } from './admission.ts';
import { registerBodyParser } from './body.ts';
import { answerBrokenRequest, keepReadingRefusedBodies } from './broken-request.ts';
import { registerConsole } from './console.ts';
import { registerContentEncoding } from './content-encoding.ts';
import type { HttpApp, HttpDeps } from './deps.ts';
import { registerDocumentation } from './documentation.ts';
import { gatherMethods } from './methods.ts';
import { errorHandler, sendProblem, toCodedError } from './problems.ts';
import { requestIdOf } from './request-id.ts';
import { boundRequestTime } from './request-timeout.ts';
import { registerAudit } from './routes/audit.ts';
import { registerBacktests } from './routes/backtests.ts';
import { registerBatch } from './routes/batch.ts';
import { registerCatalogue } from './routes/catalogue.ts';
import { registerConversations } from './routes/conversations.ts';
import { registerErasures } from './routes/erasures.ts';
import { registerExports } from './routes/exports.ts';
import { registerFlags } from './routes/flags.ts';
import { registerHolds } from './routes/holds.ts';
import { registerKeys } from './routes/keys.ts';
import { registerMonitor } from './routes/monitor.ts';
import { registerOperations } from './routes/operations.ts';
import { registerOtlpTraces } from './routes/otlp-traces.ts';
import { registerReports } from './routes/reports.ts';
import { registerReviewReports } from './routes/review-reports.ts';
import { registerReviews } from './routes/reviews.ts';
import { registerStream } from './routes/stream.ts';
import { registerSuppressions } from './routes/suppressions.ts';
import { registerVerdicts } from './routes/verdicts.ts';
import { registerWebhooks } from './routes/webhooks.ts';
import { FIXED_HEADERS, registerSecurityHeaders } from './security-headers.ts';
import { decorateIdentity } from './tenant.ts';
import { createTraffic } from './traffic.ts';
import { serializerCompiler, validatorCompiler } from './validation.ts';

// The REST side: one server for the process and for tests. Order matters here: headers come first so that every answer has
// them, refusals before bodies are read, and routes last so that the document sees them all.

/** How often stalled clients are looked for; well under any REQUEST_TIMEOUT_MS worth setting. */
const TIMEOUT_CHECK_MS = 1_000;

/** What a long request has, beyond its deadline, to end by itself. */
const LAST_BOUND_MS = 60_000;

const API_PREFIX = '/v1/';

const registerRoutes = (app: HttpApp, deps: HttpDeps): void => {
  const methods = gatherMethods(app);
  if (!deps.operationsOnly) registerResources(app, deps);
  registerOperations(app, deps);
  methods.close();
};

const registerResources = (app: HttpApp, deps: HttpDeps): void => {
  const admission = createAdmission(deps.config.maxInFlight, deps.metrics);
  registerMonitor(app, deps, admission);
  registerOtlpTraces(app, deps, admission);
  registerBatch(app, deps, admission);
  registerStream(app, deps, admission);
  registerVerdicts(app, deps);
  registerFlags(app, deps);
  registerReviews(app, deps);
  registerSuppressions(app, deps);
  registerExports(app, deps);
  registerReports(app, deps);
  registerReviewReports(app, deps);
  registerConversations(app, deps);
  registerCatalogue(app, deps);
  registerKeys(app, deps);
  registerAudit(app, deps);
  registerErasures(app, deps);
  registerBacktests(app, deps);
  registerHolds(app, deps);
  registerWebhooks(app, deps);
};

/**
 * While the server drains, work in hand is finished and new work is sent elsewhere. Probes and metrics still answer. Every
 * answer then ends its connection: an idle one would hold up the close until its keep-alive runs out.
 */
const refuseWhileClosing = (app: FastifyInstance): void => {
  let closing = false;
  app.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  app.addHook('onRequest', (request, _reply, done) => {
    const refused = closing && request.url.startsWith(API_PREFIX);
    done(refused ? new CodedError('shutting_down', 'This replica is shutting down.') : undefined);
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close');
    done(null, payload);
  });
};

/** Before the body is parsed, so that an unknown address is 404 whatever was posted to it. */
const refuseUnknownAddresses = (app: FastifyInstance): void => {
  app.addHook('onRequest', (request, _reply, done) => {
    done(request.is404 ? new CodedError('not_found', 'There is nothing at this address.') : undefined);
  });
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, new CodedError('not_found', 'There is nothing at this address.')),
  );
};

/** Builds the server; it listens when it is told to. `close()` waits for the requests in hand. */
export const buildServer = (deps: HttpDeps): FastifyInstance => {
  const traffic = createTraffic(deps.metrics, deps.log, deps.clock);
  const app = fastify({
    logger: false,
    bodyLimit: deps.config.maxBodyBytes,
    // The last bound, for what nothing else ends; request-timeout.ts has the one for ordinary requests.
    requestTimeout: Math.max(deps.config.requestTimeoutMs, deps.config.streams.deadlineMs) + LAST_BOUND_MS,
    http: { connectionsCheckingInterval: TIMEOUT_CHECK_MS, headersTimeout: deps.config.requestTimeoutMs },
    return503OnClosing: false,
    genReqId: requestIdOf(deps.newRequestId),
    // Ids may be 256 characters, each up to nine bytes once escaped; the size limit on headers bounds them all.
    routerOptions: { maxParamLength: 16_384 },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error: FastifyError, request, reply) => {
      const coded = toCodedError(error);
      traffic.unrouted(request, coded.status);
      sendProblem(reply.headers(FIXED_HEADERS), coded);
    },
  });
  decorateIdentity(app);
  registerSecurityHeaders(app);
  traffic.register(app);
  refuseWhileClosing(app);
  refuseUnknownAddresses(app);
  keepReadingRefusedBodies(app);
  boundRequestTime(app, deps.config.requestTimeoutMs);
  registerContentEncoding(app);
  registerBodyParser(app);
  app.setErrorHandler(errorHandler(traffic.problem));
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  registerAccess(app, { ...deps.access, authentication: deps.authentication });
  if (!deps.operationsOnly) {
    registerDocumentation(app);
    registerConsole(app, deps);
  }
  app.after(() => registerRoutes(app, deps));
  return app;
};
