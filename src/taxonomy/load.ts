import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CodedError } from '../domain/errors.ts';
import { sha256 } from '../domain/ids.ts';
import { type Category, GROUPS, SEVERITIES, STANCES, type Taxonomy } from '../domain/taxonomy.ts';

// A category is a file, ours and the operator's alike. A file that is not right stops the start: a category that silently
// does not load is one that nobody looks for.

/** Goes into prompts between our own words: one line, and nothing that looks like a mark around a trace. */
const line = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .regex(/^[^\n\r⟦⟧]*$/, 'must be one line without ⟦ or ⟧');

const lines = z.array(line).max(12);

const categorySchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9_]{1,63}$/, 'must be lower-case letters, digits and _, beginning with a letter'),
  group: z.enum(GROUPS),
  severity: z.enum(SEVERITIES),
  definition: line.min(20),
  source: line.default('operator'),
  indicators: lines.min(1),
  hardNegatives: lines.min(1),
  weights: z.partialRecord(z.enum(STANCES), z.number().min(0).max(1)).default({}),
});

const SHIPPED = join(import.meta.dirname, 'categories');

/** The judge scores every category in one answer, and each is a label value of metrics. */
const MOST_OWN = 40;

const invalid = (path: string, why: string, cause?: unknown): CodedError =>
  new CodedError('invalid_category', `${path}: ${why}`, cause === undefined ? {} : { cause });

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort();
  } catch (cause) {
    throw invalid(folder, 'the folder cannot be read', cause);
  }
};

const readCategory = (path: string, name: string, origin: Category['origin']): Category => {
  let value: unknown;
  try {
    value = parse(readFileSync(path, 'utf8'), { maxAliasCount: 0, uniqueKeys: true });
  } catch (cause) {
    throw invalid(path, 'cannot be read as YAML', cause);
  }
  const parsed = categorySchema.safeParse(value);
  if (!parsed.success) {
    throw invalid(path, parsed.error.issues.map((i) => `/${i.path.join('/')} ${i.message}`).join('; '));
  }
  const { id } = parsed.data;
  if (name.replace(/\.ya?ml$/, '') !== id) throw invalid(path, `the file of ${id} must be named ${id}.yaml`);
  return Object.freeze({ ...parsed.data, origin });
};

const rankOf = ({ group, id }: Category): string => `${GROUPS.indexOf(group)} ${id}`;

/**
 * The shipped categories and, beside them, the operator's own.
 * @throws CodedError `invalid_category` naming the file and the id or field at fault
 */
export const loadTaxonomy = (operatorFolder?: string): Taxonomy => {
  const byId = new Map<string, { readonly category: Category; readonly path: string }>();
  const add = (folder: string, origin: Category['origin']): void => {
    for (const name of namesIn(folder)) {
      const path = join(folder, name);
      const category = readCategory(path, name, origin);
      const other = byId.get(category.id);
      if (other?.category.origin === 'shipped') throw invalid(path, `the id ${category.id} is a shipped category's`);
      if (other !== undefined) throw invalid(path, `the id ${category.id} is also that of ${other.path}`);
      byId.set(category.id, { category, path });
    }
  };
  add(SHIPPED, 'shipped');
  const shipped = byId.size;
  if (operatorFolder !== undefined) add(operatorFolder, 'operator');
  if (byId.size - shipped > MOST_OWN) throw invalid(operatorFolder ?? '', `holds more than ${MOST_OWN} categories`);
  const categories = Object.freeze(
    [...byId.values()].map(({ category }) => category).sort((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1)),
  );
  return Object.freeze({
    categories,
    ids: new Set(byId.keys()),
    find: (id: string) => byId.get(id)?.category,
    hash: sha256(JSON.stringify(categories)).slice(0, 16),
  });
};
