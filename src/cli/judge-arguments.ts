import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { DeadTask } from './judge-dead.ts';
import type { ExamplesTask } from './judge-examples.ts';
import type { RecordTask } from './judge-record.ts';

export type JudgeTask = RecordTask | DeadTask | ExamplesTask;

const sharesSchema = z.tuple([z.coerce.number().min(0).max(1), z.coerce.number().min(0).max(1)]);
const seedSchema = z.coerce.number().int().min(0).max(0xffff_ffff);
const limitSchema = z.coerce.number().int().min(1).max(24);

const OPTIONS = {
  out: { type: 'string' },
  simulate: { type: 'string' },
  seed: { type: 'string' },
  tenant: { type: 'string' },
  retry: { type: 'boolean' },
  limit: { type: 'string' },
} as const;

const OF_ACTION: Readonly<Record<string, readonly string[]>> = {
  record: ['out', 'simulate', 'seed'],
  dead: ['tenant', 'retry'],
  examples: ['tenant', 'out', 'limit'],
};

/** The task, or what is wrong with the command line. */
export const readJudge = (args: string[]): JudgeTask | string => {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS });
  const [action = '', ...files] = positionals;
  const known = OF_ACTION[action];
  if (known === undefined) return 'judge takes record, dead or examples';
  const stray = Object.keys(values).find((name) => !known.includes(name));
  if (stray !== undefined) return `--${stray} does not belong to judge ${action}`;
  if (action !== 'record' && files.length > 0) return `there is nothing to name after judge ${action}`;
  const { out, tenant } = values;
  if (tenant === '') return '--tenant takes a name';
  if (action === 'dead') return { action, tenant, retry: values.retry === true };
  if (out === undefined) return `judge ${action} needs --out`;
  if (action === 'examples') {
    const limit = limitSchema.safeParse(values.limit ?? '12');
    if (tenant === undefined) return 'judge examples needs --tenant';
    return limit.success ? { action, tenant, out, limit: limit.data } : '--limit takes a whole number from 1 to 24';
  }
  if (files.length === 0) return 'judge record needs at least one file';
  const seed = seedSchema.safeParse(values.seed ?? '1');
  if (!seed.success) return '--seed takes a whole number from 0 to 4294967295';
  if (values.simulate === undefined) return { action: 'record', files, out, seed: seed.data, simulate: undefined };
  const shares = sharesSchema.safeParse(values.simulate.split(','));
  if (!shares.success) return '--simulate takes two shares, as in 0.85,0.03';
  const [tpr, fpr] = shares.data;
  return { action: 'record', files, out, seed: seed.data, simulate: { tpr, fpr } };
};
