import type { SegmentCoverage, SegmentKind, Usage } from '../../src/domain/trace.ts';

/** Kind, where it stands, what it says; or, where nobody could read it, its coverage in brackets. */
export type ExpectedSegment = readonly [kind: SegmentKind, sourcePath: string, text: string, more?: More];

interface More {
  readonly name?: string;
  readonly coverage?: SegmentCoverage;
}

/** A payload of a provider's shape, written by hand, and everything that must be read from it. */
export interface Fixture {
  /** As docs/formats.md names it. */
  readonly name: string;
  readonly format: string;
  readonly payload: unknown;
  readonly segments: readonly ExpectedSegment[];
  readonly model?: readonly [provider: string | null, name: string | null];
  readonly usage?: Usage;
  readonly conversationId?: string;
  readonly occurredAt?: string;
  /** Pointers of what is reported as unread. */
  readonly unread?: readonly string[];
}

export const unreadable = (
  kind: SegmentKind,
  sourcePath: string,
  coverage: 'redacted' | 'encrypted' | 'omitted',
): ExpectedSegment => [kind, sourcePath, '', { coverage }];

/** Long enough to be noticed where no format knows the key. */
export const longText = (opening: string): string => `${opening} ${'and so on, word after word '.repeat(10)}`;

/** Stands for ciphertext and signatures: must never be found in a trace. */
export const SEALED = 'c2VhbGVkLWNpcGhlcnRleHQt'.repeat(12);
