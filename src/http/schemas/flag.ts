import { z } from 'zod';
import { GROUPS, SEVERITIES, STANCES, VIEWS } from '../../domain/taxonomy.ts';
import type { Model } from '../../domain/trace.ts';
import { ASSESSMENT_STATES, DECISIONS } from '../../domain/verdict.ts';
import type { Flag, FlagQuery, Page } from '../../record/contract.ts';
import { instantSchema, nameSchema, pageOf, shareSchema } from './primitives.ts';
import { findingSchema } from './verdict.ts';

export const modelSchema = z
  .object({ provider: z.string().nullable(), name: z.string().nullable(), version: z.string().nullable() })
  .meta({ id: 'Model' }) satisfies z.ZodType<Model>;

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
});

export const flagPageBody = (page: Page<Flag>): z.output<typeof flagPageSchema> => ({
  items: page.items.map(flagBody),
  next: page.next,
  previous: page.previous,
});

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** Most alternatives of one filter. */
const MAX_ALTERNATIVES = 50;

/** `?a=1&a=2` and `?a=1,2` mean the same. */
const splitList = (value: unknown): unknown =>
  value === undefined ? undefined : (Array.isArray(value) ? value : [value]).flatMap((v) => String(v).split(','));

const list = <T extends z.ZodType>(item: T) =>
  z
    .preprocess(
      splitList,
      z.array(item).min(1).max(MAX_ALTERNATIVES, `must be at most ${MAX_ALTERNATIVES} values`).optional(),
    )
    .optional();

/** A `+` that was not escaped arrives as a blank; in an instant it can only have been the sign of the offset. */
const mendPlus = (value: unknown): unknown => (typeof value === 'string' ? value.replace(' ', '+') : value);

const instant = z
  .preprocess(mendPlus, z.iso.datetime({ offset: true, error: 'must be an ISO 8601 instant with an offset' }))
  .transform((text) => new Date(text))
  .optional();

const wholeNumber = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;

const LIMIT_MESSAGE = `must be a whole number from 1 to ${MAX_LIMIT}`;

export const flagQuerySchema = z
  .strictObject({
    from: instant.describe('Earliest time of receipt, inclusive.'),
    to: instant.describe('Latest time of receipt, exclusive.'),
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
    conversationId: nameSchema.optional(),
    limit: z.preprocess(
      wholeNumber,
      z.int(LIMIT_MESSAGE).min(1, LIMIT_MESSAGE).max(MAX_LIMIT, LIMIT_MESSAGE).default(DEFAULT_LIMIT),
    ),
    cursor: z.string().optional().describe('`next` or `previous` of an earlier answer to the same query, unchanged.'),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    message: 'must be later than from',
  }) satisfies z.ZodType<FlagQuery>;
