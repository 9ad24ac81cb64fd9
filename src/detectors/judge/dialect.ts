// Servers call themselves OpenAI-compatible and take different subsets of its parameters. We begin with what serves best
// and give up, one at a time, what the server refuses.

export interface Dialect {
  readonly format: 'json_schema' | 'json_object' | 'text';
  readonly logprobs: boolean;
  readonly temperature: boolean;
  /** Newer models of OpenAI refuse the first, most other servers know nothing else. */
  readonly limit: 'max_tokens' | 'max_completion_tokens';
}

export const RICHEST: Dialect = { format: 'json_schema', logprobs: true, temperature: true, limit: 'max_tokens' };

const plainer = ({ format }: Dialect): Dialect['format'] | undefined => {
  switch (format) {
    case 'json_schema':
      return 'json_object';
    case 'json_object':
      return 'text';
    case 'text':
      return undefined;
  }
};

/**
 * What to try next; undefined where there is nothing left to give up.
 * @param complaint lower case: the parameter that the server named, and its message
 */
export const simplify = (dialect: Dialect, complaint: string): Dialect | undefined => {
  const format = plainer(dialect);
  if (/max_completion_tokens/.test(complaint) && dialect.limit === 'max_tokens')
    return { ...dialect, limit: 'max_completion_tokens' };
  if (/logprob/.test(complaint) && dialect.logprobs) return { ...dialect, logprobs: false };
  if (/temperature/.test(complaint) && dialect.temperature) return { ...dialect, temperature: false };
  if (/response_format|schema|structured|guided|grammar|json/.test(complaint) && format !== undefined)
    return { ...dialect, format };
  if (dialect.logprobs) return { ...dialect, logprobs: false };
  if (format !== undefined) return { ...dialect, format };
  if (dialect.temperature) return { ...dialect, temperature: false };
  return undefined;
};
