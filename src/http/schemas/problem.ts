import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../domain/errors.ts';

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

export const problemSchema = z
  .object({
    type: z.string().describe('`urn:cot-monitor:problem:` and the code.'),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().describe('What to mend. Never quotes what was sent.'),
    code: z.enum(CODES).describe('Stable: write programs against this.'),
    errors: z
      .array(
        z.object({
          path: z.string().describe('JSON pointer, or the name of the query parameter or header.'),
          message: z.string(),
        }),
      )
      .readonly()
      .describe('The fields at fault, where fields are.'),
  })
  .meta({
    id: 'Problem',
    description: 'RFC 9457 problem.',
    examples: [
      {
        type: 'urn:cot-monitor:problem:invalid_query',
        title: 'A query parameter is unknown or malformed',
        status: 400,
        detail: 'Mend the parameters named in `errors`.',
        code: 'invalid_query',
        errors: [{ path: 'mod', message: 'is not a parameter here' }],
      },
    ],
  });

export type Problem = z.output<typeof problemSchema>;
