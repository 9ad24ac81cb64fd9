import { describe, expect, test } from 'vitest';
import { type BacktestTask, readBacktest, readChanges, remoteBacktest, runBacktest } from '../../src/cli/backtest.ts';
import { createBacktest } from '../../src/report/backtest.ts';
import { sampleVerdict } from '../http/fixture.ts';
import { holdTerminal, lastLine, writeRows } from './fixture.ts';

const now = new Date('2026-12-01T00:00:00Z');
const stored = (traceId: string) => ({
  traceId,
  model: { provider: null, name: 'o\u001b1', version: null },
  verdict: sampleVerdict,
  text: 'kept' as const,
});
const task: BacktestTask = { tenant: undefined, policy: 'p', from: new Date(0), to: undefined, limit: 100 };

describe('backtest', () => {
  test('reads the verdicts page by page and its last line sums up', async () => {
    const terminal = holdTerminal();
    const queries: unknown[] = [];
    const read = async (tenant: string, query: { cursor?: string | undefined; to: Date }) => {
      queries.push([tenant, query.cursor, query.to]);
      const first = query.cursor === undefined;
      return { items: [stored(first ? 'a' : 'b')], next: first ? 'c' : null, previous: null };
    };
    expect(await runBacktest({ read, redecide: () => 'flag', terminal, now, tenant: 'default' }, task)).toBe(0);
    expect(queries).toEqual([
      ['default', undefined, now],
      ['default', 'c', now],
    ]);
    const printed = terminal.printed();
    expect(printed).toContain('alert → flag: 2, such as a, b');
    expect(printed).not.toContain('\u001b');
    expect(lastLine(printed)).toBe('Decided 2 stored verdicts anew: 2 would change.');
  });

  test('prints what a service reports, and says what it answered instead', async () => {
    const backtest = createBacktest(() => 'flag');
    backtest.add(stored('a'));
    const report = `{"event":"progress"}\n${JSON.stringify({ event: 'report', ...backtest.report(), complete: false })}\n`;
    const run = (text: string) => {
      const terminal = holdTerminal();
      const fetcher = async () => new Response(text);
      const deps = { address: { url: 'http://x', key: undefined }, fetcher, terminal, now };
      return remoteBacktest(deps, {}, task).then(() => terminal.printed());
    };
    expect(lastLine(await run(report))).toBe(
      'Decided 1 stored verdicts anew: 1 would change; there are more in this period.',
    );
    await expect(run('{"code":"forbidden","detail":"no"}')).rejects.toThrow(/forbidden: no/);
    await expect(run('<html>')).rejects.toMatchObject({ code: 'unreadable_input' });
  });

  test.each([
    [['--policy', 'p', '--from', '2026-11-01'], { policy: 'p', from: new Date('2026-11-01'), limit: 100_000 }],
    [['--from', '2026-11-01'], 'backtest needs --policy FILE'],
    [['--policy', 'p', '--from', 'monday'], expect.stringContaining('--from')],
    [['--policy', 'p', '--from', '2026-11-01', '--to', '1'], expect.stringContaining('--to')],
    [['--policy', 'p', '--from', '2026-11-01', '--limit', '0'], expect.stringContaining('--limit')],
  ])('%j is understood', (args, expected) => {
    const read = readBacktest(args);
    if (typeof read === 'string') expect(read).toEqual(expected);
    else expect(read).toMatchObject(expected as object);
  });

  test('a file of changes must hold fields', () => {
    expect(readChanges(writeRows(['thresholds: { flag: 0.6 }'], 'p.yaml'))).toEqual({ thresholds: { flag: 0.6 } });
    for (const text of ['- 1', 'x', 'a: [', '']) {
      expect(() => readChanges(writeRows([text], 'p.yaml'))).toThrow(/p\.yaml/);
    }
  });
});
