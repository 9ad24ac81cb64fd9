import { evidenceAt } from '../domain/evidence.ts';
import type { Contribution, Drivers } from '../domain/explanation.ts';
import type { Finding } from '../domain/finding.ts';
import type { DetectorResult, Place, ViewEvidence } from '../domain/outcome.ts';
import type { View } from '../domain/taxonomy.ts';
import type { Trace } from '../domain/trace.ts';
import type { Combiner, Part } from './combiner.ts';
import { round } from './rounding.ts';

// What made the risk, as the combiner weighed it: the same sum, told part by part.

/** Detector and places behind the score of a view. */
const sourceOf = (view: View, results: readonly DetectorResult[]): { detector: string; places: readonly Place[] } => {
  for (const { detector, outcome } of results) {
    if (outcome.kind === 'unjudged' || outcome.scores?.[view] === undefined) continue;
    return { detector, places: outcome.drivers?.[view] ?? [] };
  }
  return { detector: 'classifier', places: [] };
};

const contributionOf = ({ of, amount }: Part, trace: Trace, results: readonly DetectorResult[]): Contribution => {
  const logOdds = round(amount, 4);
  if (typeof of === 'object') {
    return { detector: of.detector.name, rule: of.detector.rule, view: of.view, finding: of.id, logOdds, evidence: [] };
  }
  const { detector, places } = sourceOf(of, results);
  // What made the text look innocent is no evidence of anything.
  const evidence = logOdds > 0 ? places.map((place) => evidenceAt(trace, place)) : [];
  return { detector, rule: null, view: of, finding: null, logOdds, evidence };
};

export const driversOf = (
  trace: Trace,
  results: readonly DetectorResult[],
  findings: readonly Finding[],
  scores: ViewEvidence,
  combiner: Combiner,
): Drivers => {
  const explained = combiner.explain(findings, scores);
  if (explained === undefined) return { baseRisk: 0, contributions: [] };
  return {
    baseRisk: round(explained.baseRisk, 8),
    contributions: explained.parts
      .map((part) => contributionOf(part, trace, results))
      .sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds)),
  };
};
