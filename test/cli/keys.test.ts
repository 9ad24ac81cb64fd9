import { describe, expect, test } from 'vitest';
import { readTask } from '../../src/cli/arguments.ts';
import { type KeyDesk, type KeysTask, manageKeys, remoteKeyDesk } from '../../src/cli/keys.ts';
import { createServiceClient } from '../../src/cli/remote-client.ts';
import { sampleKey, startFixture } from '../http/fixture.ts';
import { holdTerminal } from './fixture.ts';

const NOW = new Date('2026-11-24T10:00:00Z');
const SECRET = `cotm_${'s'.repeat(43)}`;

const desk = (over: Partial<KeyDesk> = {}): KeyDesk => ({
  create: async (tenant = 'default', key) => ({ key: { ...sampleKey, ...key, tenant }, secret: SECRET }),
  list: async () => [
    sampleKey,
    { ...sampleKey, name: 'a\u001b[31mred', revokedAt: NOW },
    { ...sampleKey, expiresAt: NOW },
  ],
  revoke: async () => sampleKey,
  ...over,
});

const run = async (task: KeysTask, of = desk()) => {
  const terminal = holdTerminal();
  const code = await manageKeys(of, task, NOW, terminal);
  return { code, out: terminal.printed(), err: terminal.complained() };
};

describe('keys', () => {
  test('create prints the secret alone on standard output', async () => {
    const task = { action: 'create', tenant: 'acme', name: 'n', scopes: ['ingest'], expiresInDays: 2 } as const;
    let asked: unknown;
    const { code, out, err } = await run(
      task,
      desk({
        create: async (tenant, key) => {
          asked = { tenant, ...key };
          return { key: { ...sampleKey, tenant: 'acme' }, secret: SECRET };
        },
      }),
    );
    expect(code).toBe(0);
    expect(out).toBe(`${SECRET}\n`);
    expect(err).toContain('acme');
    expect(err).not.toContain(SECRET);
    expect(asked).toEqual({
      tenant: 'acme',
      name: 'n',
      scopes: ['ingest'],
      expiresAt: new Date('2026-11-26T10:00:00Z'),
    });
  });

  test('list shows each key with its state, control characters defused', async () => {
    const { code, out } = await run({ action: 'list', tenant: undefined });
    expect(code).toBe(0);
    expect(out).toMatch(/alive[\s\S]*revoked[\s\S]*expired/);
    expect(out).not.toContain('\u001b');
    expect(out.trimEnd().split('\n').at(-1)).toBe('3 keys, 1 of them alive.');
  });

  test('revoke of a key that is not there is exit code 1', async () => {
    const task = { action: 'revoke', tenant: undefined, id: 'x' } as const;
    expect((await run(task)).code).toBe(0);
    expect(await run(task, desk({ revoke: async () => null }))).toMatchObject({
      code: 1,
      err: expect.stringContaining('No key'),
    });
  });
});

describe('keys of a running service', () => {
  const client = async (key?: string) => {
    const { app } = await startFixture();
    const sent: string[] = [];
    const fetcher = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
      const headers = init.headers as Record<string, string>;
      sent.push(headers.authorization ?? '');
      const { pathname, search } = new URL(String(url));
      const answer = await app.inject({
        method: init.method as 'GET',
        url: pathname + search,
        headers,
        ...(init.body === undefined ? {} : { payload: String(init.body) }),
      });
      return new Response(answer.body, { status: answer.statusCode });
    };
    return { desk: remoteKeyDesk(createServiceClient({ url: 'http://monitor', key }, fetcher as typeof fetch)), sent };
  };

  test('are made, listed and revoked over REST, with the key from the environment', async () => {
    const { desk: remote, sent } = await client('my-key');
    const made = await remote.create('acme', { name: 'n', scopes: ['audit'], expiresAt: null });
    expect(made).toMatchObject({ key: { tenant: 'acme', scopes: ['audit'], createdBy: 'anonymous' } });
    expect(await remote.list(undefined)).toEqual([sampleKey]);
    expect((await remote.revoke('acme', sampleKey.id))?.revokedAt).toEqual(new Date(0));
    expect(sent).toEqual(Array.from({ length: 3 }, () => 'Bearer my-key'));
  });

  test('what the service refuses is told in its words', async () => {
    const { desk: remote } = await client();
    await expect(remote.revoke(undefined, '00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({
      message: expect.stringMatching(/404, not_found: No key/),
    });
  });
});

describe('the command line', () => {
  test.each<[string, unknown]>([
    ['keys list', { action: 'list', tenant: undefined }],
    ['keys list --tenant acme', { action: 'list', tenant: 'acme' }],
    ['keys revoke k1', { action: 'revoke', tenant: undefined, id: 'k1' }],
    [
      'keys create --name n --scopes ingest,audit,ingest --expires-in 30',
      { action: 'create', tenant: undefined, name: 'n', scopes: ['ingest', 'audit'], expiresInDays: 30 },
    ],
  ])('%s is read', (line, task) => {
    expect(readTask(line.split(' '))).toEqual({ command: 'keys', task });
  });

  test.each([
    'keys',
    'keys make',
    'keys revoke',
    'keys revoke a b',
    'keys list x',
    'keys list --name n',
    'keys create --scopes ingest',
    'keys create --name n',
    'keys create --name n --scopes root',
    'keys create --name n --scopes ingest --expires-in 0',
    'keys create --name n --scopes ingest --expires-in soon',
    'keys list --tenant=',
    'keys list --secret x',
  ])('%s is refused', (line) => {
    expect(readTask(line.split(' '))).toMatchObject({ command: 'wrong' });
  });
});
