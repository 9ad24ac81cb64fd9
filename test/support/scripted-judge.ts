import type { Judge, JudgeAnswer, JudgeRequest } from '../../src/detectors/judge/contract.ts';

/** A judge without a model behind it: gives its answers in order, the last one for good, and keeps what it was asked. */
export interface ScriptedJudge extends Judge {
  readonly asked: readonly JudgeRequest[];
}

export const SCRIPTED_PROMPT = '0.scripted';

/** One call, no price. */
export const judgeAnswer = (outcome: JudgeAnswer['outcome'], more: Partial<JudgeAnswer> = {}): JudgeAnswer => ({
  outcome,
  usage: { promptTokens: 100, completionTokens: 10, calls: 1, costUsd: null },
  prompt: SCRIPTED_PROMPT,
  model: 'scripted',
  ...more,
});

export const createScriptedJudge = (...answers: readonly JudgeAnswer[]): ScriptedJudge => {
  const asked: JudgeRequest[] = [];
  return {
    name: 'judge',
    promptVersion: SCRIPTED_PROMPT,
    asked,
    judge: async (request) => {
      request.signal.throwIfAborted();
      asked.push(request);
      const answer = answers[Math.min(asked.length, answers.length) - 1];
      if (answer === undefined) throw new Error('The script holds no answer.');
      return answer;
    },
  };
};
