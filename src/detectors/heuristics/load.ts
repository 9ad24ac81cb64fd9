import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { z } from 'zod';
import { CodedError } from '../../domain/errors.ts';
import { sha256 } from '../../domain/ids.ts';
import type { Taxonomy } from '../../domain/taxonomy.ts';
import { SHIPPED as SHIPPED_TAXONOMY } from '../../taxonomy/shipped.ts';
import { checkCases } from './cases.ts';
import { casesSchema, type Lexicon, lexiconSchema, type Rule, type RuleCases, ruleSchema } from './rule.ts';

// Reads rule and lexicon files. A file that is not right stops the start with its name and the field at fault: a rule that
// silently does not load is a hole in coverage.

export interface RuleFiles {
  readonly rules: readonly Rule[];
  readonly lexicon: Lexicon;
}

const SHIPPED = import.meta.dirname;

/** Failed cases that one message names. */
const MOST_TOLD = 3;

const readYaml = (path: string): unknown => {
  try {
    return parse(readFileSync(path, 'utf8'), { maxAliasCount: 0, uniqueKeys: true });
  } catch (cause) {
    throw new CodedError('invalid_rule', `${path} cannot be read as YAML`, { cause });
  }
};

const check = <T>(path: string, schema: z.ZodType<T>, value: unknown): T => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((i) => ({ path: `/${i.path.join('/')}`, message: i.message }));
  throw new CodedError('invalid_rule', `${path}: ${errors.map((e) => `${e.path} ${e.message}`).join('; ')}`, {
    errors,
  });
};

const filesIn = (folder: string, ending: string): string[] => {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .sort();
  } catch (cause) {
    throw new CodedError('invalid_rule', `${folder}: the folder cannot be read`, { cause });
  }
};

/** JSON with sorted keys, so that the order of fields in a file does not change its hash. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) =>
    typeof v === 'object' && v !== null && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort()) : v,
  );

const ruleHash = (source: object): string => {
  const { id: _, version: __, ...content } = source as { id: unknown; version: unknown };
  return sha256(canonical(content));
};

const readRules = (folder: string, taxonomy: Taxonomy): Rule[] =>
  filesIn(folder, '.yaml')
    .filter((name) => !name.endsWith('.cases.yaml'))
    .map((name) => {
      const path = join(folder, name);
      const source = check(path, ruleSchema, readYaml(path));
      const slug = name.slice(0, -'.yaml'.length);
      const category = taxonomy.find(source.category);
      if (category === undefined) {
        throw new CodedError(
          'invalid_rule',
          `${path}: there is no category ${source.category}; CATEGORIES_DIR holds your own`,
        );
      }
      if (!slug.startsWith(`${source.category}.`)) {
        throw new CodedError('invalid_rule', `${path}: the file name must start with "${source.category}."`);
      }
      return { ...source, slug, group: category.group, hash: ruleHash(source) };
    });

/** @throws CodedError `invalid_rule` */
export const readLexicon = (folder: string): Lexicon => {
  const classes = new Map<string, string[]>();
  for (const name of filesIn(folder, '.yaml')) {
    const path = join(folder, name);
    for (const [id, { words }] of Object.entries(check(path, lexiconSchema, readYaml(path)))) {
      if (classes.has(id)) throw new CodedError('invalid_rule', `${path}: the word class ${id} is defined twice`);
      classes.set(id, words);
    }
  }
  return classes;
};

/** The cases of a rule, beside it. @throws CodedError `invalid_rule` where they are missing. */
export const readCases = (folder: string, slug: string): RuleCases => {
  const path = join(folder, `${slug}.cases.yaml`);
  return check(path, casesSchema, readYaml(path));
};

export const SHIPPED_RULES: string = join(SHIPPED, 'rules');
export const SHIPPED_LEXICON: string = join(SHIPPED, 'lexicon');

/** A shipped rule's cases are run by our tests; an operator's have nobody but us, at every start, to run theirs. */
const proveRules = (folder: string, rules: readonly Rule[], lexicon: Lexicon): void => {
  for (const rule of rules) {
    const failures = checkCases(rule, readCases(folder, rule.slug), lexicon);
    const told = failures.slice(0, MOST_TOLD).map(({ text, problem }) => `"${text.slice(0, 120)}" ${problem}`);
    const more = failures.length > MOST_TOLD ? `, and ${failures.length - MOST_TOLD} more` : '';
    if (told.length > 0) {
      const path = join(folder, `${rule.slug}.cases.yaml`);
      throw new CodedError('invalid_rule', `${path}: the rule fails its own cases: ${told.join('; ')}${more}`);
    }
  }
};

/**
 * The shipped rules and, beside them, the operator's own, each of which must hold against its own cases.
 * @throws CodedError `invalid_rule` naming the file and what is wrong with it
 */
export const loadRules = (operatorFolder?: string, taxonomy: Taxonomy = SHIPPED_TAXONOMY): RuleFiles => {
  const shipped = readRules(SHIPPED_RULES, taxonomy);
  const own = operatorFolder === undefined ? [] : readRules(operatorFolder, taxonomy);
  const rules = [...shipped, ...own];
  for (const key of ['id', 'slug'] as const) {
    const seen = new Set<string>();
    for (const rule of rules) {
      if (seen.has(rule[key])) throw new CodedError('invalid_rule', `Two rules have the ${key} ${rule[key]}`);
      seen.add(rule[key]);
    }
  }
  const lexicon = readLexicon(SHIPPED_LEXICON);
  if (operatorFolder !== undefined) proveRules(operatorFolder, own, lexicon);
  return { rules, lexicon };
};

/** Changes whenever any rule or word class does: what a verdict stores as the version of the rules. */
export const rulesVersion = ({ rules, lexicon }: RuleFiles): string =>
  sha256(canonical([rules.map((r) => [r.id, r.version, r.hash]), [...lexicon]])).slice(0, 16);
