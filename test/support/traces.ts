import { sha256 } from '../../src/domain/ids.ts';
import type { Segment, SegmentKind, Trace } from '../../src/domain/trace.ts';

export const segment = (kind: SegmentKind, text: string, index = 0, changes: Partial<Segment> = {}): Segment => ({
  index,
  kind,
  text,
  sourcePath: `/segments/${index}/text`,
  coverage: 'full',
  hash: sha256(text),
  ...changes,
});

/** A trace of the given segments, in order. */
export const trace = (...parts: readonly (readonly [SegmentKind, string, Partial<Segment>?])[]): Trace => ({
  id: 't-1',
  idSource: 'caller',
  tenant: 'default',
  conversationId: 'c-1',
  turn: null,
  model: { provider: null, name: null, version: null },
  format: 'canonical',
  occurredAt: new Date('2026-11-24T10:00:00Z'),
  segments: parts.map(([kind, text, changes], index) => segment(kind, text, index, changes)),
  usage: {},
  labels: {},
  unread: [],
  contentHash: 'c',
});
