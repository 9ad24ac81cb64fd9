import type { DetectorResult, Outcome } from '../domain/outcome.ts';
import type { Segment, Trace } from '../domain/trace.ts';
import type { Assessment, AssessmentState, CoverageReason } from '../domain/verdict.ts';

// How much of a trace was looked at. What nobody could read is a result of its own, never silence.

const isThought = ({ kind }: Segment): boolean => kind === 'reasoning' || kind === 'reasoning_summary';

const hasText = ({ coverage, text }: Segment): boolean =>
  (coverage === 'full' || coverage === 'truncated') && text.trim() !== '';

const segmentReasons = (segments: readonly Segment[]): CoverageReason[] => {
  const reasons: CoverageReason[] = [];
  const thoughts = segments.filter(isThought);
  const readable = thoughts.filter(hasText);
  if (thoughts.some((s) => s.coverage === 'encrypted')) reasons.push('reasoning_encrypted');
  if (thoughts.some((s) => s.coverage === 'redacted')) reasons.push('reasoning_redacted');
  const omitted = thoughts.some((s) => s.coverage === 'omitted' || (!hasText(s) && s.coverage === 'full'));
  if (omitted || thoughts.length === 0) reasons.push('reasoning_absent');
  if (readable.length > 0 && readable.every((s) => s.kind === 'reasoning_summary')) reasons.push('summary_only');
  if (segments.some((s) => s.coverage === 'truncated')) reasons.push('truncated');
  return reasons;
};

const isReadableSummary = (segment: Segment | undefined): boolean =>
  segment?.kind === 'reasoning_summary' && hasText(segment);

/**
 * Whether all ciphertext has its summary next to it, as providers send the two. An operator who accepts summaries has
 * then accepted what they stand for; ciphertext that nothing tells of is still a gap.
 */
const isSummarised = (segments: readonly Segment[]): boolean =>
  segments.every(
    (segment, i) => !isThought(segment) || segment.coverage !== 'encrypted' || isReadableSummary(segments[i - 1]),
  );

const detectorReasons = (results: readonly DetectorResult[]): CoverageReason[] =>
  results.map(({ outcome }) => reasonOf(outcome)).filter((reason) => reason !== undefined);

const reasonOf = (outcome: Outcome): CoverageReason | undefined => {
  switch (outcome.kind) {
    case 'clear':
      return undefined;
    case 'hit':
      return outcome.incomplete;
    case 'unjudged':
      return outcome.reason;
  }
};

/**
 * `not_assessed`: no reasoning that anybody could read, or no detector that could vouch for anything. `partial`: some of
 * it. Reasons that the policy accepts do not count against the state, and the assessment names them.
 */
export const assess = (
  trace: Trace,
  results: readonly DetectorResult[],
  accept: readonly CoverageReason[],
): Assessment => {
  const reasons = [...new Set([...segmentReasons(trace.segments), ...detectorReasons(results)])];
  const summaries = accept.includes('summary_only') && reasons.includes('summary_only') && isSummarised(trace.segments);
  const accepted = reasons.filter((r) => accept.includes(r) || (summaries && r === 'reasoning_encrypted'));
  const open = reasons.filter((r) => !accepted.includes(r));
  const unread = !trace.segments.some((s) => isThought(s) && hasText(s));
  const unseen = results.every(({ outcome }) => outcome.kind === 'unjudged');
  const state: AssessmentState = open.length === 0 ? 'assessed' : unread || unseen ? 'not_assessed' : 'partial';
  return accepted.length === 0 ? { state, reasons } : { state, reasons, accepted };
};
