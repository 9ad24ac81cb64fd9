import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ReadKept, type ReplayOptions, replay } from '../../src/cli/replay.ts';
import type { Trace } from '../../src/domain/trace.ts';
import type { Decision } from '../../src/domain/verdict.ts';
import type { StoredTrace } from '../../src/record/contract.ts';
import { sampleTurn } from '../http/fixture.ts';
import { holdTerminal, lastLine, makeFolder, verdict } from './fixture.ts';

const stored = (traceId: string, was: Decision, changes: Partial<StoredTrace> = {}): StoredTrace => ({
  ...sampleTurn,
  traceId,
  verdict: verdict({ decision: was }),
  ...changes,
});

/** Serves the traces in pages of at most two, noting what was asked for. */
const pages = (traces: readonly StoredTrace[]): { read: ReadKept; limits: number[] } => {
  const limits: number[] = [];
  const read: ReadKept = async (_tenant, { limit, cursor }) => {
    limits.push(limit);
    const from = Number(cursor ?? 0);
    const to = from + Math.min(limit, 2);
    return { items: traces.slice(from, to), next: to < traces.length ? String(to) : null };
  };
  return { read, limits };
};

const run = async (traces: readonly StoredTrace[], now: Decision, changes: Partial<ReplayOptions> = {}) => {
  const terminal = holdTerminal();
  const seen: Trace[] = [];
  const { read, limits } = pages(traces);
  const assessor = {
    reassess: async (trace: Trace) => {
      seen.push(trace);
      return verdict({ decision: now });
    },
  };
  const code = await replay(assessor, read, { tenant: 'acme', limit: 1000, out: undefined, ...changes }, terminal);
  return { code, seen, limits, printed: terminal.printed() };
};

describe('replay', () => {
  test('sets what was decided beside what would be, over all pages', async () => {
    const traces = [stored('a', 'clear'), stored('b', 'flag'), stored('c', 'clear')];
    const { code, seen, printed } = await run(traces, 'flag');
    expect(code).toBe(0);
    expect(seen.map((t) => [t.id, t.tenant])).toEqual([
      ['a', 'acme'],
      ['b', 'acme'],
      ['c', 'acme'],
    ]);
    expect(printed).toMatch(/^clear +0 +0 +0 +2 +0$/m);
    expect(lastLine(printed)).toBe('Replayed 3 stored traces: 2 would be decided otherwise today.');
  });

  test('writes one line for each change, without text', async () => {
    const out = join(makeFolder(), 'changes.jsonl');
    await run([stored('a', 'clear'), stored('b', 'flag')], 'flag', { out });
    const [line, rest] = readFileSync(out, 'utf8').split('\n');
    expect(JSON.parse(line ?? '')).toMatchObject({
      traceId: 'a',
      was: { decision: 'clear' },
      now: { decision: 'flag' },
    });
    expect(rest).toBe('');
    expect(line).not.toMatch(/quote|segments/);
  });

  test('passes over traces whose text was not kept', async () => {
    const { seen, printed } = await run([stored('a', 'clear', { segments: null }), stored('b', 'clear')], 'clear');
    expect(seen.map((t) => t.id)).toEqual(['b']);
    expect(lastLine(printed)).toContain('Replayed 1 stored traces: 0');
  });

  test('stops at its limit, and asks for no more than is left', async () => {
    const { seen, limits } = await run(
      ['a', 'b', 'c', 'd', 'e'].map((id) => stored(id, 'clear')),
      'clear',
      { limit: 3 },
    );
    expect(seen).toHaveLength(3);
    expect(limits).toEqual([3, 1]);
  });

  test('refuses a path that cannot be written before it reads anything', async () => {
    const out = join(makeFolder(), 'no', 'such');
    await expect(run([stored('a', 'clear')], 'clear', { out })).rejects.toMatchObject({ code: 'unwritable_output' });
  });

  test('an empty store is no error', async () => {
    expect(lastLine((await run([], 'clear')).printed)).toBe(
      'Replayed 0 stored traces: 0 would be decided otherwise today.',
    );
  });
});
