import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAttempt, estimateTokens, type Interruption, retryDelay } from '../../src/judging/attempt.ts';
import { findingOf, NOON } from '../record/records.ts';
import { answerOf, depsOf, failure, fakeQueue, hanging, jobOf, judgeOf } from './fixture.ts';

const going = (): AbortSignal => new AbortController().signal;

const interrupted = (why: Interruption): { signal: AbortSignal; strike: () => void } => {
  const controller = new AbortController();
  return { signal: controller.signal, strike: () => controller.abort(why) };
};

describe('a job', () => {
  it('ends with the final verdict, its price, and the prompt that made it', async () => {
    const queue = fakeQueue();
    const hit = { kind: 'hit', findings: [findingOf({ id: 'j' })] } as const;
    const ended = await createAttempt(
      depsOf(
        queue,
        judgeOf(async () => answerOf(hit)),
      ),
    )(jobOf(), going());
    expect(ended.ending).toBe('final');
    expect(queue.completed[0]!.judgement).toMatchObject({
      outcome: 'hit',
      model: 'm',
      prompt: '1.abc',
      dead: false,
      bill: { calls: 2, costUsd: 0.01 },
      verdict: { status: 'final', versions: { prompt: '1.abc' } },
    });
    expect(queue.settled).toEqual([1_000]);
  });

  it('is over budget where the day has no room, without a call, and never clear', async () => {
    const queue = fakeQueue();
    queue.budget = false;
    const judge = judgeOf(async () => answerOf({ kind: 'clear' }));
    const ended = await createAttempt(depsOf(queue, judge))(jobOf(), going());
    expect(ended.ending).toBe('over_budget');
    expect(judge.asked).toEqual([]);
    expect(queue.completed[0]!.judgement).toMatchObject({
      outcome: 'over_budget',
      verdict: { decision: 'unknown', assessment: { reasons: ['over_budget'] } },
    });
  });

  it.each(['judge_error', 'timeout'] as const)(
    'that ends in %s is tried again, then dead, and never clear',
    async (reason) => {
      const queue = fakeQueue();
      const run = createAttempt(
        depsOf(
          queue,
          judgeOf(async () => failure(reason)),
        ),
      );
      expect((await run(jobOf({ attempt: 2 }), going())).ending).toBe('retried');
      expect(queue.retried[0]!.options).toMatchObject({ reason, counts: true });
      expect(queue.retried[0]!.options.notBefore.getTime()).toBeGreaterThan(NOON.getTime());
      expect((await run(jobOf({ attempt: 3 }), going())).ending).toBe('dead');
      expect(queue.completed[0]!.judgement).toMatchObject({
        dead: true,
        outcome: reason,
        verdict: { status: 'final', decision: 'unknown', assessment: { reasons: ['judge_error'] } },
      });
    },
  );

  it('that was refused is not tried again: the answer would be the same, and would be paid for again', async () => {
    const queue = fakeQueue();
    const ended = await createAttempt(
      depsOf(
        queue,
        judgeOf(async () => failure('judge_refused')),
      ),
    )(jobOf(), going());
    expect(ended.ending).toBe('final');
    expect(queue.completed[0]!.judgement.verdict).toMatchObject({
      decision: 'flag',
      assessment: { reasons: ['judge_refused'] },
    });
  });

  it('for which no request was sent has used up no attempt, and tells the others to wait', async () => {
    const queue = fakeQueue();
    const none = { promptTokens: 0, completionTokens: 0, calls: 0, costUsd: null };
    const judge = judgeOf(async () => failure('judge_error', { usage: none, retryAfterMs: 30_000 }));
    const ended = await createAttempt(depsOf(queue, judge))(jobOf({ attempt: 3 }), going());
    expect(ended).toMatchObject({ ending: 'retried', pauseMs: 30_000 });
    expect(queue.retried[0]!.options.counts).toBe(false);
    expect(queue.retried[0]!.options.notBefore.getTime()).toBeGreaterThanOrEqual(NOON.getTime() + 30_000);
  });

  it('that is too old is given up, whoever was to blame', async () => {
    const queue = fakeQueue();
    const none = { promptTokens: 0, completionTokens: 0, calls: 0, costUsd: null };
    const judge = judgeOf(async () => failure('judge_error', { usage: none, retryAfterMs: 30_000 }));
    const old = jobOf({ enqueuedAt: new Date(NOON.getTime() - 3_600_000) });
    expect((await createAttempt(depsOf(queue, judge))(old, going())).ending).toBe('dead');
  });

  it.each([
    ['whose text is gone', { textGone: true }, 'text_gone'],
    ['that killed whoever tried it', { attempt: 4 }, 'judge_error'],
  ])('%s is not sent to the judge', async (_, over, outcome) => {
    const queue = fakeQueue();
    const judge = judgeOf(async () => answerOf({ kind: 'clear' }));
    expect((await createAttempt(depsOf(queue, judge))(jobOf(over), going())).ending).toBe('dead');
    expect(judge.asked).toEqual([]);
    expect(queue.completed[0]!.judgement).toMatchObject({ outcome, dead: true, verdict: { decision: 'unknown' } });
  });

  it('does not hold its place beyond the deadline, even where the judge hears no signal', async () => {
    const queue = fakeQueue();
    const deaf = judgeOf(() => new Promise(() => {}));
    const ended = await createAttempt(depsOf(queue, deaf, { deadlineMs: 20 }))(jobOf(), going());
    expect(ended.ending).toBe('retried');
    expect(queue.retried[0]!.options.reason).toBe('timeout');
    expect(queue.settled).toEqual([]);
  });

  it('whose judge breaks its promise and throws has failed, and the process has not', async () => {
    const queue = fakeQueue();
    const broken = judgeOf(() => Promise.reject(new TypeError('bug')));
    expect((await createAttempt(depsOf(queue, broken))(jobOf(), going())).ending).toBe('retried');
    expect(queue.retried[0]!.options).toMatchObject({ reason: 'judge_error', counts: true });
  });

  it('is given back when the process stops, without an attempt used up', async () => {
    const queue = fakeQueue();
    const { signal, strike } = interrupted('stopping');
    const running = createAttempt(depsOf(queue, judgeOf(hanging)))(jobOf(), signal);
    await Promise.resolve();
    strike();
    expect((await running).ending).toBe('released');
    expect(queue.retried[0]!.options).toEqual({ notBefore: NOON, reason: 'stopped', counts: false });
  });

  it('is dropped when the lease is lost: it is somebody else’s', async () => {
    const queue = fakeQueue();
    const { signal, strike } = interrupted('lost');
    const running = createAttempt(depsOf(queue, judgeOf(hanging)))(jobOf(), signal);
    await Promise.resolve();
    strike();
    expect((await running).ending).toBe('lost');
    expect(queue.retried).toEqual([]);
    expect(queue.completed).toEqual([]);
  });

  it('keeps an answer that was paid for until the store is back', async () => {
    const queue = fakeQueue();
    const judge = judgeOf(async () => {
      queue.outages = 5;
      return answerOf({ kind: 'clear' });
    });
    expect((await createAttempt(depsOf(queue, judge))(jobOf(), going())).ending).toBe('final');
    expect(judge.asked).toEqual(['t-1']);
    expect(queue.completed).toHaveLength(1);
  });
});

describe('waits between tries', () => {
  it('grow, are jittered, bounded, and never shorter than what the server asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 0, max: 3_600_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, asked, draw) => {
          const wait = retryDelay(attempt, asked, () => draw);
          expect(wait).toBeGreaterThanOrEqual(asked);
          expect(wait).toBeGreaterThanOrEqual(1_000);
          expect(wait).toBeLessThanOrEqual(Math.max(300_000, asked * 1.1) + 1);
        },
      ),
    );
    expect(retryDelay(3, undefined, () => 0)).toBeGreaterThan(retryDelay(1, undefined, () => 0));
    expect(retryDelay(1, undefined, () => 0.9)).not.toBe(retryDelay(1, undefined, () => 0));
  });

  it('tokens are set aside by the length of the text', () => {
    const { trace } = jobOf();
    const long = { ...trace, segments: [{ ...trace.segments[0]!, text: 'x'.repeat(300_000) }] };
    expect(estimateTokens(long) - estimateTokens(trace)).toBeGreaterThan(190_000);
  });
});
