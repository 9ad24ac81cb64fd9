import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CodedError } from '../../domain/errors.ts';
import { sha256 } from '../../domain/ids.ts';
import type { Category } from '../../domain/taxonomy.ts';

// The prompts are files, so that a change of wording is a change that can be seen, and a verdict can say which wording it
// rests on. They are the system message, the same for every trace: providers can then cache it.

/** Raised by hand whenever the shipped prompts are meant to judge differently. */
const VERSION = 2;

const SHIPPED = join(import.meta.dirname, 'prompt');

const CATEGORIES_HERE = '{{categories}}';

/** Score on the rubric's scale to probability: straight lines between the knots, flat outside. */
const scaleSchema = z.strictObject({
  version: z.literal(1),
  name: z.string().min(1),
  note: z.string(),
  knots: z
    .array(z.tuple([z.number().min(1).max(10), z.number().min(0).max(1)]))
    .min(2)
    .refine(
      (knots) => knots.every(([x, y], i) => i === 0 || (x > knots[i - 1]![0] && y >= knots[i - 1]![1])),
      'must rise',
    ),
});

export type Scale = z.output<typeof scaleSchema>;

export interface Prompts {
  /** `version.hash`: the hash covers the prompts as sent, categories included, and the scale. */
  readonly version: string;
  readonly extract: string;
  readonly score: string;
  readonly paraphrase: string;
  readonly scale: Scale;
}

/** As the prompts list them, in the taxonomy's order: what to look for, and for the call that scores what to leave alone. */
const renderCategories = (categories: readonly Category[], told: 'indicators' | 'both'): string =>
  categories
    .map(({ id, group, definition, indicators, hardNegatives }) => {
      const not = told === 'both' ? ` Not: ${hardNegatives.join(' ')}` : '';
      return `- \`${id}\` (${group}): ${definition} Signs: ${indicators.join(' ')}${not}`;
    })
    .join('\n');

const invalid = (path: string, why: string, cause?: unknown): CodedError =>
  new CodedError('invalid_config', `JUDGE_PROMPT_DIR: ${path} ${why}.`, cause === undefined ? {} : { cause });

/**
 * @param folder the operator's own files; each that it lacks is taken from the shipped ones
 * @throws CodedError `invalid_config` naming the file at fault
 */
export const loadPrompts = (categories: readonly Category[], folder?: string): Prompts => {
  if (folder !== undefined && !existsSync(folder)) throw invalid(folder, 'does not exist');
  const read = (name: string): { path: string; text: string } => {
    const own = folder === undefined ? undefined : join(folder, name);
    const path = own !== undefined && existsSync(own) ? own : join(SHIPPED, name);
    try {
      return { path, text: readFileSync(path, 'utf8') };
    } catch (cause) {
      throw invalid(path, 'cannot be read', cause);
    }
  };
  const withCategories = (name: string, told: 'indicators' | 'both'): string => {
    const { path, text } = read(name);
    if (!text.includes(CATEGORIES_HERE)) throw invalid(path, `has no place for ${CATEGORIES_HERE}`);
    return text.replaceAll(CATEGORIES_HERE, () => renderCategories(categories, told));
  };
  const extract = withCategories('extract.md', 'indicators');
  const score = withCategories('score.md', 'both');
  const paraphrase = read('paraphrase.md').text;
  const scale = readScale(read('scale.json'));
  const hash = sha256(JSON.stringify([extract, score, paraphrase, scale])).slice(0, 16);
  return { version: `${VERSION}.${hash}`, extract, score, paraphrase, scale };
};

const readScale = ({ path, text }: { path: string; text: string }): Scale => {
  try {
    return scaleSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw invalid(path, 'is not a scale: rising pairs of score (1–10) and probability (0–1)', cause);
  }
};
