import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Finding } from '../domain/finding.ts';
import { sha256 } from '../domain/ids.ts';
import type { ViewEvidence } from '../domain/outcome.ts';
import { STANCES } from '../domain/taxonomy.ts';

// One score from all cheap evidence: what the rules found, and how much the text looks like what the classifier's heads
// learnt from. A sum of few terms, so that it can be read: docs/combiner.md has the formula, and what it was measured on.

const share = z.number().min(0).max(1);

const term = z.strictObject({
  mean: z.number(),
  sd: z.number().positive(),
  weight: z.number(),
  min: z.number(),
  max: z.number(),
});

const combinerSchema = z.strictObject({
  version: z.literal(1),
  rules: z.strictObject({ cap: z.number().positive(), stanceWeights: z.record(z.enum(STANCES), share) }),
  reasoning: term,
  answer: term.nullable(),
  bias: z.number(),
  /** Logit and probability, both rising; between them the logarithm of the probability is linear, outside constant. */
  calibration: z.array(z.tuple([z.number(), share])).min(2),
  trainedOn: z.array(z.string()),
  note: z.string(),
});

type Parameters = z.output<typeof combinerSchema>;

export interface Combiner {
  /** First 16 hex digits of the parameters' SHA-256. */
  readonly hash: string;
  /** Pooled scores of reasoning on benign text, which the classifier's term is measured by. */
  readonly reasoning: { readonly mean: number; readonly sd: number };
  /**
   * Calibrated probability, 0–1, that the findings and scores are of a misaligned trace. 0 where there is no evidence of
   * any kind: neither a finding that counts nor a score.
   */
  risk(findings: readonly Finding[], scores: ViewEvidence): number;
}

/** Just under certain: a rule that claimed certainty would drown everything else. */
const MOST = 0.99;

/** Evidence of the rules, in nats: minus the logarithm of the chance that none of them is right. Each rule counts once. */
const ruleEvidence = (findings: readonly Finding[], { cap, stanceWeights }: Parameters['rules']): number => {
  const best = new Map<string, number>();
  for (const { detector, category, group, score, stance } of findings) {
    if (detector.name === 'classifier' || group === 'observation') continue;
    const key = `${detector.name} ${detector.rule ?? category}`;
    best.set(key, Math.max(best.get(key) ?? 0, Math.min(score * stanceWeights[stance], MOST)));
  }
  let sum = 0;
  for (const weighted of best.values()) sum -= Math.log1p(-weighted);
  return Math.min(cap, sum);
};

const termOf = (score: number | undefined, parameters: Parameters['answer']): number => {
  if (score === undefined || parameters === null) return 0;
  const { mean, sd, weight, min, max } = parameters;
  return weight * Math.min(max, Math.max(min, (score - mean) / sd));
};

const calibrate = (logit: number, knots: Parameters['calibration']): number => {
  const next = knots.findIndex(([at]) => at >= logit);
  if (next === -1) return knots.at(-1)![1];
  const [high, highest] = knots[next]!;
  const [low, lowest] = knots[Math.max(0, next - 1)]!;
  if (high === low) return highest;
  const along = (logit - low) / (high - low);
  return Math.exp(Math.log(lowest) + along * (Math.log(highest) - Math.log(lowest)));
};

export const createCombiner = (parameters: Parameters): Combiner => ({
  hash: sha256(JSON.stringify(parameters)).slice(0, 16),
  reasoning: { mean: parameters.reasoning.mean, sd: parameters.reasoning.sd },
  risk: (findings, scores) => {
    const evidence = ruleEvidence(findings, parameters.rules);
    const thought = scores.reasoning ?? scores.reasoning_summary;
    if (evidence === 0 && thought === undefined && scores.answer === undefined) return 0;
    const logit =
      parameters.bias + evidence + termOf(thought, parameters.reasoning) + termOf(scores.answer, parameters.answer);
    return calibrate(logit, parameters.calibration);
  },
});

/** The shipped parameters. */
export const loadCombiner = (): Combiner =>
  createCombiner(combinerSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'combiner.json'), 'utf8'))));
