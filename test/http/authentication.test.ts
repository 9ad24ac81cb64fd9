import { describe, expect, onTestFinished, test } from 'vitest';
import { CodedError } from '../../src/domain/errors.ts';
import { sha256 } from '../../src/domain/ids.ts';
import { type AuthenticationDeps, createAuthentication, REMEMBERED_MS } from '../../src/http/authentication.ts';
import { createLogger } from '../../src/observe/log.ts';
import type { ApiKey } from '../../src/record/contract.ts';
import { sampleKey } from './fixture.ts';

const secretOf = (letter: string): string => `cotm_${letter.repeat(43)}`;
const OPERATOR = 'an-operator-key-of-more-than-32-characters';

const setUp = (over: Partial<AuthenticationDeps> = {}) => {
  const state = { now: new Date('2026-11-24T10:00:00Z') };
  const stored = new Map<string, ApiKey>();
  const asked: string[] = [];
  const noted: ReadonlyMap<string, Date>[] = [];
  const authentication = createAuthentication({
    keys: {
      find: async (hash) => {
        asked.push(hash);
        return stored.get(hash) ?? null;
      },
      noteUse: async (uses) => void noted.push(uses),
    },
    operatorKeyHash: sha256(OPERATOR),
    verifyToken: undefined,
    clock: () => state.now,
    log: createLogger('silent'),
    ...over,
  });
  onTestFinished(() => authentication.close());
  const add = (letter: string, key: Partial<ApiKey> = {}): void =>
    void stored.set(sha256(secretOf(letter)), { ...sampleKey, ...key });
  const bearer = (credential: string) => authentication.identify({ authorization: `Bearer ${credential}` });
  return { authentication, add, stored, asked, noted, state, bearer };
};

const UNAUTHENTICATED = { code: 'unauthenticated' };

describe('a key', () => {
  test('says whose it is, in either header', async () => {
    const { authentication, add, bearer } = setUp();
    add('a', { tenant: 'acme', scopes: ['audit'] });
    const who = { tenant: 'acme', actor: `key:${sampleKey.id}`, scopes: ['audit'], operator: false };
    expect(await bearer(secretOf('a'))).toEqual(who);
    expect(await authentication.identify({ 'x-api-key': secretOf('a') })).toEqual(who);
    expect(await authentication.identify({ authorization: `bearer  ${secretOf('a')} ` })).toEqual(who);
  });

  test.each<[string, Partial<ApiKey>]>([
    ['that was revoked', { revokedAt: new Date('2026-11-24T09:59:59Z') }],
    ['that has expired', { expiresAt: new Date('2026-11-24T10:00:00Z') }],
  ])('%s is refused', async (_, key) => {
    const { add, bearer } = setUp();
    add('a', key);
    await expect(bearer(secretOf('a'))).rejects.toMatchObject(UNAUTHENTICATED);
  });

  test('expires while it is remembered', async () => {
    const { add, bearer, state } = setUp();
    add('a', { expiresAt: new Date('2026-11-24T10:00:01Z') });
    await bearer(secretOf('a'));
    state.now = new Date('2026-11-24T10:00:01Z');
    await expect(bearer(secretOf('a'))).rejects.toMatchObject(UNAUTHENTICATED);
  });

  test('is looked up once in a while, and at once after a revocation here', async () => {
    const { authentication, add, bearer, asked, stored, state } = setUp();
    add('a');
    for (let i = 0; i < 5; i++) await bearer(secretOf('a'));
    expect(asked).toHaveLength(1);
    state.now = new Date(state.now.getTime() + REMEMBERED_MS);
    await bearer(secretOf('a'));
    expect(asked).toHaveLength(2);
    stored.clear();
    authentication.forget();
    await expect(bearer(secretOf('a'))).rejects.toMatchObject(UNAUTHENTICATED);
  });

  test('that is unknown is not looked up again and again, and a store that fails is asked again', async () => {
    const { bearer, asked } = setUp();
    for (let i = 0; i < 5; i++) await expect(bearer(secretOf('z'))).rejects.toMatchObject(UNAUTHENTICATED);
    expect(asked).toHaveLength(1);
    let calls = 0;
    const find = async () => {
      calls += 1;
      throw new CodedError('store_unavailable', 'The store cannot be reached.');
    };
    const failing = setUp({ keys: { find, noteUse: async () => {} } });
    for (let i = 0; i < 2; i++) {
      await expect(failing.bearer(secretOf('a'))).rejects.toMatchObject({ code: 'store_unavailable' });
    }
    expect(calls).toBe(2);
  });

  test('has its last use noted at the end', async () => {
    const { authentication, add, bearer, noted, state } = setUp();
    add('a');
    await bearer(secretOf('a'));
    await authentication.close();
    expect(noted).toEqual([new Map([[sampleKey.id, state.now]])]);
  });

  test('of the operator has every scope', async () => {
    expect(await setUp().bearer(OPERATOR)).toMatchObject({
      actor: 'operator',
      operator: true,
      scopes: ['ingest', 'audit', 'admin'],
    });
  });
});

describe('refused is', () => {
  test.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['an empty header', { authorization: '' }],
    ['another scheme', { authorization: `Basic ${secretOf('a')}` }],
    ['a scheme alone', { authorization: 'Bearer ' }],
    ['a key with a tail', { authorization: `Bearer ${secretOf('a')}x` }],
    ['two keys in one header', { authorization: `Bearer ${secretOf('a')}, Bearer ${secretOf('a')}` }],
    ['a credential in each header', { authorization: `Bearer ${secretOf('a')}`, 'x-api-key': secretOf('a') }],
    ['an endless one', { authorization: `Bearer ${'x'.repeat(20_000)}` }],
    ['the hash of a key', { authorization: `Bearer ${sha256(secretOf('a'))}` }],
    ['an injection', { 'x-api-key': "' or true --" }],
  ])('%s', async (_, headers) => {
    const { authentication, add } = setUp();
    add('a');
    await expect(authentication.identify(headers)).rejects.toMatchObject(UNAUTHENTICATED);
  });
});
