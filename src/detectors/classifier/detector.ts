import type { Finding } from '../../domain/finding.ts';
import { deriveId } from '../../domain/ids.ts';
import type { Outcome, ViewEvidence } from '../../domain/outcome.ts';
import type { View } from '../../domain/taxonomy.ts';
import type { Trace } from '../../domain/trace.ts';
import type { CoverageReason } from '../../domain/verdict.ts';
import { SHIPPED } from '../../taxonomy/shipped.ts';
import type { Detector, DetectorContext } from '../contract.ts';
import { headOf } from './head.ts';
import type { EncoderScores, ViewScore, WindowCoverage } from './result.ts';
import type { EncoderScorer } from './scorer.ts';

// The encoder's scores as a detector of its own. Only a head that names a category makes findings; the scores of the
// others are evidence to be weighed with the rest, and a trace on which nothing else was found is clear as far as they go.

export type ClassifierOutcome = Outcome & { readonly coverage: WindowCoverage };

export interface ClassifierDetector extends Detector {
  detect(trace: Trace, context: DetectorContext): Promise<ClassifierOutcome>;
}

/** From here on a head thinks it more likely than not. What follows from a finding's score is the policy's matter. */
const LIKELY = 0.5;

const findingOf = (trace: Trace, view: View, score: ViewScore, scorer: EncoderScorer): Finding | undefined => {
  const head = headOf(scorer, view)!;
  if (head.category === null || score.probability < LIKELY) return undefined;
  const { id, stance } = head.category;
  const category = SHIPPED.find(id)!;
  return {
    id: deriveId('finding', trace.tenant, trace.id, 'classifier', head.name, view),
    category: id,
    group: category.group,
    stance,
    view,
    severity: category.severity,
    score: score.probability,
    detector: { name: 'classifier', rule: null, version: scorer.version, hash: scorer.hash, status: null },
    evidence: score.drivers.map(({ segment, start, end }) => {
      const { text, sourcePath, hash } = trace.segments[segment]!;
      return { segment, start, end, quote: text.slice(start, end), sourcePath, hash };
    }),
    explanation: `The passages that drove the classifier's score most (head ${head.name}).`,
  };
};

/** Why something was left unread that should have been read; none where all of it was. */
const incompleteOf = ({ timedOut, unjudged }: EncoderScores): CoverageReason | undefined =>
  timedOut ? 'timeout' : Object.values(unjudged)[0];

const outcomeOf = (
  findings: readonly Finding[],
  scores: ViewEvidence,
  incomplete: CoverageReason | undefined,
): Outcome => {
  if (incomplete === undefined)
    return findings.length > 0 ? { kind: 'hit', findings, scores } : { kind: 'clear', scores };
  // What was read before the time ran out still counts.
  const nothing = findings.length === 0 && Object.keys(scores).length === 0;
  return nothing ? { kind: 'unjudged', reason: incomplete } : { kind: 'hit', findings, scores, incomplete };
};

/** A detector over a scorer; closing it closes the scorer. */
export const createClassifier = (scorer: EncoderScorer): ClassifierDetector => ({
  name: 'classifier',
  version: scorer.version,
  hash: scorer.hash,
  detect: async (trace, { deadline }) => {
    const scores = await scorer.score(trace, deadline);
    const findings = Object.entries(scores.views).flatMap(([view, score]) => {
      const finding = findingOf(trace, view as View, score, scorer);
      return finding === undefined ? [] : [finding];
    });
    const pooled = Object.fromEntries(Object.entries(scores.views).map(([view, { pooled }]) => [view, pooled]));
    return { ...outcomeOf(findings, pooled, incompleteOf(scores)), coverage: scores.coverage };
  },
  close: scorer.close,
});
