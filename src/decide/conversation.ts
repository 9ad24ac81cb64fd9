import type { ConversationRule } from '../domain/conversation.ts';
import type { Verdict } from '../domain/verdict.ts';
import { logOdds } from './odds.ts';
import { lowest, type Policy } from './policy.ts';

// What the turns of a conversation say together. Each turn weighs by how far its odds lie above what is ordinary, no turn
// more than the ceiling, and an allowance is taken off for every turn; the sum is held against what chance would give to so
// many turns, which grows with the root of their number. One turn alone can then never reach a threshold, and ten weak ones
// can. docs/conversations.md has the measurement that chose this.

/** Weights are whole thousandths, so that their sum does not hang on the order. */
const UNITS = 1_000;

/** Undefined where the policy does not weigh conversations. */
export const createConversationRule = ({ conversations }: Policy): ConversationRule | undefined => {
  if (conversations === undefined) return undefined;
  const { ordinary, most, allowance, thresholds, ceiling } = conversations;
  const zero = logOdds(ordinary);

  const score: ConversationRule['score'] = ({ turns, weight }) =>
    turns === 0 ? 0 : Math.max(0, (weight / UNITS - allowance * turns) / Math.sqrt(turns));

  return {
    weigh: ({ assessment, risk }: Verdict) =>
      assessment.state === 'not_assessed' && risk === 0
        ? null
        : Math.round(Math.min(most, Math.max(0, logOdds(risk) - zero)) * UNITS),
    score,
    decide: (sums) => {
      const reached = score(sums);
      const level =
        reached >= thresholds.alert
          ? 'alert'
          : reached >= thresholds.flag
            ? 'flag'
            : reached >= thresholds.record
              ? 'record'
              : 'clear';
      return lowest(level, ceiling);
    },
  };
};
