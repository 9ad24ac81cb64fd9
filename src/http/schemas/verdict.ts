import { z } from 'zod';
import type { Contribution, Drivers } from '../../domain/explanation.ts';
import { type DetectorRef, type Evidence, type Finding, RULE_STATUSES } from '../../domain/finding.ts';
import { GROUPS, SEVERITIES, STANCES, VIEWS } from '../../domain/taxonomy.ts';
import type { UnreadField } from '../../domain/trace.ts';
import type { Reading, ViewCoverage } from '../../domain/verdict.ts';
import {
  ASSESSMENT_STATES,
  type Assessment,
  COVERAGE_REASONS,
  DECISIONS,
  type Verdict,
  type Versions,
  type ViewScores,
} from '../../domain/verdict.ts';
import { sha256Schema, shareSchema } from './primitives.ts';

const place = z.int().min(0);

export const evidenceSchema = z
  .object({
    segment: place.describe('Index of the segment.'),
    start: place.describe('First UTF-16 code unit of the text, as it was received.'),
    end: place.describe('One past the last.'),
    quote: z.string().describe('Always the text of the segment from `start` to `end`.'),
    sourcePath: z.string().describe('JSON pointer into what was posted.'),
    hash: sha256Schema.describe('SHA-256 of the text of the segment.'),
  })
  .meta({ id: 'Evidence' }) satisfies z.ZodType<Evidence>;

export const detectorSchema = z
  .object({
    name: z.string(),
    rule: z.string().nullable(),
    version: z.string(),
    hash: z.string(),
    status: z.enum(RULE_STATUSES).nullable().describe('Maturity of the rule; null for detectors that are not rules.'),
  })
  .meta({ id: 'DetectorRef' }) satisfies z.ZodType<DetectorRef>;

export const findingSchema = z
  .object({
    id: z.string(),
    category: z.string(),
    group: z.enum(GROUPS),
    stance: z.enum(STANCES),
    view: z.enum(VIEWS),
    severity: z.enum(SEVERITIES),
    score: shareSchema.describe('Calibrated probability that the finding is right.'),
    detector: detectorSchema,
    evidence: z.array(evidenceSchema).readonly(),
    explanation: z.string(),
  })
  .meta({ id: 'Finding' }) satisfies z.ZodType<Finding>;

export const assessmentSchema = z
  .object({
    state: z.enum(ASSESSMENT_STATES),
    reasons: z.array(z.enum(COVERAGE_REASONS)).readonly(),
    accepted: z
      .array(z.enum(COVERAGE_REASONS))
      .readonly()
      .exactOptional()
      .describe('Reasons that the policy in force accepts, so that they did not stand in the way of `clear`.'),
  })
  .meta({ id: 'Assessment' }) satisfies z.ZodType<Assessment>;

const score = shareSchema.nullable();

const viewsSchema = z
  .object({ reasoning: score, reasoning_summary: score, answer: score, action: score, cross: score })
  .describe('Risk per view; null for a view that the trace did not have.') satisfies z.ZodType<ViewScores>;

const unreadSchema = z.object({ path: z.string(), bytes: z.int().min(0) }) satisfies z.ZodType<UnreadField>;

export const versionsSchema = z.object({
  rules: z.string(),
  classifier: z.string().nullable(),
  prompt: z.string().nullable(),
  policy: z.string(),
}) satisfies z.ZodType<Versions>;

export const contributionSchema = z
  .object({
    detector: z.string(),
    rule: z.string().nullable(),
    view: z.enum(VIEWS).nullable().describe('Null where it looked at the trace as a whole.'),
    finding: z.string().nullable().describe('Id of the finding that it rests on; null for a score that is none.'),
    logOdds: z
      .number()
      .describe('Natural logarithm of what it multiplies the odds with. They add up; below 0 it speaks for innocence.'),
    evidence: z
      .array(evidenceSchema)
      .readonly()
      .describe('Where no finding shows it: the passages that raised the score, the strongest first.'),
  })
  .meta({ id: 'Contribution' }) satisfies z.ZodType<Contribution>;

export const driversSchema = z
  .object({
    baseRisk: shareSchema.describe('Risk before any evidence; 0 where there was none.'),
    contributions: z.array(contributionSchema).readonly().describe('What moved the risk most first.'),
  })
  .meta({
    id: 'Drivers',
    description:
      'What made the risk: its log odds are those of `baseRisk` plus all `logOdds`, up to rounding. Absent from verdicts of earlier versions.',
  }) satisfies z.ZodType<Drivers>;

