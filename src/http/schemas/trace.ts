import { z } from 'zod';
import { MAX_LABELS, MAX_NAME_LENGTH } from '../../domain/limits.ts';
import { SEGMENT_COVERAGES, SEGMENT_KINDS } from '../../domain/trace.ts';
import { instantSchema } from './primitives.ts';

// What may be posted, for the documents. The server does not validate bodies with these: any other format is accepted as
// it is, and src/normalise, which reads them all, says what is wrong with one.

const name = z.string().min(1).max(MAX_NAME_LENGTH);
const tokens = z.int().min(0);

const MAX_TURN = 2 ** 31 - 1;

/** Where a trace belongs; may stand in every form that is ours. */
const place = {
  id: name
    .optional()
    .describe('Yours, if you have one: the same id with the same content changes nothing, with other content is 409.'),
  conversationId: name.optional(),
  turn: z.int().min(0).max(MAX_TURN).optional(),
  occurredAt: instantSchema.optional().describe('Default: when it was received.'),
  labels: z.record(z.string(), z.string().max(MAX_NAME_LENGTH)).optional().describe(`At most ${MAX_LABELS}.`),
};

const origin = {
  model: z
    .union([z.object({ provider: name.optional(), name: name.optional(), version: name.optional() }), name])
    .optional(),
  usage: z
    .object({
      inputTokens: tokens.optional(),
      outputTokens: tokens.optional(),
      reasoningTokens: tokens.optional().describe('Tokens billed with no reasoning text are reported as a gap.'),
    })
    .optional(),
};

const segmentSchema = z.object({
  kind: z.enum(SEGMENT_KINDS),
  text: z
    .string()
    .optional()
    .describe(
      'Anything, of any length; absent only where nobody could read it. Offsets of evidence count UTF-16 code units.',
    ),
  name: name.optional().describe('Tool name of a `tool_call` or `tool_result`.'),
  coverage: z.enum(SEGMENT_COVERAGES).optional().describe('How much of it there was to read. Default: `full`.'),
});

export const traceSchema = z.object({ ...place, ...origin, segments: z.array(segmentSchema).min(1) }).meta({
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
    ...place,
    ...origin,
    system: z.string().optional(),
    prompt: z.string().optional(),
    reasoning: z.string().optional(),
    output: z.string().optional(),
  })
  .meta({
    id: 'ShortTrace',
    description: 'The short form, for those who kept only the texts.',
    examples: [{ prompt: '2 + 2?', reasoning: 'Simple sum.', output: '4' }],
  });

export const exchangeSchema = z
  .object({
    ...place,
    request: z.record(z.string(), z.unknown()).optional().describe('As it was sent to the model.'),
    response: z
      .union([z.record(z.string(), z.unknown()), z.string()])
      .describe('As the model answered; the text of its event stream, where that is what was kept.'),
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
