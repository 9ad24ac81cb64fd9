import { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import { CodedError } from '../domain/errors.ts';
import type { ReviewOutcome } from '../domain/review.ts';
import type { Decision } from '../domain/verdict.ts';
import type { Assessor } from '../pipeline.ts';
import type { Auditing } from '../record/auditing/contract.ts';
import type { Store } from '../record/contract.ts';
import { type DemoTrace, demoWeek } from './demo-week.ts';
import type { ServiceClient } from './remote-client.ts';
import type { Terminal } from './terminal.ts';

// `demo`: a week of made-up traffic through the real pipeline, with reviews, so that there is something to look at. Run
// again on the same day it changes nothing.

export interface DemoOptions {
  readonly seed: number;
}

/** Where the week goes. */
export interface DemoDesk {
  /** Resolves to what was decided. */
  submit(trace: DemoTrace): Promise<Decision>;
  /** Adds what reviewers say of a flagged trace that nobody has reviewed; resolves to how many reviews that were. */
  review(trace: DemoTrace): Promise<number>;
}

const REVIEWERS = ['ada', 'grace'] as const;

type Deciders = Pick<Assessor, 'assess'>;

/**
 * Into a store of our own, as if each trace had come in when it occurred.
 * @param at set to the time of each trace before it is assessed
 */
export const localDemo = (
  assessor: Deciders,
  store: Pick<Store, 'write' | 'flags'> & Pick<Auditing, 'reviews'>,
  tenant: string,
  setTime: (at: Date) => void,
): DemoDesk => ({
  submit: async ({ at, payload }) => {
    setTime(at);
    const { trace, verdict, receivedAt } = await assessor.assess({ payload, tenant });
    const [result] = await store.write([{ trace, verdict, receivedAt }]);
    if (result === undefined || result.kind === 'conflict') {
      throw new CodedError('trace_conflict', 'The store holds a demonstration of another version.');
    }
    return result.verdict.decision;
  },
  review: async ({ payload, opinions }) => {
    const { conversationId } = payload;
    const { items } = await store.flags(tenant, { conversationId, review: ['unreviewed'], limit: 200 });
    const flag = items.find(({ traceId }) => traceId === payload.id);
    if (flag === undefined) return 0;
    const given = opinions.flatMap((outcome, i) => (outcome === null ? [] : [{ outcome, reviewer: REVIEWERS[i]! }]));
    for (const { outcome, reviewer } of given) {
      await store.reviews.add(tenant, flag.id, { outcome, reviewer, note: null });
    }
    return given.length;
  },
});

const verdictSchema = z.object({ decision: z.enum(['clear', 'unknown', 'record', 'flag', 'alert']) });
const flagsSchema = z.object({ items: z.array(z.object({ id: z.string(), traceId: z.string() })) });

/** Through a running service. One key is one reviewer there. */
export const remoteDemo = (client: ServiceClient): DemoDesk => ({
  submit: async ({ payload }) => (await client.call('POST', '/v1/monitor', verdictSchema, payload)).decision,
  review: async ({ payload, opinions }) => {
    const outcome: ReviewOutcome | null = opinions[0];
    if (outcome === null) return 0;
    const query = new URLSearchParams({ conversationId: payload.conversationId, review: 'unreviewed' });
    const { items } = await client.call('GET', `/v1/flags?${query}`, flagsSchema);
    const flag = items.find(({ traceId }) => traceId === payload.id);
    if (flag === undefined) return 0;
    await client.call('POST', `/v1/flags/${flag.id}/reviews`, z.object({ id: z.string() }), { outcome });
    return 1;
  },
});

/** @returns exit code 0 */
export const seedDemo = async (
  desk: DemoDesk,
  { seed }: DemoOptions,
  clock: Clock,
  terminal: Terminal,
): Promise<number> => {
  const week = demoWeek(clock(), seed);
  const decisions = new Map<Decision, number>();
  let reviews = 0;
  for (const [i, trace] of week.entries()) {
    const decision = await desk.submit(trace);
    decisions.set(decision, (decisions.get(decision) ?? 0) + 1);
    if (decision === 'flag' || decision === 'alert') reviews += await desk.review(trace);
    if (terminal.interactive) terminal.err.write(`\r${i + 1} of ${week.length} traces`);
  }
  if (terminal.interactive) terminal.err.write('\n');
  const of = (decision: Decision): number => decisions.get(decision) ?? 0;
  terminal.out.write(
    `A week of ${week.length} traces is in the store: ${of('alert')} alerts, ${of('flag')} flags, ${of('record')} recorded, ${of('unknown')} unknown, ${of('clear')} clear; ${reviews} reviews added.\n`,
  );
  return 0;
};
