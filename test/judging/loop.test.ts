import { describe, expect, it, onTestFinished } from 'vitest';
import type { JudgeAnswer } from '../../src/detectors/judge/contract.ts';
import type { Ended } from '../../src/judging/attempt.ts';
import { createJudgeLoop, type JudgeLoop } from '../../src/judging/loop.ts';
import type { JudgingSettings } from '../../src/judging/settings.ts';
import { sleep } from '../../src/kafka/backoff.ts';
import { NOON } from '../record/records.ts';
import { until } from '../support/kafka/fixture.ts';
import { answerOf, depsOf, type FakeQueue, failure, fakeQueue, hanging, jobOf, judgeOf } from './fixture.ts';

const start = (
  queue: FakeQueue,
  judge: ReturnType<typeof judgeOf>,
  settings: Partial<JudgingSettings> = {},
  clock = () => NOON,
): { loop: JudgeLoop; ended: Ended[] } => {
  const ended: Ended[] = [];
  const loop = createJudgeLoop({
    ...depsOf(queue, judge, settings),
    queue,
    clock,
    sleep,
    pollMs: 5,
    onEnded: (_, end) => void ended.push(end),
  });
  loop.start();
  onTestFinished(() => loop.stop(0));
  return { loop, ended };
};

const jobs = (count: number) => Array.from({ length: count }, (_, i) => jobOf({ id: `t-${i}` }));

describe('the judge worker', () => {
  it('works off what there is, a few at a time', async () => {
    const queue = fakeQueue(jobs(9));
    let [atOnce, most] = [0, 0];
    const judge = judgeOf(async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await sleep(2, new AbortController().signal);
      atOnce -= 1;
      return answerOf({ kind: 'clear' });
    });
    const { ended } = start(queue, judge);
    await until(() => ended.length === 9, 'all jobs');
    expect(most).toBe(2);
    expect(new Set(queue.completed.map(({ job }) => job.trace.id)).size).toBe(9);
  });

  it('one call that hangs does not hold up the others', async () => {
    const queue = fakeQueue(jobs(6));
    const judge = judgeOf((request) =>
      request.trace.id === 't-0' ? hanging(request) : Promise.resolve(answerOf({ kind: 'clear' })),
    );
    const { ended } = start(queue, judge);
    await until(() => ended.length === 5, 'the others');
    expect(queue.completed.map(({ job }) => job.trace.id)).not.toContain('t-0');
  });

  it('asks nothing while the judge has said that it cannot be asked', async () => {
    let now = NOON;
    const queue = fakeQueue(jobs(1));
    const none = { promptTokens: 0, completionTokens: 0, calls: 0, costUsd: null };
    let answer: JudgeAnswer = failure('judge_error', { usage: none, retryAfterMs: 60_000 });
    const judge = judgeOf(async () => answer);
    const { loop, ended } = start(queue, judge, {}, () => now);
    await until(() => ended.length === 1, 'the first');
    answer = answerOf({ kind: 'clear' });
    queue.waiting.push(jobOf({ id: 'next' }));
    loop.notify();
    await sleep(40, new AbortController().signal);
    expect(judge.asked).toEqual(['t-0']);
    now = new Date(NOON.getTime() + 60_001);
    await until(() => ended.length === 2, 'the next');
  });

  it('lets go of a job whose lease was lost', async () => {
    const queue = fakeQueue(jobs(1));
    const judge = judgeOf(hanging);
    const { ended } = start(queue, judge, { leaseMs: 15 });
    await until(() => judge.asked.length === 1, 'the call');
    queue.stolen.add('lease-t-0');
    await until(() => ended.length === 1, 'the end');
    expect(ended[0]!.ending).toBe('lost');
    expect(queue.completed).toEqual([]);
  });

  it('waits for what is in hand when it stops, and gives back what takes too long', async () => {
    const queue = fakeQueue(jobs(2));
    let finish: (answer: JudgeAnswer) => void = () => {};
    const judge = judgeOf((request) =>
      request.trace.id === 't-0' ? new Promise((resolve) => (finish = resolve)) : hanging(request),
    );
    const { loop, ended } = start(queue, judge);
    await until(() => judge.asked.length === 2, 'both calls');
    const stopped = loop.stop(30);
    queue.waiting.push(jobOf({ id: 'late' }));
    finish(answerOf({ kind: 'clear' }));
    await stopped;
    expect(ended.map(({ ending }) => ending)).toEqual(['final', 'released']);
    expect(queue.retried.map(({ job }) => job.trace.id)).toEqual(['t-1']);
    expect(judge.asked).not.toContain('late');
  });

  it('says when the queue cannot be read, and that it can again', async () => {
    const queue = fakeQueue();
    queue.outages = Number.POSITIVE_INFINITY;
    const { loop } = start(queue, judgeOf(hanging));
    await until(() => !loop.health().ok, 'the complaint');
    expect(loop.liveness()).toEqual({ ok: true });
    queue.outages = 0;
    await until(() => loop.health().ok, 'recovery');
  });

  it('is stuck where the loop has not turned for minutes', async () => {
    let now = NOON;
    const queue = fakeQueue();
    queue.claim = () => new Promise(() => {});
    const loop = createJudgeLoop({
      ...depsOf(queue, judgeOf(hanging)),
      queue,
      clock: () => now,
      sleep,
      onEnded: () => {},
    });
    loop.start();
    now = new Date(NOON.getTime() + 600_000);
    expect(loop.liveness().ok).toBe(false);
  });
});
