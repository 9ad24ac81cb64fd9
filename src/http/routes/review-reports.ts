import { z } from 'zod';
import type { ReviewState } from '../../domain/review.ts';
import { agreementOf } from '../../report/agreement.ts';
import { rateOf } from '../../report/deception.ts';
import { answer, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { pageOf } from '../schemas/primitives.ts';
import { estimateSchema, periodQuerySchema, rateSchema } from '../schemas/report.ts';
import { wholeList } from '../schemas/rule.ts';
import { tenantOf } from '../tenant.ts';

// What reviews say of the monitor, and of one another.

const DIMENSIONS = ['flag', 'category', 'detector', 'rule', 'model'] as const;

const precisionSchema = pageOf(
  z
    .object({
      dimension: z.enum(DIMENSIONS),
      value: z.string(),
      confirmed: z.int().min(0),
      falsePositive: z.int().min(0),
      undecided: z.int().min(0).describe('Unsure, or disputed: in no share.'),
      precision: rateSchema.nullable().describe('Confirmed of those decided. Null where none is.'),
    })
    .meta({ id: 'Precision' }),
).meta({ id: 'PrecisionPage' });

const agreementSchema = pageOf(
  z
    .object({
      reviewers: z.array(z.string()).readonly(),
      total: z.int().min(0).describe('Flags that both judged.'),
      agreed: z.int().min(0),
      kappa: estimateSchema.nullable().describe("Cohen's; null where both gave one and the same answer throughout."),
    })
    .meta({ id: 'Agreement' }),
).meta({ id: 'AgreementPage' });

const precisionOf = (states: Readonly<Record<ReviewState, number>>) => ({
  confirmed: states.confirmed,
  falsePositive: states.false_positive,
  undecided: states.unsure + states.disputed,
  precision: rateOf(states.confirmed, states.confirmed + states.false_positive),
});

export const registerReviewReports = (app: HttpApp, { store }: Pick<HttpDeps, 'store'>): void => {
  app.route({
    method: 'GET',
    url: '/v1/reports/precision',
    schema: {
      operationId: 'reportPrecision',
      tags: ['reports'],
      summary: 'How often flags were right, as reviewed',
      description: 'By category, detector, rule and model version. The period is that of the receipt of the flags.',
      querystring: periodQuerySchema,
      response: {
        200: answer('All that was reviewed.', precisionSchema),
        ...problems(...COMMON_PROBLEMS, 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const counts = await store.reviews.counts(tenantOf(request), request.query);
      const items = counts.map(({ dimension, value, states }) => ({ dimension, value, ...precisionOf(states) }));
      return reply.code(200).send(wholeList(items));
    },
  });
  app.route({
    method: 'GET',
    url: '/v1/reports/agreement',
    schema: {
      operationId: 'reportAgreement',
      tags: ['reports'],
      summary: 'How far reviewers agree',
      description: 'Of every two who judged the same flags, by their latest reviews in the period.',
      querystring: periodQuerySchema,
      response: {
        200: answer('Each pair, those with most in common first.', agreementSchema),
        ...problems(...COMMON_PROBLEMS, 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const pairs = await store.reviews.outcomePairs(tenantOf(request), request.query);
      return reply.code(200).send(wholeList(agreementOf(pairs)));
    },
  });
};
