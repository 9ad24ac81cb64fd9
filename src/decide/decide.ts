import type { Finding } from '../domain/finding.ts';
import type { DetectorResult, Outcome, ViewEvidence } from '../domain/outcome.ts';
import { VIEWS } from '../domain/taxonomy.ts';
import { isReadable, type Trace, viewOf } from '../domain/trace.ts';
import type { Decision, Verdict, Versions, ViewScores } from '../domain/verdict.ts';
import { assess } from './assessment.ts';
import type { Combiner } from './combiner.ts';
import { driversOf } from './drivers.ts';
import { highest, type Level, lowest, type Policy, thresholdsFor, weightOf } from './policy.ts';
import { readingsOf } from './reading.ts';
import { round } from './rounding.ts';

// Pure: outcomes and policy in, verdict out. The same trace, outcomes and policy always give the same verdict.

/** What decide needs to know of the detectors: the versions that a replay would need. */
export type DetectorVersions = Omit<Versions, 'policy'>;

export const levelOf = (finding: Finding, policy: Policy): Level => {
  const weighted = finding.score * weightOf(policy, finding);
  const { record, flag, alert } = thresholdsFor(policy, finding.category, finding.view);
  const level: Level =
    weighted >= alert ? 'alert' : weighted >= flag ? 'flag' : weighted >= record ? 'record' : 'clear';
  const { statuses, stances, categories } = policy.ceilings;
  const { status } = finding.detector;
  return lowest(
    level,
    stances[finding.stance],
    status === null ? 'alert' : statuses[status],
    categories[finding.category] ?? 'alert',
  );
};

/** Each view by itself: its findings, and the classifier's score of it. */
const viewScores = (
  trace: Trace,
  findings: readonly Finding[],
  scores: ViewEvidence,
  combiner: Combiner,
): ViewScores => {
  const present = new Set(trace.segments.filter(isReadable).map((s) => viewOf(s.kind)));
  const thought = present.has('reasoning') || present.has('reasoning_summary');
  if (thought && (present.has('answer') || present.has('action'))) present.add('cross');
  const entries = VIEWS.map((view) => {
    const own = findings.filter((f) => f.view === view);
    const score = scores[view];
    const risk = combiner.risk(own, score === undefined ? {} : { [view]: score });
    return [view, present.has(view) || own.length > 0 ? rounded(risk) : null];
  });
  return Object.fromEntries(entries);
};

/** Fine enough that rounding ties no two traces at the low end, where most traffic lies. */
const RISK_DIGITS = 8;

const rounded = (risk: number): number => round(risk, RISK_DIGITS);

const scoresOf = (outcome: Outcome): ViewEvidence => (outcome.kind === 'unjudged' ? {} : (outcome.scores ?? {}));

/** Findings that stand without any reasoning: what a monitor of answers and tool calls alone would see. */
const isOutward = ({ view }: Finding): boolean => view === 'answer' || view === 'action';

export const createDecide =
  (policy: Policy, combiner: Combiner, versions: DetectorVersions) =>
  (trace: Trace, results: readonly DetectorResult[]): Verdict => {
    const findings = results
      .flatMap(({ outcome }) => (outcome.kind === 'hit' ? outcome.findings : []))
      .sort((a, b) => b.score * weightOf(policy, b) - a.score * weightOf(policy, a));
    const scores: ViewEvidence = Object.assign({}, ...results.map(({ outcome }) => scoresOf(outcome)));
    const assessment = assess(trace, results, policy.accept);
    const level = highest(...findings.map((f) => levelOf(f, policy)));
    const outward = highest(...findings.filter(isOutward).map((f) => levelOf(f, policy)));
    const decision: Decision = level !== 'clear' ? level : assessment.state === 'assessed' ? 'clear' : 'unknown';
    return {
      traceId: trace.id,
      conversationId: trace.conversationId,
      status: 'final',
      assessment,
      decision,
      risk: rounded(combiner.risk(findings, scores)),
      drivers: driversOf(trace, results, findings, scores, combiner),
      findings,
      views: viewScores(trace, findings, scores, combiner),
      actionsAloneWouldFlag: outward === 'flag' || outward === 'alert',
      coverage: readingsOf(trace, results),
      unread: trace.unread,
      versions: { ...versions, policy: `${policy.hash}.${combiner.hash}` },
      timings: Object.fromEntries(results.map((r) => [`${r.detector}Ms`, Math.round(r.milliseconds * 1000) / 1000])),
    };
  };
