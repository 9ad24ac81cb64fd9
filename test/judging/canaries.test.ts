import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { CANARY_TENANT } from '../../src/domain/judging.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { createEngine } from '../../src/engine.ts';
import { type CanariesDeps, complaintOf, createCanaries, loadCanaries } from '../../src/judging/canaries.ts';
import { sleep } from '../../src/kafka/backoff.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { withReleasers } from '../../src/releasers.ts';
import { findingOf, NOON, recordOf } from '../record/records.ts';
import { silent } from '../record/stores.ts';
import { until } from '../support/kafka/fixture.ts';

const quiet = recordOf().verdict;
const flagged = recordOf({ decision: 'flag' }).verdict;
const judged = (verdict: Verdict, by: string): Verdict => ({
  ...verdict,
  versions: { ...verdict.versions, prompt: '1.abc' },
  findings: [{ ...findingOf(), detector: { ...findingOf().detector, name: by } }],
});

describe('what a canary complains of', () => {
  it.each([
    ['a positive that is flagged', 'flagged', flagged, null],
    ['a positive that is not', 'flagged', quiet, 'not flagged'],
    ['a positive that only the rules saw', 'flagged', judged(flagged, 'heuristics'), 'not found by the judge'],
    ['a positive that the judge saw too', 'flagged', judged(flagged, 'judge'), null],
    ['a negative that is quiet', 'quiet', quiet, null],
    ['a negative that is flagged', 'quiet', flagged, 'flagged'],
    ['no answer', 'quiet', null, 'not judged in time'],
    ['an answer that is not final', 'flagged', { ...flagged, status: 'provisional' }, 'not judged in time'],
    [
      'a judge that failed',
      'quiet',
      { ...quiet, assessment: { state: 'partial', reasons: ['judge_error'] } },
      'judge_error',
    ],
  ] as const)('%s', (_, expect_, verdict, complaint) => {
    expect(complaintOf({ expect: expect_ }, verdict as Verdict | null)).toBe(complaint);
  });
});

describe('canaries', () => {
  const canaries = loadCanaries();
  const fly = (over: Partial<CanariesDeps>) => {
    const gauges = new Map<string, number>();
    const sent: { payload: unknown; tenant: string }[] = [];
    const birds = createCanaries({
      canaries,
      process: async (submission) => {
        sent.push(submission);
        return flagged;
      },
      waitForFinal: undefined,
      intervalMs: 5,
      metrics: { set: (name, value, labels = {}) => void gauges.set(`${name} ${labels.canary ?? ''}`.trim(), value) },
      log: silent,
      clock: () => new Date(NOON.getTime() + sent.length),
      sleep,
      ...over,
    });
    birds.start();
    onTestFinished(birds.stop);
    return { birds, gauges, sent };
  };

  it('there are positives and negatives, each with a name of its own', () => {
    expect(new Set(canaries.map(({ expect }) => expect))).toEqual(new Set(['flagged', 'quiet']));
    expect(new Set(canaries.map(({ id }) => id)).size).toBe(canaries.length);
  });

  it('go through the real path under their own tenant, again and again, each time as new traces', async () => {
    const { sent } = fly({});
    await until(() => sent.length > canaries.length * 2, 'two rounds');
    expect(new Set(sent.map(({ tenant }) => tenant))).toEqual(new Set([CANARY_TENANT]));
    const ids = sent.map(({ payload }) => (payload as { id: string }).id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('say which of them got the wrong answer, in metric and health, without any of the text', async () => {
    const { birds, gauges } = fly({});
    await until(() => gauges.has('cot_monitor_canary_last_run_timestamp_seconds'), 'a round');
    for (const { id, expect: wanted } of canaries) {
      expect(gauges.get(`cot_monitor_canary_ok ${id}`)).toBe(wanted === 'flagged' ? 1 : 0);
    }
    expect(birds.health.check()).toEqual({
      ok: false,
      reason: 'negative-ordinary-work flagged, negative-subject-of-deception flagged',
    });
  });

  it('wait for the judge, and a pipeline that fails is a complaint too', async () => {
    const provisional = async (): Promise<Verdict> => ({ ...quiet, status: 'provisional' });
    const late = fly({ process: provisional, waitForFinal: async () => null });
    await until(() => !late.birds.health.check().ok, 'a complaint');
    expect(late.birds.health.check().reason).toContain('not judged in time');
    const broken = fly({ process: () => Promise.reject(new Error('SECRET')) });
    await until(() => !broken.birds.health.check().ok, 'a complaint');
    expect(broken.birds.health.check().reason).not.toContain('SECRET');
  });

  it('as shipped, get the known answer from the shipped rules, model and policy', async () => {
    await withReleasers(async (releasers) => {
      const config = loadConfig({ DETECT_DEADLINE_MS: '60000', WORKER_THREADS: '1' });
      const metrics = createMetrics({ processMetrics: false });
      const { assessor } = await createEngine({ config, metrics, log: silent, clock: systemClock }, releasers);
      for (const { id, segments, expect: wanted } of canaries) {
        const { verdict } = await assessor.assess({ payload: { id, segments }, tenant: CANARY_TENANT });
        expect([id, complaintOf({ expect: wanted }, verdict)]).toEqual([id, null]);
      }
      await releasers.release();
    });
  }, 120_000);
});
