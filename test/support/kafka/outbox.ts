import type { MessageSource, OutgoingMessage } from '../../../src/publish/contract.ts';

export const outgoing = (id: string, kind: OutgoingMessage['kind'], key = 'c'): OutgoingMessage => ({
  id,
  kind,
  key,
  payload: JSON.stringify({ of: id }),
});

export interface MemoryOutbox extends MessageSource {
  add(...messages: OutgoingMessage[]): void;
  depth(): number;
  /** Drains begun so far. */
  drains(): number;
}

/** The outbox's promises, in memory: what `publish` resolves to is deleted, the rest stays, oldest first. */
export const memoryOutbox = (): MemoryOutbox => {
  let waiting: OutgoingMessage[] = [];
  let drains = 0;
  return {
    add: (...messages) => void waiting.push(...messages),
    depth: () => waiting.length,
    drains: () => drains,
    drain: async (limit, publish) => {
      drains += 1;
      const taken = waiting.slice(0, limit);
      if (taken.length === 0) return 0;
      const done = new Set(await publish(taken));
      waiting = waiting.filter(({ id }) => !done.has(id));
      return done.size;
    },
    stats: async () => ({ depth: waiting.length, oldest: waiting.length === 0 ? null : new Date(Date.now() - 5_000) }),
  };
};
