import { z } from 'zod';
import { RULE_STATUSES } from '../../domain/finding.ts';
import { type Category, GROUPS, ORIGINS, SEVERITIES, STANCES, VIEWS } from '../../domain/taxonomy.ts';
import type { RuleSummary } from '../deps.ts';
import { pageOf } from './primitives.ts';

export const ruleSchema = z
  .object({
    id: z.string(),
    slug: z.string(),
    version: z.string(),
    hash: z.string(),
    title: z.string(),
    category: z.string(),
    stance: z.enum(STANCES),
    severity: z.enum(SEVERITIES),
    status: z.enum(RULE_STATUSES).describe('Only `stable` rules alert on their own.'),
    views: z.array(z.enum(VIEWS)).readonly(),
    description: z.string(),
    references: z.array(z.string()).readonly(),
    falsePositives: z.array(z.string()).readonly(),
    triage: z.string(),
  })
  .meta({ id: 'Rule' }) satisfies z.ZodType<RuleSummary>;

export const categorySchema = z
  .object({
    id: z.string(),
    group: z.enum(GROUPS),
    severity: z.enum(SEVERITIES),
    definition: z.string(),
    source: z.string().describe('Where the definition comes from.'),
    indicators: z.array(z.string()).readonly().describe('What it looks like.'),
    hardNegatives: z.array(z.string()).readonly().describe('What looks like it and is not.'),
    weights: z
      .partialRecord(z.enum(STANCES), z.number())
      .readonly()
      .describe('What a score is multiplied with, by stance, where that differs from the policy.'),
    origin: z.enum(ORIGINS).describe('Ours, or a file of whoever runs the service.'),
  })
  .meta({ id: 'Category' }) satisfies z.ZodType<Category>;

export const rulePageSchema = pageOf(ruleSchema).meta({ id: 'RulePage' });
export const categoryPageSchema = pageOf(categorySchema).meta({ id: 'CategoryPage' });

/** The whole list: there is no other page. */
export const wholeList = <T>(items: readonly T[]): { items: readonly T[]; next: null; previous: null } => ({
  items,
  next: null,
  previous: null,
});
