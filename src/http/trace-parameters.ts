import { z } from 'zod';
import { CodedError } from '../domain/errors.ts';
import { JUDGE_WISHES } from '../domain/judging.ts';

// What a caller may say about a trace outside its body, the same on every route that takes traces.

export const FORMAT_HEADER = 'x-trace-format';
const MAX_FORMAT_LENGTH = 64;

const formatSchema = z.string().min(1, 'must not be empty').max(MAX_FORMAT_LENGTH);

export const traceQuery = z.strictObject({
  format: formatSchema.optional().describe('Wire format of the body; detected when absent.'),
  mode: z
    .enum(['sync', 'async'])
    .default('sync')
    .describe(
      '`sync` answers the verdict; `async` answers 202 once the verdict is durable, and yields to `sync` under load.',
    ),
  judge: z
    .enum(JUDGE_WISHES)
    .default('auto')
    .describe(
      'Whether the judge looks at the trace: as the policy says; the same, and the answer waits for it up to `JUDGE_WAIT_MS` (`status` is `provisional` where it took longer); or not at all.',
    ),
});

export const traceHeaders = z.looseObject({
  [FORMAT_HEADER]: formatSchema.optional().describe('The same as `format` in the query.'),
});

/** Throws `invalid_header` where query and header disagree. */
export const formatOf = (inQuery: string | undefined, inHeader: string | undefined): string | undefined => {
  if (inQuery !== undefined && inHeader !== undefined && inQuery !== inHeader) {
    throw new CodedError('invalid_header', 'The query and the header name different formats.', {
      errors: [{ path: FORMAT_HEADER, message: 'must agree with the query parameter format' }],
    });
  }
  return inQuery ?? inHeader;
};
