import type { RetainedKind } from '../../domain/audit.ts';
import type { ErasureTarget } from '../erasure/contract.ts';

// How long things are kept, and what is kept longer because somebody must.

/** What a hold covers is told like what an erasure takes. */
export type HoldTarget = ErasureTarget;

export interface LegalHold {
  readonly id: string;
  readonly target: HoldTarget;
  readonly reason: string;
  readonly placedBy: string;
  readonly placedAt: Date;
  readonly releasedBy: string | null;
  readonly releasedAt: Date | null;
  readonly releaseReason: string | null;
}

export interface Holds {
  /** From now on neither retention nor erasure takes what it covers. Audited. */
  place(tenant: string, target: HoldTarget, reason: string, by: string): Promise<LegalHold>;
  /** Newest first. */
  list(tenant: string, filter: { readonly active?: boolean | undefined }): Promise<readonly LegalHold[]>;
  /** Null where there is none, `released` where it is over already. Audited. */
  release(tenant: string, id: string, reason: string, by: string): Promise<LegalHold | 'released' | null>;
}

/** Days since receipt after which a kind goes; null: never. A kind never outlives what it belongs to. */
export interface RetentionLimits {
  /** Segments of kept traces. */
  readonly textDays: number | null;
  /** Quotes, explanations, labels and notes; text goes with them. */
  readonly wordsDays: number | null;
  /** Verdicts, findings, flags and reviews; words and text go with them. */
  readonly verdictsDays: number | null;
}

export interface Expired {
  /** Traces of which it went now. */
  readonly gone: Readonly<Record<RetainedKind, number>>;
  /** False where another replica was at it, or a table was too busy: the rest goes next time. */
  readonly complete: boolean;
}
