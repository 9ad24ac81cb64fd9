import type { Failed, Judged } from './examine.ts';
import type { JudgeReason } from './fault.ts';
import type { Opinion } from './opinion.ts';

// Two judges of different families: the second is asked where the first declined, gave nonsense or was unsure, and what
// they say is averaged. A trace that talks one round has not talked the other round.

/** Between these a first judge's highest probability is a disagreement with itself. */
const UNSURE = { from: 0.2, to: 0.8 };

/** Whether a second judge is worth its price. */
export const isDisputed = (first: Judged | Failed): boolean => {
  if (first.kind === 'failed') return true;
  if (first.incomplete === 'judge_refused' || first.incomplete === 'judge_error') return true;
  const highest = Math.max(...first.opinions.map(({ probability }) => probability));
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
