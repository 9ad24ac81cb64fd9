import type { Finding } from './finding.ts';
import type { View } from './taxonomy.ts';
import type { CoverageReason, Reading } from './verdict.ts';

/** Evidence that is no finding by itself: a logit per view, comparable within one detector only, for the combiner. */
export type ViewEvidence = Readonly<Partial<Record<View, number>>>;

/** Half-open UTF-16 offsets in a segment. */
export interface Place {
  readonly segment: number;
  readonly start: number;
  readonly end: number;
}

/** What a detector tells of its own reading, where that is more than `all` or `nothing`. */
interface Account {
  readonly scores?: ViewEvidence;
  /** The places that drove a view's score most, the strongest first. */
  readonly drivers?: Readonly<Partial<Record<View, readonly Place[]>>>;
  readonly readings?: Readonly<Partial<Record<View, Omit<Reading, 'detector'>>>>;
}

/**
 * What a detector answers. `unjudged` is not `clear`: it says that the detector looked at nothing it can vouch for.
 * A `hit` may still be incomplete (deadline reached after the first matches).
 */
export type Outcome =
  | ({ readonly kind: 'hit'; readonly findings: readonly Finding[]; readonly incomplete?: CoverageReason } & Account)
  | ({ readonly kind: 'clear' } & Account)
  | ({ readonly kind: 'unjudged'; readonly reason: CoverageReason } & Pick<Account, 'readings'>);

export interface DetectorResult {
  readonly detector: string;
  readonly outcome: Outcome;
  readonly milliseconds: number;
}
