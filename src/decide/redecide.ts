import type { Finding } from '../domain/finding.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Assessment, CoverageReason, Decision, Verdict } from '../domain/verdict.ts';
import { levelOf } from './decide.ts';
import { createFinalise } from './finalise.ts';
import { highest, type Policy } from './policy.ts';

// What a stored verdict would have been under another policy. Its findings, scores and coverage stay: they are what the
// detectors saw. Only what follows from them is decided anew, so that no text is needed.

const isJudge = ({ detector }: Finding): boolean => detector.name === 'judge';

const JUDGE_FAULTS: readonly CoverageReason[] = ['judge_refused', 'judge_error'];

/** What kept the judge from a whole answer, as far as the verdict says. */
const judgeFault = ({ coverage, assessment }: Verdict): CoverageReason | undefined => {
  const left = coverage
    ?.flatMap(({ readings }) => readings)
    .find((r) => r.detector === 'judge' && r.left !== undefined)?.left;
  return left === undefined || left === 'sampled'
    ? assessment.reasons.find((reason) => JUDGE_FAULTS.includes(reason))
    : left;
};

/** Why something was not assessed stays; whether that is accepted is the policy's matter. */
const assessmentUnder = ({ accept }: Policy, { state, reasons }: Assessment): Assessment => {
  const accepted = reasons.filter((reason) => accept.includes(reason));
  if (accepted.length === reasons.length) return { state: 'assessed', reasons };
  return { state: state === 'assessed' ? 'partial' : state, reasons };
};

const judgedOutcome = (verdict: Verdict): Outcome => {
  const findings = verdict.findings.filter(isJudge);
  const fault = judgeFault(verdict);
  if (findings.length > 0) return { kind: 'hit', findings, ...(fault === undefined ? {} : { incomplete: fault }) };
  return fault === undefined ? { kind: 'clear' } : { kind: 'unjudged', reason: fault };
};

export type Redecide = (verdict: Verdict) => Decision;

export const createRedecide = (policy: Policy): Redecide => {
  const finalise = createFinalise(policy);
  return (verdict) => {
    const findings = verdict.findings.filter((finding) => !isJudge(finding));
    const assessment = assessmentUnder(policy, verdict.assessment);
    const level = highest(...findings.map((finding) => levelOf(finding, policy)));
    const decision: Decision = level !== 'clear' ? level : assessment.state === 'assessed' ? 'clear' : 'unknown';
    // A provisional verdict, and a final one that no judge looked at, rest on the cheap tiers alone.
    if (verdict.versions.prompt === null) return decision;
    return finalise(
      { ...verdict, findings, assessment, decision },
      { outcome: judgedOutcome(verdict), prompt: verdict.versions.prompt, milliseconds: 0 },
    ).decision;
  };
};
