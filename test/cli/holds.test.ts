import { describe, expect, test } from 'vitest';
import { readTask } from '../../src/cli/arguments.ts';
import { localHoldDesk, manageHolds } from '../../src/cli/holds.ts';
import { runRetention } from '../../src/cli/retention.ts';
import type { Holds, LegalHold } from '../../src/record/retention/contract.ts';
import { holdTerminal } from './fixture.ts';

const hold: LegalHold = {
  id: 'h-1',
  target: { kind: 'label', name: 'user', value: 'u-1' },
  reason: 'm 1',
  placedBy: 'key:k',
  placedAt: new Date('2026-11-24T10:00:00Z'),
  releasedBy: null,
  releasedAt: null,
  releaseReason: null,
};

const holds: Holds = {
  place: async (tenant, target, reason, by) => ({ ...hold, id: tenant, target, reason, placedBy: by }),
  list: async () => [hold],
  release: async (_tenant, id) => (id === 'h-1' ? hold : id === 'h-2' ? 'released' : null),
};

describe('holds', () => {
  test('says what was placed, what there is, and what was released', async () => {
    const terminal = holdTerminal();
    const desk = localHoldDesk(holds, 'default');
    const target = { kind: 'conversation', id: 'c' } as const;
    expect(await manageHolds(desk, { action: 'place', tenant: undefined, target, reason: 'r' }, terminal)).toBe(0);
    expect(await manageHolds(desk, { action: 'list', tenant: undefined }, terminal)).toBe(0);
    const release = (id: string) =>
      manageHolds(desk, { action: 'release', tenant: undefined, id, reason: 'r' }, terminal);
    expect([await release('h-1'), await release('h-2'), await release('h-3')]).toEqual([0, 1, 1]);
    const printed = terminal.printed();
    expect(printed).toContain('Placed hold default on conversation c.\n');
    expect(printed).toContain('1 legal holds, 1 of them in force.');
    expect(printed).toContain('Released hold h-1 on label user=u-1.\n');
  });

  test.each<[string, object]>([
    [
      'holds place --label user=a=b --reason m',
      { action: 'place', tenant: undefined, target: { kind: 'label', name: 'user', value: 'a=b' }, reason: 'm' },
    ],
    ['holds list --tenant t', { action: 'list', tenant: 't' }],
    ['holds release h-1 --reason m', { action: 'release', tenant: undefined, id: 'h-1', reason: 'm' }],
  ])('%s is read', (line, task) => {
    expect(readTask(line.split(' '))).toEqual({ command: 'holds', task });
  });

  test.each([
    'holds',
    'holds place --reason m',
    'holds place --conversation c',
    'holds place --everything --reason m',
    'holds release --reason m',
    'holds release h-1',
    'holds release h-1 --conversation c --reason m',
    'holds list h-1',
    'holds lift h-1',
    'retention',
    'retention run now',
  ])('%s is refused', (line) => {
    expect(readTask(line.split(' '))).toMatchObject({ command: 'wrong' });
  });
});

test('retention run says what went, and by its exit code whether something is left', async () => {
  const terminal = holdTerminal();
  const gone = { text: 3, words: 2, verdicts: 1 };
  expect(await runRetention(async () => ({ gone, complete: true }), terminal)).toBe(0);
  expect(await runRetention(async () => ({ gone, complete: false }), terminal)).toBe(1);
  expect(terminal.printed()).toContain('Took the text of 3 traces, the words of 2 and the verdicts of 1; nothing else');
});
