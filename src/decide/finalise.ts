import type { Drivers } from '../domain/explanation.ts';
import type { Finding } from '../domain/finding.ts';
import type { Outcome } from '../domain/outcome.ts';
import { VIEWS } from '../domain/taxonomy.ts';
import type { CoverageReason, Decision, Verdict, ViewScores } from '../domain/verdict.ts';
import { levelOf } from './decide.ts';
import { highest, type Level, type Policy, weightOf } from './policy.ts';
import { readingOf } from './reading.ts';
import { round } from './rounding.ts';

// Pure: the provisional verdict and what the judge said make the final one. A judge that failed never lowers a decision; a
// judge that looked at everything may lower a flag, never an alert of a stable rule: rules cannot be talked round.

export interface Judged {
  readonly outcome: Outcome;
  /** Version and hash of the prompts; null where the judge was never asked. */
  readonly prompt: string | null;
  readonly milliseconds: number;
}

export type Finalise = (provisional: Verdict, judged: Judged) => Verdict;

const ORDER: readonly Decision[] = ['clear', 'unknown', 'record', 'flag', 'alert'];

const worse = (a: Decision, b: Decision): Decision => (ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b);

const scaleOdds = (risk: number, factor: number): number => (risk * factor) / (1 - risk + risk * factor);

/** The chance that one of two independent pieces of evidence is right. */
const either = (a: number, b: number): number => 1 - (1 - a) * (1 - b);

const reasonOf = (outcome: Outcome): CoverageReason | undefined =>
  outcome.kind === 'unjudged' ? outcome.reason : outcome.kind === 'hit' ? outcome.incomplete : undefined;

/** Whether the judge looked at everything and found nothing that a person should see. */
const isAcquittal = (outcome: Outcome, level: Level): boolean =>
  reasonOf(outcome) === undefined && level !== 'flag' && level !== 'alert';

const assessmentOf = (
  { assessment }: Verdict,
  reason: CoverageReason | undefined,
  accept: readonly CoverageReason[],
): Verdict['assessment'] => {
  if (reason === undefined || assessment.reasons.includes(reason)) return assessment;
  const reasons = [...assessment.reasons, reason];
  const accepted = reasons.filter((r) => accept.includes(r));
  const open = accepted.length < reasons.length;
  const state = assessment.state === 'assessed' && open ? 'partial' : assessment.state;
  return accepted.length === 0 ? { state, reasons } : { state, reasons, accepted };
};

/** As the verdict was before the judge failed for good: a dead letter that is tried again has a final verdict already. */
const untried = (verdict: Verdict, accept: readonly CoverageReason[]): Verdict => {
  const reasons = verdict.assessment.reasons.filter((reason) => reason !== 'judge_error');
  const accepted = reasons.filter((reason) => accept.includes(reason));
  const whole = accepted.length === reasons.length && verdict.assessment.state === 'partial';
  const state = whole ? ('assessed' as const) : verdict.assessment.state;
  const assessment = accepted.length === 0 ? { state, reasons } : { state, reasons, accepted };
  const decision = verdict.decision === 'unknown' && state === 'assessed' ? 'clear' : verdict.decision;
  return { ...verdict, assessment, decision };
};

const viewsOf = ({ views }: Verdict, findings: readonly Finding[], weigh: (f: Finding) => number): ViewScores =>
  Object.fromEntries(
    VIEWS.map((view) => {
      const own = findings.filter((f) => f.view === view).map(weigh);
      return [view, own.length === 0 ? views[view] : round(either(views[view] ?? 0, Math.max(...own)), 8)];
    }),
  ) as ViewScores;

/** The judge's word among what made the risk. It stands for the trace as a whole: its findings show where. */
const driversOf = ({ drivers, risk }: Verdict, after: number): Drivers | undefined => {
  if (drivers === undefined || risk === after) return drivers;
  const logOdds = round(Math.log((after * (1 - risk)) / (risk * (1 - after))), 4);
  if (!Number.isFinite(logOdds)) return drivers;
  const own = { detector: 'judge', rule: null, view: null, finding: null, logOdds, evidence: [] };
  const contributions = [...drivers.contributions, own].sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds));
  return { ...drivers, contributions };
};

/** The judge reads every view. */
const coverageOf = ({ coverage }: Verdict, outcome: Outcome): Verdict['coverage'] =>
  coverage?.map((view) => ({
    ...view,
    readings: [...view.readings, ...[readingOf('judge', outcome, view)].filter((reading) => reading !== undefined)],
  }));

export const createFinalise = (policy: Policy): Finalise => {
  const { odds, refused } = policy.cascade;
  const weigh = (f: Finding): number => (f.group === 'observation' ? 0 : f.score * weightOf(policy, f));

  /** What stands although the judge acquits. */
  const standing = ({ decision, findings }: Verdict): Decision => {
    if (decision === 'flag') return 'record';
    if (decision !== 'alert') return decision;
    const bound = findings.some((f) => f.detector.status === 'stable' && levelOf(f, policy) === 'alert');
    return bound ? 'alert' : 'flag';
  };

  /** The judge's score shifts the odds; it does not replace them: a judge errs, and most of what it sees is harmless. */
  const riskOf = (risk: number, outcome: Outcome, found: readonly Finding[]): number => {
    const reason = reasonOf(outcome);
    const score = Math.min(1, Math.max(0, ...found.map(weigh)));
    const factor = reason === 'judge_refused' ? odds.refused : odds.clear ** (1 - score) * odds.found ** score;
    if (outcome.kind === 'unjudged' && reason !== 'judge_refused') return risk;
    return round(scaleOdds(risk, reason === undefined ? factor : Math.max(1, factor)), 8);
  };

  return (stored, { outcome, prompt, milliseconds }) => {
    const provisional = stored.status === 'final' ? untried(stored, policy.accept) : stored;
    const found = outcome.kind === 'hit' ? outcome.findings : [];
    const level = highest(...found.map((f) => levelOf(f, policy)));
    const reason = reasonOf(outcome);
    const acquitted = isAcquittal(outcome, level);
    const assessment = assessmentOf(provisional, reason, policy.accept);
    let decision = worse(acquitted ? standing(provisional) : provisional.decision, level);
    if (reason === 'judge_refused') decision = worse(decision, refused);
    if (decision === 'clear' && assessment.state !== 'assessed') decision = 'unknown';
    const risk = riskOf(provisional.risk, outcome, found);
    const drivers = driversOf(provisional, risk);
    const coverage = coverageOf(provisional, outcome);
    return {
      ...provisional,
      status: 'final',
      assessment,
      decision,
      risk,
      ...(drivers === undefined ? {} : { drivers }),
      ...(coverage === undefined ? {} : { coverage }),
      findings: [...provisional.findings, ...found].sort((a, b) => weigh(b) - weigh(a)),
      views: viewsOf(provisional, found, weigh),
      versions: { ...provisional.versions, prompt },
      timings: { ...provisional.timings, judgeMs: round(milliseconds, 4) },
    };
  };
};
