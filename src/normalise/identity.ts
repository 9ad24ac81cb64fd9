import { sha256 } from '../domain/ids.ts';
import type { Segment } from '../domain/trace.ts';
import type { Draft } from './draft.ts';

/**
 * SHA-256 over everything the caller sent that is kept, in one fixed order. Neither the time of arrival nor anything else
 * that a redelivery would change is in it.
 */
export const contentHashOf = (draft: Draft, segments: readonly Segment[]): string => {
  const { model, usage } = draft;
  return sha256(
    JSON.stringify([
      draft.id,
      draft.conversationId,
      draft.turn,
      [model.provider, model.name, model.version],
      draft.occurredAt?.toISOString() ?? null,
      segments.map((segment) => [segment.kind, segment.name ?? null, segment.coverage, textHash(segment)]),
      [usage.inputTokens ?? null, usage.outputTokens ?? null, usage.reasoningTokens ?? null],
      Object.entries(draft.labels).sort(([a], [b]) => (a < b ? -1 : 1)),
    ]),
  );
};

/** UTF-8 turns every lone surrogate into the same character: texts that differ in them alone must not share an id. */
const textHash = (segment: Segment): string =>
  segment.text.isWellFormed() ? segment.hash : sha256(JSON.stringify(segment.text));
