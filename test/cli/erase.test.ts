import { describe, expect, test } from 'vitest';
import { readTask } from '../../src/cli/arguments.ts';
import { eraseWords, localErase, remoteErase } from '../../src/cli/erase.ts';
import type { Erasure } from '../../src/record/erasure/contract.ts';
import { holdTerminal } from './fixture.ts';

describe('erase', () => {
  test('asks the store in the name of the command line, and ends with what was done', async () => {
    const asked: Erasure[] = [];
    const store = {
      erase: async (erasure: Erasure) => {
        asked.push(erasure);
        return { id: 'e-1', traces: 7, held: 2 };
      },
    };
    const terminal = holdTerminal();
    const task = { tenant: undefined, target: { kind: 'conversation', id: 'c' }, reason: 'r', skipHeld: true } as const;
    expect(await eraseWords(localErase(store, 'default'), task, terminal)).toBe(0);
    expect(asked).toEqual([
      { tenant: 'default', target: task.target, reason: 'r', skipHeld: true, by: 'command line' },
    ]);
    expect(terminal.printed()).toBe(
      'Erased the words of 7 traces; the audit chain has it as e-1. 2 more are under a legal hold and stay.\n',
    );
  });

  test('asks a running service with the same words', async () => {
    let sent: unknown;
    const client = {
      call: async <T>(
        _method: string,
        _path: string,
        schema: { parse(value: unknown): T },
        body?: unknown,
      ): Promise<T> => {
        sent = body;
        return schema.parse({ id: 'e-1', traces: 0, held: 0 });
      },
    };
    const target = { kind: 'label', name: 'user', value: 'u=1' } as const;
    await remoteErase(client)({ tenant: 'acme', target, reason: 'r', skipHeld: false });
    expect(sent).toEqual({ tenant: 'acme', target, reason: 'r', skipHeld: false });
  });

  test.each<[string, object]>([
    [
      'erase --conversation c --reason r',
      { tenant: undefined, target: { kind: 'conversation', id: 'c' }, reason: 'r', skipHeld: false },
    ],
    [
      'erase --label user=a=b --reason r --tenant t --skip-held',
      { tenant: 't', target: { kind: 'label', name: 'user', value: 'a=b' }, reason: 'r', skipHeld: true },
    ],
    [
      'erase --everything --tenant t --reason r',
      { tenant: 't', target: { kind: 'tenant' }, reason: 'r', skipHeld: false },
    ],
  ])('%s is read', (line, task) => {
    expect(readTask(line.split(' '))).toEqual({ command: 'erase', task });
  });

  test.each([
    'erase',
    'erase --reason r',
    'erase --conversation c',
    'erase --conversation c --everything --tenant t --reason r',
    'erase --label user --reason r',
    'erase --label =x --reason r',
    'erase --everything --reason r',
  ])('%s is refused', (line) => {
    expect(readTask(line.split(' '))).toMatchObject({ command: 'wrong' });
  });
});
