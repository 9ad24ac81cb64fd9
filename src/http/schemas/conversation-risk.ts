import { z } from 'zod';
import { CONVERSATION_ALERT_SCHEMA, type ConversationAlert, type ConversationRisk } from '../../domain/conversation.ts';
import { DECISIONS } from '../../domain/verdict.ts';
import type { Page } from '../../record/contract.ts';
import { instantSchema, pageOf, shareSchema } from './primitives.ts';
import { list, pageParameters } from './query.ts';

const weighedTurnSchema = z.object({
  traceId: z.string(),
  turn: z.int().nullable(),
  risk: shareSchema.describe("Of the turn's own verdict."),
  weight: z.int().min(0).describe('What it adds, in thousandths of a natural logarithm of odds.'),
});

const evidenceSchema = z
  .array(weighedTurnSchema)
  .readonly()
  .describe('The turns that weigh most, the heaviest first, sixteen at most.');

const scoreSchema = z.number().min(0).describe('What the thresholds of the policy are compared with.');

export const conversationRiskSchema = z
  .object({
    conversationId: z.string(),
    decision: z.enum(DECISIONS).describe('What its turns lead to together; what each leads to stands in its verdict.'),
    score: scoreSchema,
    turns: z.int().min(0).describe('Turns that were read.'),
    unassessed: z.int().min(0).describe('Turns that nobody could read.'),
    weight: z.int().min(0).describe('Of all turns, in thousandths of a natural logarithm of odds.'),
    evidence: evidenceSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: 'ConversationRisk' });

export const conversationRiskBody = (risk: ConversationRisk): z.output<typeof conversationRiskSchema> => ({
  ...risk,
  updatedAt: risk.updatedAt.toISOString(),
});

export const riskyPageSchema = pageOf(conversationRiskSchema).meta({ id: 'ConversationRiskPage' });

export const riskyPageBody = ({ items, ...edges }: Page<ConversationRisk>): z.output<typeof riskyPageSchema> => ({
  items: items.map(conversationRiskBody),
  ...edges,
});

export const riskyQuerySchema = z.strictObject({
  decision: list(z.enum(['record', 'flag', 'alert'])).describe('Default: `flag` and `alert`.'),
  ...pageParameters,
});

/** Strict: an alert that began to carry words of a turn would fail its own schema. */
export const conversationAlertSchema = z
  .strictObject({
    schema: z.literal(CONVERSATION_ALERT_SCHEMA),
    alertId: z.string().describe('Stable over revisions: dedupe on it.'),
    revision: z.int().min(1).describe('A higher one replaces a lower one.'),
    type: z.enum(['raised', 'updated', 'withdrawn']),
    conversationId: z.string(),
    tenant: z.string(),
    decision: z.enum(DECISIONS),
    score: scoreSchema,
    turns: z.int().min(0),
    evidence: evidenceSchema,
    url: z.string().describe('Where to read the conversation.'),
  })
  .describe(
    'One message on the alerts topic about the turns of a conversation together: ids and weights, never text.',
  ) satisfies z.ZodType<ConversationAlert>;
