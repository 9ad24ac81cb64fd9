import type { JudgeUsage } from './contract.ts';

/** US dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** Adds up what one judgement uses. */
export interface Ledger {
  sent(): void;
  used(promptTokens: number, completionTokens: number): void;
  total(): JudgeUsage;
}

const MILLION = 1_000_000;

export const priceOf = (promptTokens: number, completionTokens: number, price: Price | undefined): number | null =>
  price === undefined ? null : (promptTokens * price.input + completionTokens * price.output) / MILLION;

export const createLedger = (price: Price | undefined): Ledger => {
  let calls = 0;
  let prompt = 0;
  let completion = 0;
  return {
    sent: () => {
      calls++;
    },
    used: (promptTokens, completionTokens) => {
      prompt += promptTokens;
      completion += completionTokens;
    },
    total: () => ({
      promptTokens: prompt,
      completionTokens: completion,
      calls,
      costUsd: priceOf(prompt, completion, price),
    }),
  };
};

/** A cost that is not known of one part is not known of the whole. */
export const addUsage = (a: JudgeUsage, b: JudgeUsage): JudgeUsage => ({
  promptTokens: a.promptTokens + b.promptTokens,
  completionTokens: a.completionTokens + b.completionTokens,
  calls: a.calls + b.calls,
  costUsd: a.costUsd === null || b.costUsd === null ? null : a.costUsd + b.costUsd,
});
