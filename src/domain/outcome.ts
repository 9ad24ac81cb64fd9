import type { Finding } from './finding.ts';
import type { View } from './taxonomy.ts';
import type { CoverageReason } from './verdict.ts';

/** Evidence that is no finding by itself: a logit per view, comparable within one detector only, for the combiner. */
export type ViewEvidence = Readonly<Partial<Record<View, number>>>;

/**
 * What a detector answers. `unjudged` is not `clear`: it says that the detector looked at nothing it can vouch for.
 * A `hit` may still be incomplete (deadline reached after the first matches).
 */
export type Outcome =
  | {
      readonly kind: 'hit';
      readonly findings: readonly Finding[];
      readonly incomplete?: CoverageReason;
      readonly scores?: ViewEvidence;
    }
  | { readonly kind: 'clear'; readonly scores?: ViewEvidence }
  | { readonly kind: 'unjudged'; readonly reason: CoverageReason };

export interface DetectorResult {
  readonly detector: string;
  readonly outcome: Outcome;
  readonly milliseconds: number;
}
