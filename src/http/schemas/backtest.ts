import { z } from 'zod';
import { DECISIONS } from '../../domain/verdict.ts';
import type { BacktestReport } from '../../report/backtest.ts';
import { instantSchema, otherTenantSchema } from './primitives.ts';
import { problemSchema } from './problem.ts';

/** Most verdicts that one run looks at. */
const MAX_VERDICTS = 1_000_000;

export const backtestSchema = z
  .strictObject({
    policy: z
      .record(z.string(), z.unknown())
      .describe(
        'What changes in the policy in force: fields of the policy file, such as calibrate writes. Lists replace lists.',
      ),
    from: instantSchema.describe('Earliest time of receipt, inclusive.'),
    to: instantSchema.describe('Latest time of receipt, exclusive.'),
    limit: z.int().min(1).max(MAX_VERDICTS).default(100_000).describe('Most verdicts to look at, the oldest first.'),
    tenant: otherTenantSchema,
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), { path: ['to'], message: 'must be later than from' })
  .meta({
    id: 'NewBacktest',
    examples: [{ policy: { thresholds: { flag: 0.6 } }, from: '2026-11-01T00:00:00Z', to: '2026-11-24T00:00:00Z' }],
  });

const count = z.int().min(0);
const thenAndNow = z.object({ was: count, now: count });
const flagged = z
  .array(z.object({ name: z.string(), was: count, now: count }))
  .readonly()
  .describe('Verdicts that flag or alert, then and now; the hundred that change most.');

export const backtestReportSchema = z
  .object({
    verdicts: count,
    changed: count,
    decisions: z.object({
      clear: thenAndNow,
      unknown: thenAndNow,
      record: thenAndNow,
      flag: thenAndNow,
      alert: thenAndNow,
    }),
    changes: z
      .array(
        z.object({
          was: z.enum(DECISIONS),
          now: z.enum(DECISIONS),
          count,
          examples: z.array(z.string()).readonly().describe('Ids of traces, twenty at most.'),
        }),
      )
      .readonly(),
    categories: flagged,
    models: flagged,
    text: z
      .object({ kept: count, not_kept: count, erased: count })
      .describe('Of how many the text is there to be read. Their verdicts count all the same.'),
  })
  .meta({ id: 'BacktestReport' }) satisfies z.ZodType<BacktestReport>;

export const backtestAnswerSchema = z
  .union([
    z.object({ event: z.literal('progress'), verdicts: count }),
    backtestReportSchema.extend({
      event: z.literal('report'),
      policy: z.object({ current: z.string(), candidate: z.string() }).describe('Hashes of the two policies.'),
      complete: z.boolean().describe('False where `limit` was reached first.'),
    }),
    problemSchema.extend({ event: z.literal('problem') }),
  ])
  .meta({ id: 'BacktestAnswer', description: 'One line of the answer. A report is the last.' });
