import { z } from 'zod';
import { CARD_CLASSES } from '../../domain/card.ts';
import type { Comparison } from '../../report/compare.ts';
import type { DeceptionReport } from '../../report/deception.ts';
import { DRIFT_DIMENSIONS, type DriftPoint } from '../../report/drift.ts';
import { instantParameter, instantSchema, nameSchema } from './primitives.ts';

const ordered = ({ from, to }: { readonly from?: Date | undefined; readonly to?: Date | undefined }): boolean =>
  from === undefined || to === undefined || from < to;
const OUT_OF_ORDER = { path: ['to'], message: 'must be later than from' };

const period = {
  from: instantParameter.describe('Earliest time of occurrence, inclusive.'),
  to: instantParameter.describe('Latest time of occurrence, exclusive.'),
};

const scope = { ...period, model: nameSchema.optional(), modelVersion: nameSchema.optional() };

export const REPORT_FORMATS = ['json', 'csv', 'markdown'] as const;

export const deceptionQuerySchema = z
  .strictObject({
    ...scope,
    format: z.enum(REPORT_FORMATS).optional().describe('Wins over the `accept` header. Default: json.'),
  })
  .refine(ordered, OUT_OF_ORDER);

export const driftQuerySchema = z
  .strictObject({ ...scope, by: z.enum(DRIFT_DIMENSIONS).default('class') })
  .refine(ordered, OUT_OF_ORDER);

export const periodQuerySchema = z.strictObject(period).refine(ordered, OUT_OF_ORDER);

const classSchema = z.enum(['flagged', ...CARD_CLASSES]);

export const compareQuerySchema = z
  .strictObject({
    a: nameSchema.describe('A model: `name`, or `name@version`.'),
    b: nameSchema.describe('The other.'),
    ...period,
    class: classSchema.default('flagged'),
  })
  .refine(ordered, OUT_OF_ORDER);

export const estimateSchema = z
  .object({ value: z.number(), low: z.number(), high: z.number() })
  .meta({ id: 'Estimate', description: 'A value with its 95% interval.' });

export const rateSchema = z
  .object({
    count: z.int().min(0),
    total: z.int().min(1),
    value: z.number(),
    low: z.number(),
    high: z.number(),
  })
  .meta({ id: 'Rate', description: 'A share that was counted, with its 95% interval.' });

const rate = rateSchema.nullable();

const scopeSchema = z.object({
  model: z.string().nullable(),
  modelVersion: z.string().nullable(),
  from: instantSchema.nullable(),
  to: instantSchema.nullable(),
});

const deceptionSchema = z.object({
  n: z.int().min(0).describe('Traces that the rates are of: assessed wholly or in part, or flagged all the same.'),
  traces: z.int().min(0).describe('All traces in scope.'),
  notAssessed: rate.describe('Share of all traces that nobody could assess. Read no rate without it.'),
  classes: z
    .array(
      z.object({
        class: classSchema,
        count: z.int().min(0),
        rate,
        precision: rate.describe('Of its reviewed flags, those confirmed. Null where none was reviewed.'),
        corrected: estimateSchema
          .nullable()
          .describe(
            'Rate × precision; for `flagged` also what the shadow sample says is missed. Null without reviews.',
          ),
      }),
    )
    .readonly()
    .describe('`flagged` is the sum of the others.'),
  views: z
    .array(
      z.object({
        view: z.enum(['reasoning', 'reasoning_summary']),
        total: z.int().min(0).describe('Traces that had it.'),
        onlyThere: rate.describe('It holds a finding, and the answer holds none.'),
        answerToo: rate,
      }),
    )
    .readonly(),
  missed: rate.describe('Hits in the random sample of unflagged traces. Judged by a model: an estimate, not truth.'),
}) satisfies z.ZodType<DeceptionReport>;

export const deceptionReportSchema = deceptionSchema.extend({ scope: scopeSchema }).meta({ id: 'DeceptionReport' });

export const comparisonSchema = z
  .object({
    class: classSchema,
    a: rate,
    b: rate,
    notAssessed: z.object({ a: rate, b: rate }),
    difference: estimateSchema.nullable().describe('Rate of b less rate of a.'),
    test: z.object({
      eValue: z.number().describe('Evidence against equal rates; 20 or more is a shift at 5%.'),
      pValue: z.number().describe('Valid however often one looks.'),
      detectedAfter: z.object({ a: z.int(), b: z.int() }).nullable().describe('Traces of each until it was found.'),
    }),
    tested: z.int().min(0).describe('Traces of each side that the test has seen.'),
  })
  .meta({ id: 'Comparison' }) satisfies z.ZodType<Comparison>;

export const driftSchema = z
  .object({
    by: z.enum(DRIFT_DIMENSIONS),
    items: z
      .array(
        z.object({
          day: z.string().describe('By UTC.'),
          n: z.int().min(0),
          notAssessed: rate,
          flagged: rate,
          series: z.array(z.object({ value: z.string(), count: z.int().min(0), rate })).readonly(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'Drift' }) satisfies z.ZodType<{ readonly items: readonly DriftPoint[] }>;
