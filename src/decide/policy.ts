import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CodedError, type FieldError } from '../domain/errors.ts';
import { type Finding, RULE_STATUSES } from '../domain/finding.ts';
import { sha256 } from '../domain/ids.ts';
import { SEVERITIES, STANCES, type Stance, type Taxonomy, VIEWS } from '../domain/taxonomy.ts';
import { COVERAGE_REASONS } from '../domain/verdict.ts';
import { SHIPPED as SHIPPED_TAXONOMY } from '../taxonomy/shipped.ts';

// The policy: thresholds and ceilings, read once. Detectors score; only this file says what a score leads to.

const score = z.number().min(0).max(1);
const LEVELS = ['clear', 'record', 'flag', 'alert'] as const;
const level = z.enum(LEVELS);
export type Level = (typeof LEVELS)[number];

const thresholds = z
  .strictObject({ record: score, flag: score, alert: score })
  .refine((t) => t.record <= t.flag && t.flag <= t.alert, 'record ≤ flag ≤ alert must hold');
const someThresholds = z.strictObject({ record: score, flag: score, alert: score }).partial();

/** Held against the taxonomy once that is known. */
const categoryId = z.string();

const cascade = z.strictObject({
  band: z.strictObject({ low: score, high: score }).refine((band) => band.low <= band.high, 'low ≤ high must hold'),
  always: z.array(categoryId),
  shadow: score,
  alertAtOnce: z.enum(SEVERITIES),
  odds: z.strictObject({
    clear: z.number().positive().max(1),
    found: z.number().min(1),
    refused: z.number().min(1),
  }),
  refused: level,
});

const amount = z.number().positive();

const conversations = z.strictObject({
  ordinary: z.number().gt(0).lt(1),
  most: amount,
  allowance: z.number().min(0),
  thresholds: z
    .strictObject({ record: amount, flag: amount, alert: amount })
    .refine((t) => t.record <= t.flag && t.flag <= t.alert, 'record ≤ flag ≤ alert must hold'),
  ceiling: level,
});

const policySchema = z.strictObject({
  version: z.literal(1),
  accept: z.array(z.enum(COVERAGE_REASONS)),
  stances: z.record(z.enum(STANCES), score),
  thresholds,
  views: z.partialRecord(z.enum(VIEWS), someThresholds),
  categories: z.record(categoryId, someThresholds),
  ceilings: z.strictObject({
    statuses: z.record(z.enum(RULE_STATUSES), level),
    stances: z.record(z.enum(STANCES), level),
    categories: z.record(categoryId, level),
  }),
  cascade,
  /** Absent: turns are weighed each by itself alone. */
  conversations: conversations.optional(),
});

export type Thresholds = z.output<typeof thresholds>;

type Weights = Readonly<Partial<Record<Stance, number>>>;

export interface Policy extends z.output<typeof policySchema> {
  /** First 16 hex digits of the SHA-256 of the content and of the taxonomy it speaks of: what a verdict stores. */
  readonly hash: string;
  /** What categories say of their own stances, by category. */
  readonly weights: Readonly<Record<string, Weights>>;
}

const SHIPPED = join(import.meta.dirname, 'policy.yaml');

/** Where the policy names a category that is not there: misspelt, it would leave a threshold unset without a word. */
const strangers = ({ cascade, categories, ceilings }: z.output<typeof policySchema>, { ids }: Taxonomy): FieldError[] =>
  [
    ...cascade.always.map((id, i) => ({ id, path: `/cascade/always/${i}` })),
    ...Object.keys(categories).map((id) => ({ id, path: `/categories/${id}` })),
    ...Object.keys(ceilings.categories).map((id) => ({ id, path: `/ceilings/categories/${id}` })),
  ]
    .filter(({ id }) => !ids.has(id))
    .map(({ id, path }) => ({ path, message: `there is no category ${id}` }));

const readPolicy = (value: unknown, name: string, taxonomy: Taxonomy): Policy => {
  const parsed = policySchema.safeParse(value);
  const errors = parsed.success
    ? strangers(parsed.data, taxonomy)
    : parsed.error.issues.map((i) => ({ path: `/${i.path.join('/')}`, message: i.message }));
  if (!parsed.success || errors.length > 0) {
    throw new CodedError('invalid_policy', `${name}: ${errors.map((e) => `${e.path} ${e.message}`).join('; ')}`, {
      errors,
    });
  }
  const weights = Object.fromEntries(taxonomy.categories.map(({ id, weights }) => [id, weights] as const));
  return { ...parsed.data, weights, hash: sha256(JSON.stringify([parsed.data, taxonomy.hash])).slice(0, 16) };
};

/** @throws CodedError `invalid_policy` naming the file and the fields at fault */
export const loadPolicy = (path: string = SHIPPED, taxonomy: Taxonomy = SHIPPED_TAXONOMY): Policy => {
  let value: unknown;
  try {
    value = parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 });
  } catch (cause) {
    throw new CodedError('invalid_policy', `${path} cannot be read as YAML`, { cause });
  }
  return readPolicy(value, path, taxonomy);
};

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields of fields are merged, whatever else is there is replaced. Keys of the change are data: none is inherited. */
const merge = (base: Fields, changes: Fields): Fields =>
  Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(changes)])].map((key) => {
      const [was, now] = [Object.hasOwn(base, key) ? base[key] : undefined, changes[key]];
      if (!Object.hasOwn(changes, key)) return [key, was];
      return [key, isFields(was) && isFields(now) ? merge(was, now) : now];
    }),
  );

/**
 * The policy with changes in it, as `calibrate` writes them.
 * @throws CodedError `invalid_policy` naming the fields at fault
 */
export const changePolicy = ({ hash: _, weights: __, ...base }: Policy, changes: Fields, taxonomy: Taxonomy): Policy =>
  readPolicy(merge(base, changes), 'the changed policy', taxonomy);

/** What a finding's score is multiplied with, by what the reasoning does with the thought. A category's own weights win. */
export const weightOf = (
  { stances, weights }: Pick<Policy, 'stances' | 'weights'>,
  { category, stance }: Pick<Finding, 'category' | 'stance'>,
): number => weights[category]?.[stance] ?? stances[stance];

/** A category's own thresholds win over a view's, and those over the general ones. */
export const thresholdsFor = (policy: Policy, category: string, view: (typeof VIEWS)[number]): Thresholds => {
  const pick = (level: keyof Thresholds): number =>
    policy.categories[category]?.[level] ?? policy.views[view]?.[level] ?? policy.thresholds[level];
  return { record: pick('record'), flag: pick('flag'), alert: pick('alert') };
};

const rank = (l: Level): number => LEVELS.indexOf(l);

export const lowest = (...levels: readonly Level[]): Level => levels.reduce((a, b) => (rank(a) <= rank(b) ? a : b));
export const highest = (...levels: readonly Level[]): Level =>
  levels.reduce<Level>((a, b) => (rank(a) >= rank(b) ? a : b), 'clear');