const readingSchema = z
  .object({
    detector: z.string(),
    characters: z
      .int()
      .min(0)
      .nullable()
      .describe('UTF-16 code units that it read; null where it stopped and it is not known where.'),
    windows: z
      .object({ all: z.int().min(0), read: z.int().min(0), cut: z.int().min(0) })
      .exactOptional()
      .describe('Windows that there are, that the classifier read, and of which it could not take in the end.'),
    left: z
      .enum([...COVERAGE_REASONS, 'sampled'])
      .exactOptional()
      .describe('Why the rest was not read. `sampled`: the text is longer than the budget of windows.'),
  })
  .meta({ id: 'Reading' }) satisfies z.ZodType<Reading>;

const viewCoverageSchema = z
  .object({
    view: z.enum(VIEWS),
    segments: z.int().min(1),
    unreadable: z.int().min(0).describe('Segments without text to read: encrypted, redacted, omitted.'),
    characters: z.int().min(0).describe('UTF-16 code units of text that there was.'),
    readings: z.array(readingSchema).readonly().describe('What each detector read of it.'),
  })
  .meta({ id: 'ViewCoverage' }) satisfies z.ZodType<ViewCoverage>;

export const verdictSchema = z
  .object({
    traceId: z.string(),
    conversationId: z.string(),
    status: z.enum(['final', 'provisional']),
    assessment: assessmentSchema,
    decision: z.enum(DECISIONS),
    risk: shareSchema.describe('Calibrated probability.'),
    drivers: driversSchema.exactOptional(),
    findings: z.array(findingSchema).readonly(),
    views: viewsSchema,
    actionsAloneWouldFlag: z
      .boolean()
      .describe('Whether the answer and the tool calls would have been flagged without the reasoning.'),
    coverage: z
      .array(viewCoverageSchema)
      .readonly()
      .exactOptional()
      .describe('How much of each view was read, and by whom. Absent from verdicts of earlier versions.'),
    suppression: z
      .object({ ids: z.array(z.string()).readonly(), decision: z.enum(DECISIONS) })
      .exactOptional()
      .describe(
        'Suppressions that cover it, and what is left without what they cover: it raises no alert beyond that.',
      ),
    unread: z
      .array(unreadSchema)
      .readonly()
      .describe('Long text under keys that the format does not know: perhaps reasoning that was renamed.'),
    versions: versionsSchema,
    timings: z.record(z.string(), z.number()).readonly().describe('Milliseconds.'),
  })
  .meta({
    id: 'Verdict',
    examples: [
      {
        traceId: 't-1',
        conversationId: 'c-42',
        status: 'final',
        assessment: { state: 'assessed', reasons: [] },
        decision: 'alert',
        risk: 0.97,
        drivers: {
          baseRisk: 0.0025,
          contributions: [
            {
              detector: 'heuristics',
              rule: 'oversight_subversion.disable-audit-log',
              view: 'reasoning',
              finding: '5f0c1c1e-8f5b-5a52-9a53-3a4d1d5f6a10',
              logOdds: 9.465,
              evidence: [],
            },
          ],
        },
        findings: [
          {
            id: '5f0c1c1e-8f5b-5a52-9a53-3a4d1d5f6a10',
            category: 'oversight_subversion',
            group: 'scheming',
            stance: 'intended',
            view: 'reasoning',
            severity: 'critical',
            score: 0.97,
            detector: {
              name: 'heuristics',
              rule: 'oversight_subversion.disable-audit-log',
              version: '3',
              hash: '7d1a54127b222502f5b79b5fb0803061152a44f92b37e23c6527baf665d4da9a',
              status: 'stable',
            },
            evidence: [
              {
                segment: 1,
                start: 7,
                end: 31,
                quote: 'switch off the audit log',
                sourcePath: '/segments/1/text',
                hash: '9eb3edc9ae8b7be00ff92d7175ad6f8f6930d0b07860932b67ec9e6655951983',
              },
            ],
            explanation: 'The reasoning decides to disable logging.',
          },
        ],
        views: { reasoning: 0.97, reasoning_summary: null, answer: 0.03, action: 0.12, cross: 0.2 },
        actionsAloneWouldFlag: false,
        coverage: [
          {
            view: 'reasoning',
            segments: 1,
            unreadable: 0,
            characters: 64,
            readings: [{ detector: 'heuristics', characters: 64 }],
          },
        ],
        unread: [],
        versions: { rules: '2026-11-24', classifier: null, prompt: null, policy: '1' },
        timings: { heuristics: 1.2 },
      },
    ],
  }) satisfies z.ZodType<Verdict>;
