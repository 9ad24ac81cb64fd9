import { z } from 'zod';
import type { ConversationRisk } from '../../domain/conversation.ts';
import { SEGMENT_COVERAGES, SEGMENT_KINDS, type Segment } from '../../domain/trace.ts';
import { ASSESSMENT_STATES, DECISIONS } from '../../domain/verdict.ts';
import type { PastVerdict } from '../../record/auditing/contract.ts';
import type { Page, StoredTrace } from '../../record/contract.ts';
import { conversationRiskBody, conversationRiskSchema } from './conversation-risk.ts';
import { modelSchema } from './flag.ts';
import { instantSchema, sha256Schema, shareSchema } from './primitives.ts';
import { verdictSchema, versionsSchema } from './verdict.ts';

export const segmentSchema = z
  .object({
    index: z.int().min(0),
    kind: z.enum(SEGMENT_KINDS),
    name: z.string().exactOptional(),
    text: z.string(),
    sourcePath: z.string(),
    coverage: z.enum(SEGMENT_COVERAGES),
    hash: sha256Schema,
  })
  .meta({ id: 'Segment' }) satisfies z.ZodType<Segment>;

const pastVerdictSchema = z
  .object({
    seq: z.int().describe('Place of its entry in the audit log.'),
    at: instantSchema,
    status: z.enum(['final', 'provisional']),
    decision: z.enum(DECISIONS),
    risk: shareSchema,
    assessment: z.enum(ASSESSMENT_STATES).nullable().describe('Null in entries of before this was noted.'),
    versions: versionsSchema,
    verdictHash: sha256Schema.describe('Of the verdict as it was stored.'),
  })
  .meta({ id: 'PastVerdict', description: 'A verdict that a trace had, as the audit log has it.' });

export const turnSchema = z
  .object({
    traceId: z.string(),
    conversationId: z.string(),
    turn: z.int().nullable(),
    model: modelSchema,
    format: z.string(),
    occurredAt: instantSchema,
    receivedAt: instantSchema,
    labels: z.record(z.string(), z.string()).readonly(),
    segments: z.array(segmentSchema).readonly().nullable().describe('Null where only the verdict was kept.'),
    erasedAt: instantSchema.nullable().describe('When its words were erased; null where they were not.'),
    verdict: verdictSchema,
    history: z
      .array(pastVerdictSchema)
      .readonly()
      .describe('The verdicts it had, oldest first; the last one is the one that stands.'),
  })
  .meta({ id: 'Turn' });

export const conversationSchema = z
  .object({
    conversationId: z.string(),
    risk: conversationRiskSchema
      .nullable()
      .describe('What its turns say together; null where the policy does not weigh conversations.'),
    turns: z.array(turnSchema).readonly().describe('In order of turn, then of time.'),
    next: z.string().nullable().describe('Cursor of the turns that follow; null on the last page.'),
    previous: z.string().nullable().describe('Cursor of the turns before; null on the first page.'),
  })
  .meta({ id: 'Conversation' });

type History = ReadonlyMap<string, readonly PastVerdict[]>;

const turnBody = (stored: StoredTrace, history: History): z.output<typeof turnSchema> => ({
  traceId: stored.traceId,
  conversationId: stored.conversationId,
  turn: stored.turn,
  model: stored.model,
  format: stored.format,
  occurredAt: stored.occurredAt.toISOString(),
  receivedAt: stored.receivedAt.toISOString(),
  labels: stored.labels,
  segments: stored.segments,
  erasedAt: stored.erasedAt?.toISOString() ?? null,
  verdict: stored.verdict,
  history: (history.get(stored.traceId) ?? []).map((past) => ({ ...past, at: past.at.toISOString() })),
});

export const conversationBody = (
  conversationId: string,
  { items, next, previous }: Page<StoredTrace>,
  history: History,
  risk: ConversationRisk | null,
): z.output<typeof conversationSchema> => ({
  conversationId,
  risk: risk === null ? null : conversationRiskBody(risk),
  turns: items.map((turn) => turnBody(turn, history)),
  next,
  previous,
});
