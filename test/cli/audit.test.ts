import { describe, expect, test } from 'vitest';
import { readTask } from '../../src/cli/arguments.ts';
import { localAuditors, remoteAuditors, verifyAudit } from '../../src/cli/audit.ts';
import { createServiceClient } from '../../src/cli/remote-client.ts';
import type { AuditReport } from '../../src/record/contract.ts';
import { startFixture } from '../http/fixture.ts';
import { holdTerminal, lastLine } from './fixture.ts';

const HASH = 'a'.repeat(64);
const whole = (tenant: string): AuditReport => ({ tenant, entries: 3, end: { seq: 3, hash: HASH }, break: null });
const ALL = { tenant: undefined, anchor: undefined };

const run = async (reports: Readonly<Record<string, AuditReport>>, task = ALL as Parameters<typeof verifyAudit>[1]) => {
  const terminal = holdTerminal();
  const store = {
    verifyAudit: async (tenant: string) => reports[tenant]!,
    chainedTenants: async () => Object.keys(reports),
  };
  const code = await verifyAudit(localAuditors(store), task, terminal);
  return { code, out: terminal.printed() };
};

describe('audit verify', () => {
  test('of chains that are whole is exit code 0, with the end of each', async () => {
    const { code, out } = await run({ a: whole('a'), b: { ...whole('b'), entries: 0, end: null } });
    expect(code).toBe(0);
    expect(out).toContain(`a: whole, 3 entries, end 3:${HASH}\n`);
    expect(lastLine(out)).toBe('Verified 2 audit chains: all whole.');
  });

  test('of a broken chain is exit code 1, says where, and still looks at the others', async () => {
    const broken = { ...whole('a\u001b[2J'), break: { seq: 4, reason: 'altered' } } as const;
    const { code, out } = await run({ a: broken, b: whole('b') });
    expect(code).toBe(1);
    expect(out).toContain('BROKEN at entry 4 (altered); 3 entries before it are sound');
    expect(out).not.toContain('\u001b');
    expect(out).toContain('b: whole');
    expect(lastLine(out)).toBe('Verified 2 audit chains: 1 broken.');
  });

  test('asks a running service, anchor and all', async () => {
    const { app } = await startFixture();
    const asked: string[] = [];
    const fetcher = async (url: unknown): Promise<Response> => {
      const path = String(url).replace('http://monitor', '');
      asked.push(path);
      const answer = await app.inject(path);
      return new Response(answer.body, { status: answer.statusCode });
    };
    const client = createServiceClient({ url: 'http://monitor', key: undefined }, fetcher as typeof fetch);
    const terminal = holdTerminal();
    const task = { tenant: 'acme', anchor: { seq: 2, hash: HASH } };
    expect(await verifyAudit(remoteAuditors(client), task, terminal)).toBe(0);
    expect(asked).toEqual([`/v1/audit/verification?tenant=acme&anchor=2%3A${HASH}`]);
    expect(terminal.printed()).toContain('acme: whole, 2 entries');
  });

  test.each<[string, object]>([
    ['audit verify', ALL],
    ['audit verify --tenant a', { tenant: 'a', anchor: undefined }],
    [`audit verify --tenant a --anchor 12:${HASH}`, { tenant: 'a', anchor: { seq: 12, hash: HASH } }],
  ])('%s is read', (line, task) => {
    expect(readTask(line.split(' '))).toEqual({ command: 'audit', task });
  });

  test.each([
    'audit',
    'audit check',
    'audit verify x',
    'audit verify --tenant a --anchor 1',
    `audit verify --anchor 1:${HASH}`,
  ])('%s is refused', (line) => {
    expect(readTask(line.split(' '))).toMatchObject({ command: 'wrong' });
  });
});
