import { expect, test } from 'vitest';
import type { Detector } from '../../src/detectors/contract.ts';
import { createLocate } from '../../src/detectors/locate.ts';
import { evidenceAt } from '../../src/domain/evidence.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { createLogger } from '../../src/observe/log.ts';
import { sampleVerdict } from '../http/fixture.ts';
import { trace } from '../support/traces.ts';

const subject = trace(['reasoning', 'One. Two. Three.']);
const window = evidenceAt(subject, { segment: 0, start: 0, end: 16 });
const part = { detector: 'classifier', rule: null, view: 'reasoning', finding: null, evidence: [window] } as const;
const verdictWith = (logOdds: number, decision: Verdict['decision']): Verdict => ({
  ...sampleVerdict,
  decision,
  findings: [],
  drivers: { baseRisk: 0.01, contributions: [{ ...part, logOdds }] },
});

const setUp = (locate: Detector['locate']) => {
  let asked = 0;
  const classifier = {
    name: 'classifier',
    locate: (...task: Parameters<NonNullable<Detector['locate']>>) => {
      asked++;
      return locate!(...task);
    },
  } as Detector;
  const log = createLogger('error', { write: () => {} });
  return { asked: () => asked, run: createLocate({ detectors: [classifier], deadlineMs: 50, log }) };
};

const second = async () => [{ segment: 0, start: 5, end: 9 }];

test('windows of a flagged trace become the sentences that drove them, quoted exactly', async () => {
  const { drivers } = await setUp(second).run(subject, verdictWith(1, 'flag'));
  expect(drivers!.contributions[0]!.evidence).toMatchObject([{ start: 5, end: 9, quote: 'Two.' }]);
});

test('so do those of a score that tells much by itself, and nobody else pays for it', async () => {
  const { run, asked } = setUp(second);
  await run(subject, verdictWith(3, 'clear'));
  expect(asked()).toBe(1);
  const quiet = verdictWith(1, 'clear');
  expect(await run(subject, quiet)).toBe(quiet);
  expect(asked()).toBe(1);
});

test('a detector that fails leaves the verdict as it was', async () => {
  const flagged = verdictWith(1, 'flag');
  expect(await setUp(() => Promise.reject(new Error('no'))).run(subject, flagged)).toBe(flagged);
});
