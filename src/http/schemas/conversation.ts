import { z } from 'zod';
import { SEGMENT_COVERAGES, SEGMENT_KINDS, type Segment } from '../../domain/trace.ts';
import type { Page, StoredTrace } from '../../record/contract.ts';
import { modelSchema } from './flag.ts';
import { instantSchema, sha256Schema } from './primitives.ts';
import { verdictSchema } from './verdict.ts';

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
    verdict: verdictSchema,
  })
  .meta({ id: 'Turn' });

export const conversationSchema = z
  .object({
    conversationId: z.string(),
    turns: z.array(turnSchema).readonly().describe('In order of turn, then of time.'),
    next: z.string().nullable().describe('Cursor of the turns that follow; null on the last page.'),
    previous: z.string().nullable().describe('Cursor of the turns before; null on the first page.'),
  })
  .meta({ id: 'Conversation' });

const turnBody = (stored: StoredTrace): z.output<typeof turnSchema> => ({
  traceId: stored.traceId,
  conversationId: stored.conversationId,
  turn: stored.turn,
  model: stored.model,
  format: stored.format,
  occurredAt: stored.occurredAt.toISOString(),
  receivedAt: stored.receivedAt.toISOString(),
  labels: stored.labels,
  segments: stored.segments,
  verdict: stored.verdict,
});

export const conversationBody = (
  conversationId: string,
  { items, next, previous }: Page<StoredTrace>,
): z.output<typeof conversationSchema> => ({ conversationId, turns: items.map(turnBody), next, previous });
