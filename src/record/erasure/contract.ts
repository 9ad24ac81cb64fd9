// Taking the words of traces away for good.

/** Whose words are to go. */
export type ErasureTarget =
  | { readonly kind: 'conversation'; readonly id: string }
  /** Every trace that carries this label. */
  | { readonly kind: 'label'; readonly name: string; readonly value: string }
  | { readonly kind: 'tenant' };

export interface Erasure {
  readonly tenant: string;
  readonly target: ErasureTarget;
  /** Who asks, as `Identity.actor` says it. */
  readonly by: string;
  /** For the audit chain: a ticket's number rather than a name. */
  readonly reason: string;
  /** Leave out what is under a legal hold. Without it such an erasure is refused as a whole, with `legal_hold`. */
  readonly skipHeld?: boolean | undefined;
}

export interface Erased {
  /** What the entries in the audit chain are about. */
  readonly id: string;
  /** Traces whose words went now; those erased before do not count again. */
  readonly traces: number;
  /** Traces left out because they are under a legal hold. */
  readonly held: number;
}
