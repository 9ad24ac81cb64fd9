import { expect, test } from 'vitest';
import { explanationOf, keepRiskiest } from '../../src/cli/explanation.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { finding, verdict } from './fixture.ts';

const explained: Verdict = verdict({
  traceId: 't-9',
  decision: 'flag',
  risk: 0.32,
  findings: [finding({ id: 'f' }), finding({ id: 'g', category: 'evaluation_awareness' })],
  drivers: {
    baseRisk: 0.0023,
    contributions: [
      { detector: 'heuristics', rule: 'a.b', view: 'reasoning', finding: 'f', logOdds: Math.log(79), evidence: [] },
      {
        detector: 'classifier',
        rule: null,
        view: 'reasoning',
        finding: null,
        logOdds: -Math.log(2),
        evidence: [{ segment: 1, start: 5, end: 9, quote: 'Tw\u001b[31m', sourcePath: '', hash: 'h' }],
      },
    ],
  },
  coverage: [
    {
      view: 'reasoning',
      segments: 2,
      unreadable: 1,
      characters: 900,
      readings: [
        { detector: 'heuristics', characters: 900 },
        { detector: 'classifier', characters: 300, windows: { all: 3, read: 1, cut: 0 }, left: 'sampled' },
        { detector: 'cross', characters: null, left: 'timeout' },
      ],
    },
  ],
});

test('an explanation says what moved the risk, by how much and on which words, and what nobody read', () => {
  const lines = explanationOf(explained).split('\n');
  expect(lines[0]).toBe('t-9: flag, risk 0.32, 0.0023 before evidence');
  expect(lines).toContainEqual(expect.stringMatching(/^ +×79 {2}heuristics a\.b \(reasoning, \w+, \w+\)$/));
  expect(lines).toContainEqual(expect.stringMatching(/^ +÷2\.0 {2}classifier \(reasoning\)$/));
  expect(lines).toContainEqual(expect.stringMatching(/^ +– .*evaluation_awareness/));
  expect(lines).toContain('  1 of 2 segments of reasoning hold no text');
  expect(lines).toContain('  classifier read 300 of 900 characters of reasoning, 1 of 3 windows (sampled)');
  expect(lines).toContain('  cross read an unknown part of reasoning (timeout)');
});

test('a trace cannot steer the terminal that shows it', () => {
  expect(explanationOf(explained)).not.toContain('\u001b');
  expect(explanationOf({ ...explained, traceId: 'a\u001b]0;x\u0007' })).not.toContain('\u001b');
});

test('a verdict of an earlier version has an explanation too', () => {
  const { drivers: _, coverage: __, ...old } = explained;
  expect(explanationOf(old)).toContain('t-9: flag, risk 0.32');
});

test('the riskiest are kept, in order, and no more of them than asked for', () => {
  const kept: Verdict[] = [];
  for (const risk of [0.1, 0.9, 0.5, 0.7]) keepRiskiest(kept, verdict({ risk }), 2);
  expect(kept.map(({ risk }) => risk)).toEqual([0.9, 0.7]);
  const none: Verdict[] = [];
  keepRiskiest(none, verdict(), 0);
  expect(none).toEqual([]);
});
