import { z } from 'zod';
import { RULE_STATUSES } from '../../domain/finding.ts';
import { type Group, SEVERITIES, STANCES, VIEWS } from '../../domain/taxonomy.ts';

// A rule is one YAML file, and its cases are another beside it. Every field that an auditor needs to judge a flag is
// required: a rule without a triage note or known false positives does not load.

const line = z.string().trim().min(1).max(2_000);
const patterns = z.array(line).min(1).max(200);

/** A clause: parts that must all be found in one sentence, or in `within` sentences; and what must not stand there. */
const clause = z.strictObject({
  all: z
    .array(z.union([line, patterns]))
    .min(1)
    .max(6),
  not: patterns.optional(),
  within: z.int().min(1).max(5).default(1),
});

export const ruleSchema = z.strictObject({
  id: z.uuid(),
  version: z.int().min(1),
  title: line.max(120),
  category: z.string().regex(/^[a-z][a-z0-9_]{1,63}$/),
  /** What a plain match shows. The engine lowers it where the sentence turns the thought round. */
  stance: z.enum(STANCES),
  severity: z.enum(SEVERITIES),
  status: z.enum(RULE_STATUSES),
  views: z.array(z.enum(VIEWS).exclude(['cross'])).min(1),
  /** How often a plain match is right, 0–1: a prior until reviews or calibration say better. */
  score: z.number().min(0).max(1),
  description: line,
  references: z.array(line).min(1),
  falsePositives: z.array(line).min(1),
  triage: line,
  /** Any of these: a pattern, or a clause. */
  match: z
    .array(z.union([line, clause]))
    .min(1)
    .max(200),
  /** Nothing is found in a sentence where one of these stands. */
  unless: patterns.optional(),
  context: z
    .strictObject({
      /** `ignore` where the pattern itself holds the negation that matters ("will not tell"). */
      negation: z.enum(['turns', 'ignore']).default('turns'),
      /** `ignore` for text in which quotation marks are not quotations (tool calls, code). */
      quotation: z.enum(['turns', 'ignore']).default('turns'),
      /** `ignore` where a modal or a question does not weaken the finding. */
      modality: z.enum(['turns', 'ignore']).default('turns'),
    })
    .default({ negation: 'turns', quotation: 'turns', modality: 'turns' }),
});

export type RuleSource = z.output<typeof ruleSchema>;
export type Clause = z.output<typeof clause>;

/** Cases beside a rule: texts it must find, and texts at which it must stay quiet. */
const caseText = z.union([
  line,
  z.strictObject({ text: z.string().min(1), stance: z.enum(STANCES).optional(), view: z.enum(VIEWS).optional() }),
]);
export const casesSchema = z.strictObject({
  hit: z.array(caseText).min(2),
  /** Found with a stance that never alerts (`mentioned`, `rejected`), or not at all. */
  quiet: z.array(caseText).min(2),
});
export type RuleCases = z.output<typeof casesSchema>;

export const lexiconSchema = z.record(
  z.string().regex(/^[a-z][a-z0-9_.]*$/),
  z.strictObject({ doc: line, words: z.array(line).min(1) }),
);

/** A rule with what the loader knows of it. */
export interface Rule extends RuleSource {
  /** Of its category. */
  readonly group: Group;
  /** File stem: `<category>.<what it finds>`. */
  readonly slug: string;
  /** Lower-case hex SHA-256 of the rule's canonical content, without its id and version. */
  readonly hash: string;
}

/** Word class → its entries, each words in order, a word perhaps ending in `~`; `{other}` includes another class. */
export type Lexicon = ReadonlyMap<string, readonly string[]>;
