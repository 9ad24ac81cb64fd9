import { describe, expect, test } from 'vitest';
import { CANARY_TENANT } from '../../src/domain/judging.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { createSettledCounting } from '../../src/record/settled-counting.ts';
import { CATEGORY_IDS } from '../support/taxonomy.ts';
import { findingOf, type RecordOptions, recordOf } from './records.ts';

const COUNTED = /^cot_monitor_(?:card_verdicts|flags)_total\{.* [1-9]\d*$/gm;

const counted = async (...records: RecordOptions[]): Promise<string[]> => {
  const metrics = createMetrics({ processMetrics: false });
  const count = createSettledCounting({ metrics, models: new Set(['o1']), categories: new Set(CATEGORY_IDS) });
  for (const options of records) {
    const { trace, verdict } = recordOf(options);
    count(trace, verdict);
  }
  return (await metrics.render()).match(COUNTED) ?? [];
};

describe('figures of final verdicts', () => {
  test('put each verdict into one class of the card, and each flag under every category that it rests on', async () => {
    const fabricated = findingOf({ category: 'intentional_fabrication' });
    const subverted = findingOf({ category: 'oversight_subversion', severity: 'critical' });
    const milder = findingOf({ category: 'oversight_subversion', severity: 'medium' });
    expect(await counted({ decision: 'alert', findings: [fabricated, milder, subverted, milder] }, {})).toEqual([
      'cot_monitor_card_verdicts_total{model="o1",class="intentional_hallucination"} 1',
      'cot_monitor_card_verdicts_total{model="o1",class="none"} 1',
      'cot_monitor_flags_total{model="o1",category="intentional_fabrication",severity="high"} 1',
      'cot_monitor_flags_total{model="o1",category="oversight_subversion",severity="critical"} 1',
    ]);
  });

  test('leave out what the verdict does not rest on', async () => {
    const rejected = findingOf({ category: 'deceptive_intent', stance: 'rejected' });
    expect(await counted({ decision: 'flag', findings: [findingOf(), rejected] })).toEqual([
      'cot_monitor_card_verdicts_total{model="o1",class="other"} 1',
      'cot_monitor_flags_total{model="o1",category="sandbagging",severity="high"} 1',
    ]);
  });

  test('wait for the judge: a provisional verdict is not counted', async () => {
    expect(await counted({ decision: 'alert', findings: [findingOf()], verdict: { status: 'provisional' } })).toEqual(
      [],
    );
  });

  test('leave the service’s own test traces out', async () => {
    expect(await counted({ decision: 'alert', findings: [findingOf()], tenant: CANARY_TENANT })).toEqual([]);
  });

  test('take no label from a trace: models and categories that nobody declared share one series', async () => {
    const own = findingOf({ category: 'our_own"} 1' });
    const model = { provider: null, name: 'x"} 1\nforged 1', version: null };
    expect(await counted({ decision: 'flag', findings: [own], trace: { model } })).toEqual([
      'cot_monitor_card_verdicts_total{model="other",class="other"} 1',
      'cot_monitor_flags_total{model="other",category="other",severity="high"} 1',
    ]);
  });
});
