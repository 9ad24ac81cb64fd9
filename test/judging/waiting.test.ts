import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/domain/verdict.ts';
import { createWaiting } from '../../src/judging/waiting.ts';
import { sleep } from '../../src/kafka/backoff.ts';
import { recordOf } from '../record/records.ts';

const final = recordOf().verdict;
const provisional: Verdict = { ...final, status: 'provisional' };
const soon = () => sleep(1, new AbortController().signal);
const going = () => new AbortController().signal;

describe('who waits for the judge', () => {
  it('is told by the worker beside it', async () => {
    const waiting = createWaiting({ find: async () => provisional, sleep });
    const answer = waiting.final('acme', 't-1', 60_000, going());
    waiting.tell('other', final);
    waiting.tell('acme', { ...final, traceId: 't-2' });
    waiting.tell('acme', { ...final, risk: 0.42 });
    expect(await answer).toMatchObject({ risk: 0.42 });
  });

  it('finds what another replica stored, also after the store was away', async () => {
    let looks = 0;
    const find = async () => {
      looks += 1;
      if (looks === 1) throw new Error('away');
      return looks < 4 ? provisional : final;
    };
    expect(await createWaiting({ find, sleep: soon }).final('acme', 't-1', 60_000, going())).toBe(final);
  });

  it('is not kept longer than it asked for, nor after it hung up', async () => {
    const waiting = createWaiting({ find: async () => provisional, sleep: soon });
    expect(await waiting.final('acme', 't-1', 10, going())).toBeNull();
    const gone = new AbortController();
    const answer = waiting.final('acme', 't-1', 60_000, gone.signal);
    gone.abort();
    expect(await answer).toBeNull();
  });
});
