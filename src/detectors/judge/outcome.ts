import type { DetectorRef, Finding } from '../../domain/finding.ts';
import { deriveId } from '../../domain/ids.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { type Category, SEVERITIES, type Severity } from '../../domain/taxonomy.ts';
import type { Trace } from '../../domain/trace.ts';
import type { Failed, Judged } from './examine.ts';
import { neutralise } from './framing.ts';
import type { Opinion } from './opinion.ts';
import { NOTED } from './scale.ts';

// From opinions to an outcome as every detector gives one.

/** Longest explanation kept of a judge's own words, in UTF-16 units. */
const LONGEST_WHY = 300;

const oneLower = (severity: Severity): Severity => SEVERITIES[Math.max(0, SEVERITIES.indexOf(severity) - 1)]!;

/** A judge's words can repeat the trace's: they are shown as text, short, in one line and without control characters. */
const explain = ({ score, why, evidence }: Opinion): string => {
  const rest = evidence.length === 0 ? ' It named no passage that occurs in the trace, so this counts for half.' : '';
  const said = neutralise(why).replace(/\s+/g, ' ').trim().slice(0, LONGEST_WHY);
  return `The judge scored ${score.toFixed(1)} of 10.${rest}${said === '' ? '' : ` In its words: ${said}`}`;
};

const findingOf = (trace: Trace, opinion: Opinion, category: Category, detector: DetectorRef): Finding => ({
  id: deriveId('finding', trace.tenant, trace.id, 'judge', category.id),
  category: category.id,
  group: category.group,
  stance: opinion.stance,
  view: opinion.view,
  severity: opinion.evidence.length === 0 ? oneLower(category.severity) : category.severity,
  score: Math.round(opinion.probability * 10_000) / 10_000,
  detector,
  evidence: opinion.evidence,
  explanation: explain(opinion),
});

/**
 * Clear only where the whole trace was read and nothing was noted. A finding without evidence is kept, downgraded, and the
 * outcome is then incomplete: something was seen that nobody can look up.
 */
export const outcomeOf = (
  trace: Trace,
  result: Judged | Failed,
  categories: readonly Category[],
  detector: DetectorRef,
): Outcome => {
  if (result.kind === 'failed') return { kind: 'unjudged', reason: result.fault.reason };
  const opinions = new Map(result.opinions.map((opinion) => [opinion.category, opinion]));
  const findings = categories.flatMap((category) => {
    const opinion = opinions.get(category.id);
    return opinion === undefined || opinion.score < NOTED ? [] : [findingOf(trace, opinion, category, detector)];
  });
  const unverified = findings.some(({ evidence }) => evidence.length === 0);
  const incomplete = result.incomplete ?? (unverified ? 'judge_error' : undefined);
  if (incomplete !== undefined)
    return findings.length === 0 ? { kind: 'unjudged', reason: incomplete } : { kind: 'hit', findings, incomplete };
  return findings.length === 0 ? { kind: 'clear' } : { kind: 'hit', findings };
};
