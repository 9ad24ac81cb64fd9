// What the cascade asks of the judge tier: which traces it is to look at, and why each.

/**
 * `category`: a finding of a category that is always judged. `band`: the risk lies where the cheap tiers are unsure.
 * `shadow`: drawn at random from what they thought nothing of. `canary`: the service tries itself.
 */
export const JUDGE_CAUSES = ['category', 'band', 'shadow', 'canary'] as const;
export type JudgeCause = (typeof JUDGE_CAUSES)[number];

/** What a caller may ask for: the judge as the policy says, the same and waited for, or no judge. */
export const JUDGE_WISHES = ['auto', 'wait', 'never'] as const;
export type JudgeWish = (typeof JUDGE_WISHES)[number];

/** Judge work that a verdict waits for: it goes into the queue in the transaction that stores the verdict. */
export interface JudgeOrder {
  readonly cause: JudgeCause;
  /** Higher goes first. */
  readonly priority: number;
  /** Whether an alert is published before the judge has spoken. */
  readonly alertNow: boolean;
}

/** Tenant of the service's own test traces. Nothing of it is published, and reports leave it out. */
export const CANARY_TENANT = '~canary';
