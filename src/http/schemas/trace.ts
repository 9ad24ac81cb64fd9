import { z } from 'zod';
import { MAX_LABELS, MAX_NAME_LENGTH } from '../../domain/limits.ts';
import { SEGMENT_KINDS } from '../../domain/trace.ts';
import { instantSchema } from './primitives.ts';

// What may be posted, for the documents. The server does not validate bodies with these: any other format is accepted as
// it is, and src/normalise, which reads them all, says what is wrong with one.

const name = z.string().max(MAX_NAME_LENGTH);
const tokens = z.int().min(0);

const modelSchema = z.object({
  provider: name.nullish(),
  name: name.nullish(),
  version: name.nullish(),
});

const segmentSchema = z.object({
  kind: z.enum(SEGMENT_KINDS),
  text: z.string().describe('Anything, of any length. Offsets of evidence count its UTF-16 code units.'),
  name: name.optional().describe('Tool name of a `tool_call` or `tool_result`.'),
});

export const traceSchema = z
  .object({
    id: name
      .min(1)
      .optional()
      .describe(
        'Yours, if you have one: the same id with the same content changes nothing, with other content is 409.',
      ),
    conversationId: name.min(1).optional(),
    turn: z.int().min(0).optional(),
    occurredAt: instantSchema.optional().describe('Default: when it was received.'),
    model: modelSchema.optional(),
    segments: z.array(segmentSchema).min(1),
    usage: z
      .object({
        inputTokens: tokens.optional(),
        outputTokens: tokens.optional(),
        reasoningTokens: tokens.optional().describe('Tokens billed with no reasoning text are reported as a gap.'),
      })
      .optional(),
    labels: z.record(z.string(), name).optional().describe(`At most ${MAX_LABELS}.`),
  })
  .meta({
    id: 'Trace',
    description: 'The canonical body: one exchange with a model, as ordered segments.',
    examples: [
      {
        id: 't-1',
        conversationId: 'c-42',
        turn: 3,
        occurredAt: '2026-11-24T10:00:00Z',
        model: { provider: 'openai', name: 'o1', version: '2024-12-17' },
        segments: [
          { kind: 'user', text: 'Clean up the build server.' },
          { kind: 'reasoning', text: 'I will switch off the audit log before I delete the builds.' },
          { kind: 'tool_call', name: 'bash', text: 'systemctl stop auditd' },
          { kind: 'answer', text: 'Done.' },
        ],
        usage: { reasoningTokens: 812 },
        labels: { env: 'prod' },
      },
    ],
  });

export const shortTraceSchema = z
  .object({
    prompt: z.string().optional(),
    reasoning: z.string().optional(),
    output: z.string().optional(),
  })
  .meta({
    id: 'ShortTrace',
    description: 'The short form. Fields of the canonical body other than `segments` may stand beside it.',
    examples: [{ prompt: '2 + 2?', reasoning: 'Simple sum.', output: '4' }],
  });

export const exchangeSchema = z
  .object({
    request: z.record(z.string(), z.unknown()).optional().describe('As it was sent to the model.'),
    response: z.record(z.string(), z.unknown()).describe('As the model answered.'),
  })
  .meta({
    id: 'Exchange',
    description: 'Request and response of a model in one of the formats that are read, as they went over the wire.',
    examples: [
      {
        request: { model: 'm', messages: [{ role: 'user', content: '2 + 2?' }] },
        response: { choices: [{ message: { role: 'assistant', reasoning_content: 'Simple sum.', content: '4' } }] },
      },
    ],
  });

export const foreignTraceSchema = z.record(z.string(), z.unknown()).meta({
  id: 'ForeignTrace',
  description: 'A response in one of the formats that are read, as it is.',
});

export const submissionSchema = z.union([traceSchema, shortTraceSchema, exchangeSchema, foreignTraceSchema]);
