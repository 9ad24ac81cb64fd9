import { z } from 'zod';
import { SEGMENT_KINDS } from '../../domain/trace.ts';
import { problemSchema } from './problem.ts';
import { verdictSchema } from './verdict.ts';

export const deltaSchema = z
  .union([
    z.object({
      segment: z.int().min(0).describe('Which segment grows: its place in the trace.'),
      kind: z.enum(SEGMENT_KINDS).optional().describe('Needed where the segment is named for the first time.'),
      name: z.string().optional().describe('Of the tool.'),
      text: z.string().optional().describe('What is added to it.'),
      end: z.boolean().optional().describe('Nothing more is added to it.'),
    }),
    z.object({
      trace: z
        .record(z.string(), z.unknown())
        .describe('id, conversationId, turn, model, occurredAt, labels, usage: as in the canonical body.'),
    }),
  ])
  .meta({ id: 'Delta', description: 'One line of a stream.' });

export const streamAnswerSchema = z
  .union([
    verdictSchema
      .pick({ decision: true, risk: true, findings: true, views: true })
      .extend({ event: z.literal('update').describe('What the rules have found so far.') }),
    z.object({ event: z.literal('verdict'), verdict: verdictSchema }),
    problemSchema.extend({
      event: z.literal('problem'),
      line: z.int().min(1).optional().describe('Line that could not be read; without one, the stream itself.'),
    }),
  ])
  .meta({ id: 'StreamAnswer', description: 'One line of the answer. A verdict is the last.' });
