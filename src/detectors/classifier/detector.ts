import { evidenceAt } from '../../domain/evidence.ts';
import type { Finding } from '../../domain/finding.ts';
import { deriveId } from '../../domain/ids.ts';
import type { Outcome, Place, ViewEvidence } from '../../domain/outcome.ts';
import type { View } from '../../domain/taxonomy.ts';
import type { Trace } from '../../domain/trace.ts';
import type { CoverageReason, Reading } from '../../domain/verdict.ts';
import { SHIPPED } from '../../taxonomy/shipped.ts';
import type { Detector } from '../contract.ts';
import { headOf } from './head.ts';
import type { EncoderScores, ViewScore } from './result.ts';
import type { EncoderScorer } from './scorer.ts';

// The encoder's scores as a detector of its own. Only a head that names a category makes findings; the scores of the
// others are evidence to be weighed with the rest, and a trace on which nothing else was found is clear as far as they go.

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
    evidence: score.drivers.map((place) => evidenceAt(trace, place)),
    explanation: `The passages that drove the classifier's score most (head ${head.name}).`,
  };
};

/** Why something was left unread that should have been read; none where all of it was. */
const incompleteOf = ({ timedOut, unjudged }: EncoderScores): CoverageReason | undefined =>
  timedOut ? 'timeout' : Object.values(unjudged)[0];

/** What was read of a view. A view of which nothing was read has a reason; one without text has neither. */
const readingsOf = ({ views, unjudged, timedOut }: EncoderScores): Partial<Record<View, Omit<Reading, 'detector'>>> => {
  const readings: Partial<Record<View, Omit<Reading, 'detector'>>> = {};
  for (const [view, reason] of Object.entries(unjudged)) readings[view as View] = { characters: 0, left: reason };
  for (const [view, { windows, coverage }] of Object.entries(views)) {
    const { windows: all, scored: read, cut } = coverage;
    const left =
      read === all ? {} : { left: timedOut && read < coverage.chosen ? ('timeout' as const) : ('sampled' as const) };
    const characters = windows.reduce((total, { start, end }) => total + end - start, 0);
    readings[view as View] = { characters, windows: { all, read, cut }, ...left };
  }
  return readings;
};

const driversOf = ({ views }: EncoderScores): Partial<Record<View, readonly Place[]>> =>
  Object.fromEntries(
    Object.entries(views).map(([view, { drivers }]) => [
      view,
      drivers.map(({ segment, start, end }) => ({ segment, start, end })),
    ]),
  );

const outcomeOf = (findings: readonly Finding[], read: EncoderScores): Outcome => {
  const incomplete = incompleteOf(read);
  const scores: ViewEvidence = Object.fromEntries(
    Object.entries(read.views).map(([view, { pooled }]) => [view, pooled]),
  );
  const told = { scores, drivers: driversOf(read), readings: readingsOf(read) };
  if (incomplete === undefined)
    return findings.length > 0 ? { kind: 'hit', findings, ...told } : { kind: 'clear', ...told };
  // What was read before the time ran out still counts.
  const nothing = findings.length === 0 && Object.keys(scores).length === 0;
  if (nothing) return { kind: 'unjudged', reason: incomplete, readings: told.readings };
  return { kind: 'hit', findings, incomplete, ...told };
};

/** A detector over a scorer; closing it closes the scorer. */
export const createClassifier = (scorer: EncoderScorer): Detector => ({
  name: 'classifier',
  version: scorer.version,
  hash: scorer.hash,
  detect: async (trace, { deadline }) => {
    const scores = await scorer.score(trace, deadline);
    const findings = Object.entries(scores.views).flatMap(([view, score]) => {
      const finding = findingOf(trace, view as View, score, scorer);
      return finding === undefined ? [] : [finding];
    });
    return outcomeOf(findings, scores);
  },
  locate: (trace, view, places, deadline) => scorer.locate(trace, view, places, deadline),
  close: scorer.close,
});
