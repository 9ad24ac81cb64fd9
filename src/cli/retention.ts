import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Expired } from '../record/retention/contract.ts';
import type { ServiceClient } from './remote-client.ts';
import type { Terminal } from './terminal.ts';

// `retention run`: takes away what is too old, in a store of our own or through a running service, which knows its limits.

/** What is wrong with the command line, or null. */
export const readRetention = (args: string[]): string | null => {
  const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
  return positionals.join(' ') === 'run' ? null : 'retention takes run';
};

const expiredSchema = z.object({
  gone: z.object({ text: z.number(), words: z.number(), verdicts: z.number() }),
  complete: z.boolean(),
});

export const remoteExpire = (client: ServiceClient) => (): Promise<Expired> =>
  client.call('POST', '/v1/retention/runs', expiredSchema);

/** Resolves to the exit code: 1 where something was left for a later run. */
export const runRetention = async (expire: () => Promise<Expired>, { out }: Terminal): Promise<number> => {
  const { gone, complete } = await expire();
  const { text, words, verdicts } = gone;
  out.write(
    `Took the text of ${text} traces, the words of ${words} and the verdicts of ${verdicts}${
      complete ? '; nothing else is due.' : '; more is due, and somebody else was at it: run it again.'
    }\n`,
  );
  return complete ? 0 : 1;
};
