import { z } from 'zod';
import type { Segment } from '../domain/trace.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { StoredTrace } from '../record/contract.ts';
import type { ServiceClient } from './remote-client.ts';
import type { ReadKept } from './replay.ts';

// Kept traces of a running service, over REST: the flags, and for each the conversation that it stands in. A trace that
// was kept without being flagged is seen only where a flagged one of its conversation leads to it.

const pageSchema = z.object({ items: z.array(z.object({ conversationId: z.string() })), next: z.string().nullable() });

const turnSchema = z.object({
  traceId: z.string(),
  turn: z.number().nullable(),
  model: z.object({ provider: z.string().nullable(), name: z.string().nullable(), version: z.string().nullable() }),
  format: z.string(),
  occurredAt: z.coerce.date(),
  receivedAt: z.coerce.date(),
  labels: z.record(z.string(), z.string()),
  segments: z.array(z.unknown()).nullable(),
  erasedAt: z.coerce.date().nullable().default(null),
  verdict: z.unknown(),
});
const conversationSchema = z.object({
  conversationId: z.string(),
  turns: z.array(turnSchema),
  next: z.string().nullish(),
});

export const createRemoteReader = (client: ServiceClient): ReadKept => {
  const seen = new Set<string>();

  return async (_tenant, { limit, cursor }) => {
    const query = new URLSearchParams({ limit: String(Math.min(limit, 200)) });
    if (cursor !== undefined) query.set('cursor', cursor);
    const page = await client.call('GET', `/v1/flags?${query}`, pageSchema);
    const items: StoredTrace[] = [];
    for (const { conversationId } of page.items) {
      if (seen.has(conversationId)) continue;
      seen.add(conversationId);
      let turns: string | null | undefined;
      do {
        const address = `/v1/conversations/${encodeURIComponent(conversationId)}`;
        const part = await client.call(
          'GET',
          typeof turns === 'string' ? `${address}?${new URLSearchParams({ cursor: turns })}` : address,
          conversationSchema,
        );
        for (const turn of part.turns) {
          // The service's own answer, in the shape its OpenAPI document promises.
          const { segments, verdict } = turn as { segments: readonly Segment[] | null; verdict: Verdict };
          items.push({ ...turn, conversationId, segments, verdict });
        }
        turns = part.next;
      } while (typeof turns === 'string');
    }
    return { items, next: page.next };
  };
};
