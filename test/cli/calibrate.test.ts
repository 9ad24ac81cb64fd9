import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type CalibrateOptions, calibrate } from '../../src/cli/calibrate.ts';
import {
  calibrateAll,
  calibrateCategories,
  calibrationRow,
  falseFlagsTogether,
  type PolicyView,
} from '../../src/cli/calibrate-thresholds.ts';
import { loadPolicy } from '../../src/decide/policy.ts';
import { filesDeps, finding, holdTerminal, lastLine, makeFolder, writeRows } from './fixture.ts';

const policy: PolicyView = {
  weigh: (f) => f.score,
  mayFlag: (f) => f.detector.status !== 'experimental',
  thresholds: { record: 0.2, flag: 0.5, alert: 0.85 },
};

const rows = (positive: boolean, ...scores: number[]) => scores.map((a) => ({ positive, scores: { a } }));

describe('a threshold', () => {
  test('lies halfway between the negatives that must stay below and what reaches it', () => {
    const found = calibrateAll([...rows(true, 0.9, 0.8, 0.3), ...rows(false, 0.6, 0.4, 0.1, 0)], 0.25, policy);
    expect(found).toMatchObject({ flag: 0.5, falseFlags: { count: 1, total: 4 }, caught: { count: 2, total: 3 } });
  });

  test('exceeds every negative where none may be flagged', () => {
    const found = calibrateAll([...rows(true, 0.9), ...rows(false, 0.6, 0.4)], 0.01, policy);
    expect(found).toMatchObject({ flag: 0.75, falseFlags: { count: 0 } });
    expect(found.bound).toBeCloseTo(1 - Math.sqrt(0.05), 9);
  });

  test('is out of reach where a negative scores 1', () => {
    expect(calibrateAll([...rows(true, 1), ...rows(false, 1, 0)], 0.1, policy).flag).toBeNull();
  });

  test('can be had without positives', () => {
    expect(calibrateAll(rows(false, 0.6, 0.2), 0.5, policy)).toMatchObject({ caught: null, falseFlags: { count: 1 } });
  });

  test('never goes below where the policy records', () => {
    expect(calibrateAll([...rows(true, 0.05), ...rows(false, 0, 0)], 0.5, policy).flag).toBe(0.2);
  });

  test('is told apart even from a negative that is a hair below', () => {
    const found = calibrateAll([...rows(true, 0.60001), ...rows(false, 0.6)], 0.01, policy);
    expect(found).toMatchObject({ flag: 0.60001, falseFlags: { count: 0 }, caught: { count: 1 } });
  });

  test('by category looks at that category alone, and all of them together are counted', () => {
    const mixed = [
      { positive: true, scores: { a: 0.9 } },
      { positive: false, scores: { a: 0.6 } },
      { positive: false, scores: { b: 0.7 } },
      { positive: false, scores: {} },
      { positive: false, scores: {} },
    ];
    const found = calibrateCategories(mixed, 0.25, policy);
    expect(found.map((c) => [c.category, c.falseFlags?.count])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    expect(falseFlagsTogether(mixed, found, policy)).toMatchObject({ count: 2, total: 4 });
  });

  test('counts only findings that may flag, by the strongest of each category', () => {
    const experimental = { ...finding().detector, status: 'experimental' as const };
    const findings = [
      finding({ category: 'a', score: 0.4 }),
      finding({ category: 'a', score: 0.6 }),
      finding({ category: 'b', score: 0.9, detector: experimental }),
    ];
    expect(calibrationRow(true, findings, policy)).toEqual({ positive: true, scores: { a: 0.6 } });
  });
});

const run = async (given: readonly unknown[], changes: Partial<CalibrateOptions> = {}) => {
  const terminal = holdTerminal();
  const options = {
    files: [writeRows(given)],
    fpr: 0.01,
    byCategory: false,
    judge: undefined,
    out: undefined,
    ...changes,
  };
  const deps = { ...filesDeps(terminal), policy, priorScale: [], observations: new Set<string>() };
  const code = await calibrate(deps, options);
  return { code, printed: terminal.printed() };
};

const row = (label: 0 | 1, score: number, category = 'covert_sabotage') => ({
  label,
  reasoning: JSON.stringify({ findings: score === 0 ? [] : [finding({ score, category })] }),
});
const silent = { assessment: { state: 'not_assessed', reasons: ['timeout'] } };

describe('calibrate', () => {
  const clean = Array.from({ length: 400 }, () => row(0, 0));

  test.each([false, true])('writes a fragment that the policy takes, by category: %s', async (byCategory) => {
    const out = join(makeFolder(), 'fragment.yaml');
    const given = [row(1, 0.9), row(1, 0.95, 'sandbagging'), row(0, 0.4), ...clean];
    await run(given, { byCategory, out, fpr: 0.001 });
    const merged = join(makeFolder(), 'policy.yaml');
    const { hash: _, weights: __, ...shipped } = loadPolicy();
    const fragment = parse(readFileSync(out, 'utf8')) as Record<string, object>;
    writeFileSync(merged, JSON.stringify({ ...shipped, ...fragment }));
    const { thresholds, categories } = loadPolicy(merged);
    if (byCategory) expect(categories.covert_sabotage).toEqual({ record: 0.2, flag: 0.65, alert: 0.85 });
    else expect(thresholds).toEqual({ record: 0.2, flag: 0.65, alert: 0.85 });
  });

  test('keeps record, flag and alert in order', async () => {
    const { printed } = await run([row(1, 1), row(0, 0.95), ...clean], { fpr: 0.001 });
    expect(printed).toMatch(/record: 0\.2\nflag|record: 0\.2\n +flag: 0\.975\n +alert: 0\.975/);
  });

  test('says how many clean negatives would show the rate, and whether these do', async () => {
    const few = await run([row(1, 0.9), ...clean.slice(0, 50)]);
    expect(few.printed).toContain('takes 300 negatives without one false flag');
    expect(few.printed).toContain('1.00% is not shown');
    expect((await run([row(1, 0.9), ...clean])).printed).not.toContain('is not shown');
  });

  test('says what cannot be reached, in YAML that holds nothing', async () => {
    const out = join(makeFolder(), 'fragment.yaml');
    const { code, printed } = await run([row(0, 1), row(0, 1)], { out, byCategory: true });
    expect(code).toBe(0);
    expect(printed).toContain('out of reach');
    expect(parse(readFileSync(out, 'utf8'))).toBeNull();
  });

  test('does not take a trace that nobody could assess for a clean negative', async () => {
    const { printed } = await run([{ label: 0, reasoning: JSON.stringify(silent) }, row(0, 0), row(1, 0.9)]);
    expect(lastLine(printed)).toBe(
      'Calibrated 1 of 1 thresholds on 1 negatives and 1 positives; 1 not assessed, 0 unreadable.',
    );
  });

  test('without negatives there is nothing to calibrate on: exit code 2', async () => {
    const { code, printed } = await run([row(1, 0.9)]);
    expect(code).toBe(2);
    expect(lastLine(printed)).toContain('Nothing to calibrate on');
  });

  test('rows without a label make the exit code 2', async () => {
    expect((await run([row(0, 0), { reasoning: '{}' }])).code).toBe(2);
  });
});
