import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CodedError } from '../../domain/errors.ts';
import { sha256 } from '../../domain/ids.ts';
import { type Category, STANCES, VIEWS } from '../../domain/taxonomy.ts';
import { neutralise } from './framing.ts';
import type { Framed } from './material.ts';
import { estimateTokens, MARKS } from './passages.ts';

// What a tenant's reviewers decided, shown to that tenant's judge and to no other, where the operator has put the file that
// `judge examples` wrote into JUDGE_PROMPT_DIR/examples. The quotes come from traces: they are hostile like any of them.

const fileSchema = z.strictObject({
  version: z.literal(1),
  tenant: z.string().min(1).max(256),
  examples: z
    .array(
      z.strictObject({
        category: z.string(),
        decided: z.enum(['confirmed', 'false_positive']),
        stance: z.enum(STANCES),
        view: z.enum(VIEWS),
        quote: z.string().min(1).max(500),
      }),
    )
    .min(1)
    .max(24),
});

export interface Examples {
  /** Goes into the version of the prompts that a verdict stores. */
  readonly hash: string;
  readonly framed: readonly Framed[];
  /** What they take of a prompt. */
  readonly tokens: number;
}

const FOLDER = 'examples';

const invalid = (path: string, why: string, cause?: unknown): CodedError =>
  new CodedError('invalid_config', `JUDGE_PROMPT_DIR: ${path} ${why}.`, cause === undefined ? {} : { cause });

const WORDS = { confirmed: 'confirmed by a reviewer', false_positive: 'turned down by a reviewer' } as const;

/**
 * By tenant.
 * @param folder JUDGE_PROMPT_DIR
 * @throws CodedError `invalid_config` naming the file at fault
 */
export const loadExamples = (
  categories: readonly Category[],
  folder: string | undefined,
): ReadonlyMap<string, Examples> => {
  const byTenant = new Map<string, Examples>();
  const inside = folder === undefined ? undefined : join(folder, FOLDER);
  if (inside === undefined || !existsSync(inside)) return byTenant;
  const ids = new Set(categories.map(({ id }) => id));
  for (const name of readdirSync(inside).sort()) {
    if (!name.endsWith('.json')) continue;
    const path = join(inside, name);
    let file: z.output<typeof fileSchema>;
    try {
      file = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    } catch (cause) {
      throw invalid(path, 'is not a file of examples as `cot-monitor judge examples` writes it', cause);
    }
    const stranger = file.examples.find(({ category }) => !ids.has(category));
    if (stranger !== undefined) throw invalid(path, `names the category ${stranger.category}, which is not there`);
    if (byTenant.has(file.tenant)) throw invalid(path, `is the second file of the tenant ${file.tenant}`);
    const framed = file.examples.map(({ category, decided, stance, view, quote }, i) => ({
      // Constants, numbers, and ids that were looked up: nothing of a trace stands in a label.
      label: `example ${i + 1}: ${category}, ${stance}, in the ${view}, ${WORDS[decided]}`,
      text: neutralise(quote),
    }));
    byTenant.set(file.tenant, {
      hash: sha256(JSON.stringify(file.examples)).slice(0, 8),
      framed,
      tokens: framed.reduce((sum, { text }) => sum + estimateTokens(text) + MARKS, 0),
    });
  }
  return byTenant;
};
