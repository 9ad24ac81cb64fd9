import type { Failed, Judged } from './examine.ts';
import type { JudgeReason } from './fault.ts';
import type { Opinion } from './opinion.ts';

// Two judges of different families: the second is asked where the first declined, gave nonsense, was unsure or contradicts
// the cheap tiers, and what they say is averaged. A trace that talks one round has not talked the other round.

/** Between these a first judge's highest probability is a disagreement with itself. */
const UNSURE = { from: 0.2, to: 0.8 };

/** A risk of the cheap tiers that is as good as a word: from here on they say yes, and down to here they say no. */
const SURE = { yes: 0.5, no: 0.05 };

/**
 * Whether a second judge is worth its price: the first failed, was unsure, or contradicts the cheap tiers.
 * @param risk theirs, where it is known
 */
export const isDisputed = (first: Judged | Failed, risk?: number): boolean => {
  if (first.kind === 'failed') return true;
  if (first.incomplete === 'judge_refused' || first.incomplete === 'judge_error') return true;
  const highest = Math.max(...first.opinions.map(({ probability }) => probability));
  if (risk !== undefined && risk >= SURE.yes && highest < UNSURE.from) return true;
  if (risk !== undefined && risk <= SURE.no && highest > UNSURE.to) return true;
  return highest >= UNSURE.from && highest <= UNSURE.to;
};

const mergeOpinions = (a: Opinion, b: Opinion): Opinion => {
  const [more, less] = a.probability >= b.probability ? [a, b] : [b, a];
  const evidence = new Map(
    [...more.evidence, ...less.evidence].map((e) => [`${e.segment} ${e.start} ${e.end}`, e] as const),
  );
  return {
    ...more,
    score: (a.score + b.score) / 2,
    probability: (a.probability + b.probability) / 2,
    evidence: [...evidence.values()],
  };
};

/**
 * What both come to. Where one failed, the other's word stands, and the failure stays on the record: a refusal is told, a
 * trace that one of two judges would not touch is never clear.
 */
export const mergeJudgements = (first: Judged | Failed, second: Judged | Failed): Judged | Failed => {
  if (first.kind === 'failed' && second.kind === 'failed')
    return second.fault.reason === 'judge_refused' ? second : first;
  if (first.kind === 'failed') return { ...(second as Judged), incomplete: first.fault.reason };
  if (second.kind === 'failed') {
    const incomplete = second.fault.reason === 'judge_refused' ? second.fault.reason : first.incomplete;
    return { ...first, incomplete };
  }
  const theirs = new Map(second.opinions.map((opinion) => [opinion.category, opinion]));
  const reasons: (JudgeReason | undefined)[] = [first.incomplete, second.incomplete];
  return {
    kind: 'judged',
    opinions: first.opinions.map((opinion) => mergeOpinions(opinion, theirs.get(opinion.category)!)),
    incomplete: reasons.find((r) => r === 'judge_refused') ?? reasons.find((r) => r !== undefined),
  };
};
