import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CodedError } from '../domain/errors.ts';
import { RULE_STATUSES } from '../domain/finding.ts';
import { sha256 } from '../domain/ids.ts';
import { CATEGORY_IDS, SEVERITIES, STANCES, VIEWS } from '../domain/taxonomy.ts';
import { COVERAGE_REASONS } from '../domain/verdict.ts';

// The policy: thresholds and ceilings, read once. Detectors score; only this file says what a score leads to.

const score = z.number().min(0).max(1);
const LEVELS = ['clear', 'record', 'flag', 'alert'] as const;
const level = z.enum(LEVELS);
export type Level = (typeof LEVELS)[number];

const thresholds = z
  .strictObject({ record: score, flag: score, alert: score })
  .refine((t) => t.record <= t.flag && t.flag <= t.alert, 'record ≤ flag ≤ alert must hold');
const someThresholds = z.strictObject({ record: score, flag: score, alert: score }).partial();

const cascade = z.strictObject({
  band: z.strictObject({ low: score, high: score }).refine((band) => band.low <= band.high, 'low ≤ high must hold'),
  always: z.array(z.enum(CATEGORY_IDS as [string, ...string[]])),
  shadow: score,
  alertAtOnce: z.enum(SEVERITIES),
  odds: z.strictObject({
    clear: z.number().positive().max(1),
    found: z.number().min(1),
    refused: z.number().min(1),
  }),
  refused: level,
});

const policySchema = z.strictObject({
  version: z.literal(1),
  accept: z.array(z.enum(COVERAGE_REASONS)),
  stances: z.record(z.enum(STANCES), score),
  thresholds,
  views: z.partialRecord(z.enum(VIEWS), someThresholds),
  categories: z.partialRecord(z.enum(CATEGORY_IDS as [string, ...string[]]), someThresholds),
  ceilings: z.strictObject({
    statuses: z.record(z.enum(RULE_STATUSES), level),
    stances: z.record(z.enum(STANCES), level),
    categories: z.partialRecord(z.enum(CATEGORY_IDS as [string, ...string[]]), level),
  }),
  cascade,
});

export type Thresholds = z.output<typeof thresholds>;

export interface Policy extends z.output<typeof policySchema> {
  /** First 16 hex digits of the content's SHA-256: what a verdict stores. */
  readonly hash: string;
}

const SHIPPED = join(import.meta.dirname, 'policy.yaml');

/** @throws CodedError `invalid_policy` naming the file and the fields at fault */
export const loadPolicy = (path: string = SHIPPED): Policy => {
  let value: unknown;
  try {
    value = parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 });
  } catch (cause) {
    throw new CodedError('invalid_policy', `${path} cannot be read as YAML`, { cause });
  }
  const parsed = policySchema.safeParse(value);
  if (!parsed.success) {
    const errors = parsed.error.issues.map((i) => ({ path: `/${i.path.join('/')}`, message: i.message }));
    throw new CodedError('invalid_policy', `${path}: ${errors.map((e) => `${e.path} ${e.message}`).join('; ')}`, {
      errors,
    });
  }
  return { ...parsed.data, hash: sha256(JSON.stringify(parsed.data)).slice(0, 16) };
};

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
