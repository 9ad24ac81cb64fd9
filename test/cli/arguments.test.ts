import { describe, expect, test } from 'vitest';
import { readTask } from '../../src/cli/arguments.ts';
import { COMMANDS, usage } from '../../src/cli/commands.ts';

describe('the command line', () => {
  test.each([
    [[], { command: 'help' }],
    [['--help'], { command: 'help' }],
    [['-h'], { command: 'help' }],
    [['scan', '--help'], { command: 'help' }],
    [['-v'], { command: 'version' }],
    [['serve'], { command: 'serve' }],
    [['migrate'], { command: 'migrate' }],
    [['config'], { command: 'config', json: false }],
    [['config', '--json'], { command: 'config', json: true }],
  ])('%j is understood', (args, task) => {
    expect(readTask(args)).toEqual(task);
  });

  test('scan takes files and options in any order', () => {
    const options = { files: ['a', 'b'], format: 'gemini', out: 'o', failOn: 'alert', quiet: true, explain: 5 };
    const args = ['scan', '--quiet', 'a', '--format', 'gemini', '--out=o', 'b', '--fail-on', 'alert'];
    expect(readTask(args)).toEqual({ command: 'scan', options });
    expect(readTask([...args, '--explain', '0'])).toEqual({ command: 'scan', options: { ...options, explain: 0 } });
    for (const bad of ['-1', 'x', '', '1001']) {
      expect(readTask(['scan', 'a', `--explain=${bad}`])).toMatchObject({ command: 'wrong' });
    }
  });

  test('replay has a tenant and a limit without being told', () => {
    expect(readTask(['replay'])).toEqual({
      command: 'replay',
      options: { tenant: 'default', limit: 100_000, out: undefined },
    });
  });

  test('eval has a seed and a grouping without being told', () => {
    const outputs = { out: undefined, html: undefined, markdown: undefined };
    const rest = { seed: 1, negatives: undefined, groupBy: 'source', keepOut: [], leaveOneOut: undefined };
    expect(readTask(['eval', 'a'])).toEqual({ command: 'eval', options: { files: ['a'], ...outputs, ...rest } });
    expect(readTask(['eval', 'a', '--seed', '0', '--negatives', 'all', '--group-by', 'stance'])).toMatchObject({
      options: { seed: 0, negatives: 'all', groupBy: 'stance' },
    });
  });

  test('eval retrains only where it is told what to leave out, and takes any number of families to keep out', () => {
    expect(
      readTask(['eval', 'a', '--leave-one-out', 'family', '--cache', 'c', '--keep-out', 'f', '--keep-out', 'g']),
    ).toMatchObject({
      options: { leaveOneOut: { by: ['family'], seeds: 3, cache: 'c' }, keepOut: ['f', 'g'] },
    });
    expect(readTask(['eval', 'a', '--leave-one-out', 'source', '--seeds', '5'])).toMatchObject({
      options: { leaveOneOut: { by: ['source'], seeds: 5 } },
    });
  });

  test('calibrate wants 1% unless told', () => {
    const options = { files: ['a'], fpr: 0.01, byCategory: false, judge: undefined, out: undefined };
    expect(readTask(['calibrate', 'a'])).toEqual({ command: 'calibrate', options });
    expect(readTask(['calibrate', '--by', 'category', '--fpr', '1e-3', 'a'])).toMatchObject({
      options: { fpr: 0.001, byCategory: true },
    });
  });

  test.each([
    [['dance']],
    [['scan']],
    [['scan', 'a', '--fail-on', 'record']],
    [['scan', 'a', '--nonsense']],
    [['serve', 'now']],
    [['config', '--yaml']],
    [['replay', '--limit', '0']],
    [['replay', '--limit', 'many']],
    [['replay', 'file']],
    [['eval']],
    [['stress']],
    [['stress', 'a', '--attacks', 'flattery']],
    [['stress', 'a', '--sample', '0']],
    [['eval', 'a', '--leave-one-out', 'row']],
    [['eval', 'a', '--leave-one-out', 'family', '--seeds', '0']],
    [['eval', 'a', '--seed', '-1']],
    [['eval', 'a', '--seed=']],
    [['eval', 'a', '--seed', '1.5']],
    [['eval', 'a', '--seed', '4294967296']],
    [['eval', 'a', '--negatives', 'some']],
    [['eval', 'a', '--group-by', 'constructor']],
    [['demo', '--rate', '2']],
    [['demo', '--count', '1']],
    [['demo', '--live', '--rate', '0']],
    [['demo', '--live', '--rate', 'x']],
    [['demo', '--live', '--rate', '1001']],
    [['demo', '--live', '--count', '-1']],
    [['demo', '--live', '--count', '1.5']],
    [['calibrate']],
    [['calibrate', 'a', '--fpr', '0']],
    [['calibrate', 'a', '--fpr', '1']],
    [['calibrate', 'a', '--fpr', 'x']],
    [['calibrate', 'a', '--by', 'family']],
  ])('%j is refused with a reason', (args) => {
    const task = readTask(args);
    expect(task.command).toBe('wrong');
    expect((task as { problem: string }).problem).not.toBe('');
  });

  test('demo makes a week, or traffic without an end at two traces a second', () => {
    expect(readTask(['demo', '--seed', '3'])).toEqual({ command: 'demo', options: { seed: 3 } });
    expect(readTask(['demo', '--live'])).toEqual({ command: 'live-demo', options: { seed: 1, rate: 2, count: 0 } });
    expect(readTask(['demo', '--live', '--rate', '0.5', '--count', '9'])).toMatchObject({
      options: { rate: 0.5, count: 9 },
    });
  });

  test('every command that is listed is understood', () => {
    for (const { name } of COMMANDS) expect(readTask([name, 'file']).command).not.toBe('help');
    for (const { name } of COMMANDS) {
      const task = readTask([name]);
      expect('problem' in task ? task.problem : '').not.toContain('no command');
    }
  });

  test('help names every command once, with how it is used', () => {
    for (const command of COMMANDS) expect(usage().split(`cot-monitor ${command.usage}\n`)).toHaveLength(2);
  });
});
