import { z } from 'zod';
import { REVIEW_STATES } from '../../domain/review.ts';
import { searchTerms } from '../../domain/search-words.ts';
import { GROUPS, SEVERITIES, STANCES, VIEWS } from '../../domain/taxonomy.ts';
import type { Model } from '../../domain/trace.ts';
import { ASSESSMENT_STATES, DECISIONS } from '../../domain/verdict.ts';
import type { Flag, FlagFacets, FlagFilter, FlagQuery, Page } from '../../record/contract.ts';
import { instantParameter, instantSchema, nameSchema, pageOf, shareSchema } from './primitives.ts';
import { inOrder, list, OUT_OF_ORDER, pageParameters } from './query.ts';
import { findingSchema } from './verdict.ts';

export const modelSchema = z
  .object({ provider: z.string().nullable(), name: z.string().nullable(), version: z.string().nullable() })
  .meta({ id: 'Model' }) satisfies z.ZodType<Model>;

export const reviewStateSchema = z
  .enum(REVIEW_STATES)
  .describe('`disputed`: one reviewer confirmed it and another called it false.');

export const flagSchema = z
  .object({
    id: z.uuid(),
    traceId: z.string(),
    conversationId: z.string(),
    turn: z.int().nullable(),
    model: modelSchema,
    occurredAt: instantSchema,
    receivedAt: instantSchema,
    decision: z.enum(DECISIONS),
    risk: shareSchema,
    severity: z.enum(SEVERITIES).describe('The worst of its findings.'),
    assessmentState: z.enum(ASSESSMENT_STATES),
    findings: z.array(findingSchema).readonly(),
    review: reviewStateSchema,
    suppressedBy: z
      .array(z.string())
      .readonly()
      .describe('Ids of the suppressions that kept it from alerting. Empty where none did.'),
    assignment: z
      .object({ assignee: z.string(), expiresAt: instantSchema })
      .nullable()
      .describe('Who has it in hand, null where nobody has.'),
  })
  .meta({ id: 'Flag', description: 'A trace whose findings are up for review.' });

export const flagPageSchema = pageOf(flagSchema).meta({ id: 'FlagPage' });

export type FlagBody = z.output<typeof flagSchema>;

export const flagBody = (flag: Flag): FlagBody => ({
  id: flag.id,
  traceId: flag.traceId,
  conversationId: flag.conversationId,
  turn: flag.turn,
  model: flag.model,
  occurredAt: flag.occurredAt.toISOString(),
  receivedAt: flag.receivedAt.toISOString(),
  decision: flag.decision,
  risk: flag.risk,
  severity: flag.severity,
  assessmentState: flag.assessmentState,
  findings: flag.findings,
  review: flag.review,
  suppressedBy: flag.suppressedBy,
  assignment:
    flag.assignment === null ? null : { ...flag.assignment, expiresAt: flag.assignment.expiresAt.toISOString() },
});

export const flagPageBody = (page: Page<Flag>): z.output<typeof flagPageSchema> => ({
  items: page.items.map(flagBody),
  next: page.next,
  previous: page.previous,
});

const MAX_SEARCH = 256;

const filters = {
  from: instantParameter.describe('Earliest time of receipt, inclusive.'),
  to: instantParameter.describe('Latest time of receipt, exclusive.'),
  model: list(nameSchema).describe('Model name.'),
  modelVersion: list(nameSchema),
  category: list(nameSchema).describe('See `GET /v1/categories`.'),
  group: list(z.enum(GROUPS)),
  severity: list(z.enum(SEVERITIES)),
  stance: list(z.enum(STANCES)),
  view: list(z.enum(VIEWS)),
  decision: list(z.enum(DECISIONS)),
  assessment: list(z.enum(ASSESSMENT_STATES)),
  rule: list(nameSchema).describe('Id of a rule, as findings name it.'),
  detector: list(nameSchema).describe('Name of a detector, as findings name it.'),
  review: list(z.enum(REVIEW_STATES)),
  suppressed: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .describe('Whether a suppression kept it from alerting.'),
  assignee: nameSchema.optional().describe('Who has it in hand; `me`, or `none` for what nobody has.'),
  q: z
    .string()
    .max(MAX_SEARCH, `must be at most ${MAX_SEARCH} characters`)
    .refine((text) => searchTerms(text).length > 0, 'must hold a letter or a digit')
    .optional()
    .describe('Words of the quotes and explanations, all of which must be there. `word*` finds any that begins so.'),
  conversationId: nameSchema.optional(),
};

export const flagExportSchema = z
  .strictObject({
    ...filters,
    format: z.enum(['ndjson', 'csv']).default('ndjson'),
    cursor: z
      .string()
      .transform((text) => (text === '' ? undefined : text))
      .optional()
      .describe('Of the last record that arrived: goes on there. Records of the first page have an empty one.'),
  })
  .refine(inOrder, OUT_OF_ORDER);

export const flagFilterSchema = z.strictObject(filters).refine(inOrder, OUT_OF_ORDER) satisfies z.ZodType<FlagFilter>;

const facetSchema = z.array(z.object({ value: z.string().nullable(), count: z.int().min(1) })).readonly();

export const flagFacetsSchema = z
  .object({
    count: z.int().min(0).describe('How many match; at least so many where `complete` is false.'),
    complete: z.boolean().describe('Whether all that match were counted, and not the newest 2,000 alone.'),
    facets: z.record(z.string(), facetSchema).readonly().describe('Per filter, the values that match and how often.'),
  })
  .meta({ id: 'FlagFacets' }) satisfies z.ZodType<FlagFacets>;

export const flagQuerySchema = z
  .strictObject({
    ...filters,
    sort: z
      .enum(['newest', 'risk'])
      .optional()
      .describe('`newest` by time of receipt, the default, or `risk`: highest first, the order of a review queue.'),
    ...pageParameters,
  })
  .refine(inOrder, OUT_OF_ORDER) satisfies z.ZodType<FlagQuery>;
