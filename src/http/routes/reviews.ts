import { z } from 'zod';
import { CodedError } from '../../domain/errors.ts';
import { answer, BODY_PROBLEMS, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { noQuerySchema } from '../schemas/primitives.ts';
import {
  assignmentSchema,
  newAssignmentSchema,
  newReviewSchema,
  releasedSchema,
  reviewBody,
  reviewedBody,
  reviewedSchema,
  reviewPageSchema,
} from '../schemas/review.ts';
import { wholeList } from '../schemas/rule.ts';
import { actorOf, tenantOf } from '../tenant.ts';

// What people make of a flag, and who has it in hand. Who they are is taken from their credentials, never from the body.

const HOUR = 3_600_000;
const MAX_ASSIGNMENT = 7 * 24 * HOUR;

const params = z.object({ id: z.uuid() });

const noFlag = (): CodedError => new CodedError('not_found', 'No flag of that id is known.');

const expiryOf = (wanted: string | undefined, now: Date): Date => {
  const until = wanted === undefined ? new Date(now.getTime() + HOUR) : new Date(wanted);
  if (until <= now || until.getTime() - now.getTime() > MAX_ASSIGNMENT) {
    throw new CodedError('invalid_body', 'An assignment ends within seven days.', {
      errors: [{ path: '/expiresAt', message: 'must lie within the next seven days' }],
    });
  }
  return until;
};

type Deps = Pick<HttpDeps, 'store' | 'clock'>;

export const registerReviews = (app: HttpApp, deps: Deps): void => {
  registerJudging(app, deps);
  registerAssignment(app, deps);
};

const registerJudging = (app: HttpApp, { store }: Deps): void => {
  app.route({
    method: 'POST',
    url: '/v1/flags/:id/reviews',
    schema: {
      operationId: 'addReview',
      tags: ['reviews'],
      summary: 'Judge a flag',
      description:
        'Appends a review. None is ever changed: to correct yourself, add another, your latest counts. It stands in the audit chain.',
      params,
      querystring: noQuerySchema,
      body: newReviewSchema,
      response: {
        201: answer('The review, durable.', reviewedSchema),
        ...problems(...COMMON_PROBLEMS, ...BODY_PROBLEMS, 'not_found', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { outcome, note = null } = request.body;
      const review = { outcome, note, reviewer: actorOf(request) };
      const reviewed = await store.reviews.add(tenantOf(request), request.params.id, review);
      if (reviewed === null) throw noFlag();
      return reply.code(201).send(reviewedBody(reviewed));
    },
  });
  app.route({
    method: 'GET',
    url: '/v1/flags/:id/reviews',
    schema: {
      operationId: 'listReviews',
      tags: ['reviews'],
      summary: 'The reviews of a flag, in the order of writing',
      params,
      querystring: noQuerySchema,
      response: {
        200: answer('All of them.', reviewPageSchema),
        ...problems(...COMMON_PROBLEMS, 'not_found', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const tenant = tenantOf(request);
      const { id } = request.params;
      const reviews = await store.reviews.list(tenant, id);
      if (reviews === null) throw noFlag();
      // A note may quote the trace.
      if (reviews.some(({ note }) => note !== null)) {
        await store.auditAccess({ tenant, actor: actorOf(request), action: 'view', what: 'reviews', subject: id });
      }
      return reply.code(200).send(wholeList(reviews.map(reviewBody)));
    },
  });
};

const registerAssignment = (app: HttpApp, { store, clock }: Deps): void => {
  app.route({
    method: 'POST',
    url: '/v1/flags/:id/assignment',
    schema: {
      operationId: 'assignFlag',
      tags: ['reviews'],
      summary: 'Take a flag in hand',
      description:
        'Others then see that you work on it, until you have reviewed it, give it back, or the time is up. Taking it again moves the end.',
      params,
      querystring: noQuerySchema,
      body: newAssignmentSchema,
      response: {
        200: answer('It is yours.', assignmentSchema),
        ...problems(...COMMON_PROBLEMS, ...BODY_PROBLEMS, 'not_found', 'flag_assigned', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const assignee = actorOf(request);
      const until = expiryOf(request.body.expiresAt, clock());
      const result = await store.reviews.assign(tenantOf(request), id, assignee, until);
      if (result === null) throw noFlag();
      if (result === 'taken') throw new CodedError('flag_assigned', 'Somebody else has this flag in hand.');
      return reply.code(200).send({ flagId: id, assignee, expiresAt: until.toISOString() });
    },
  });
  app.route({
    method: 'DELETE',
    url: '/v1/flags/:id/assignment',
    schema: {
      operationId: 'releaseFlag',
      tags: ['reviews'],
      summary: 'Give a flag back',
      description: 'Ends your own assignment. Where you have none, nothing changes.',
      params,
      querystring: noQuerySchema,
      response: {
        200: answer('It is not yours.', releasedSchema),
        ...problems(...COMMON_PROBLEMS, 'not_found', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const found = await store.reviews.release(tenantOf(request), request.params.id, actorOf(request));
      if (!found) throw noFlag();
      return reply.code(200).send({ flagId: request.params.id, assignee: null });
    },
  });
};
