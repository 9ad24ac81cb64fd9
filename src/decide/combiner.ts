import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Finding } from '../domain/finding.ts';
import { sha256 } from '../domain/ids.ts';
import type { ViewEvidence } from '../domain/outcome.ts';
import { STANCES, type View } from '../domain/taxonomy.ts';
import { logOdds } from './odds.ts';

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
  /**
   * The same risk taken apart: the odds before any evidence, and what each part multiplies them with, as logarithms. They
   * add up to the odds of the risk. Undefined where there is no evidence of any kind.
   */
  explain(findings: readonly Finding[], scores: ViewEvidence): Explained | undefined;
}

export interface Explained {
  readonly baseRisk: number;
  readonly parts: readonly Part[];
}

/** One term of the sum: a finding, or the classifier's score of a view. */
export interface Part {
  readonly of: Finding | View;
  readonly amount: number;
}

const sum = (parts: readonly Part[]): number => parts.reduce((total, { amount }) => total + amount, 0);

/** Just under certain: a rule that claimed certainty would drown everything else. */
const MOST = 0.99;

/**
 * Evidence of the rules, in nats: minus the logarithm of the chance that none of them is right. Each rule counts once, by
 * its strongest finding; where the cap cuts the sum, it cuts all of them alike.
 */
const ruleEvidence = (findings: readonly Finding[], { cap, stanceWeights }: Parameters['rules']): Part[] => {
  const best = new Map<string, { finding: Finding; weighted: number }>();
  for (const finding of findings) {
    const { detector, category, group, score, stance } = finding;
    if (detector.name === 'classifier' || group === 'observation') continue;
    const key = `${detector.name} ${detector.rule ?? category}`;
    const weighted = Math.min(score * stanceWeights[stance], MOST);
    if (weighted > (best.get(key)?.weighted ?? 0)) best.set(key, { finding, weighted });
  }
  const parts = [...best.values()].map(({ finding, weighted }) => ({ of: finding, amount: -Math.log1p(-weighted) }));
  const cut = Math.min(1, cap / sum(parts));
  return parts.map(({ of, amount }) => ({ of, amount: amount * cut }));
};

const termOf = (score: number, { mean, sd, weight, min, max }: Parameters['reasoning']): number =>
  weight * Math.min(max, Math.max(min, (score - mean) / sd));

const calibrate = (logit: number, knots: Parameters['calibration']): number => {
  const next = knots.findIndex(([at]) => at >= logit);
  if (next === -1) return knots.at(-1)![1];
  const [high, highest] = knots[next]!;
  const [low, lowest] = knots[Math.max(0, next - 1)]!;
  if (high === low) return highest;
  const along = (logit - low) / (high - low);
  return Math.exp(Math.log(lowest) + along * (Math.log(highest) - Math.log(lowest)));
};

/** Where the curve is asked for its slope at one point. */
const STEP = 1e-3;

export const createCombiner = (parameters: Parameters): Combiner => {
  /** What stands beside the bias; undefined where there is no evidence of any kind. */
  const partsOf = (findings: readonly Finding[], scores: ViewEvidence): Part[] | undefined => {
    const parts = ruleEvidence(findings, parameters.rules);
    const thought = scores.reasoning === undefined ? 'reasoning_summary' : 'reasoning';
    const read = (view: View, how: Parameters['answer']): void => {
      if (scores[view] !== undefined && how !== null) parts.push({ of: view, amount: termOf(scores[view], how) });
    };
    if (parts.length === 0 && scores[thought] === undefined && scores.answer === undefined) return undefined;
    read(thought, parameters.reasoning);
    read('answer', parameters.answer);
    return parts;
  };
  const at = (logit: number): number => calibrate(logit, parameters.calibration);

  return {
    hash: sha256(JSON.stringify(parameters)).slice(0, 16),
    reasoning: { mean: parameters.reasoning.mean, sd: parameters.reasoning.sd },
    risk: (findings, scores) => {
      const parts = partsOf(findings, scores);
      return parts === undefined ? 0 : at(parameters.bias + sum(parts));
    },
    explain: (findings, scores) => {
      const parts = partsOf(findings, scores);
      if (parts === undefined) return undefined;
      const { bias } = parameters;
      const moved = sum(parts);
      // The curve bends, so each part gets its share of the way from base to risk: what integrating the slope along the
      // straight path between the two gives, and the only split that keeps parts of equal amount equal.
      const slope =
        Math.abs(moved) < STEP
          ? (logOdds(at(bias + STEP)) - logOdds(at(bias - STEP))) / (2 * STEP)
          : (logOdds(at(bias + moved)) - logOdds(at(bias))) / moved;
      return { baseRisk: at(bias), parts: parts.map(({ of, amount }) => ({ of, amount: amount * slope })) };
    },
  };
};

/** The shipped parameters. */
export const loadCombiner = (): Combiner =>
  createCombiner(combinerSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'combiner.json'), 'utf8'))));
