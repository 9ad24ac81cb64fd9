import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { flagIdOf } from '../../../src/domain/ids.ts';
import type { TrailQuery } from '../../../src/record/auditing/contract.ts';
import { NOON, recordOf } from '../records.ts';
import { BACKENDS, usePostgres, useStore } from '../stores.ts';

usePostgres();

describe.each(BACKENDS)('the audit log (%s)', (backend) => {
  const t = useStore(backend, { keepTraceShare: 1 });

  const at = (minutes: number): Date => new Date(NOON.getTime() + minutes * 60_000);
  const view = (tenant: string, actor: string, subject: string) =>
    t.store.auditAccess({ tenant, actor, action: 'view', what: 'conversation', subject });

  /** One of each: two verdicts, two views by two people, a review, a suppression, an erasure. */
  const week = async (): Promise<string> => {
    const tenant = t.tenant();
    const trace = { conversationId: 'c-9' };
    t.now = at(0);
    await t.store.write([recordOf({ tenant, id: 'a', decision: 'flag', trace }), recordOf({ tenant, id: 'b' })]);
    t.now = at(1);
    await view(tenant, 'oidc:jane', 'c-9');
    t.now = at(2);
    await view(tenant, 'key:"}, \u{1f600}', 'c-1');
    t.now = at(3);
    await t.store.reviews.add(tenant, flagIdOf(tenant, 'a'), {
      outcome: 'confirmed',
      note: 'n',
      reviewer: 'oidc:jane',
    });
    t.now = at(4);
    await t.store.suppressions.add(
      tenant,
      { kind: 'conversation', value: 'c-9', reason: '"by":"oidc:jane"', owner: 'o', expiresAt: at(999) },
      'key:k2',
    );
    t.now = at(5);
    await t.store.erase({ tenant, target: { kind: 'conversation', id: 'c-9' }, by: 'key:k2', reason: 'r' });
    t.now = NOON;
    return tenant;
  };

  const seqs = async (tenant: string, query: Partial<TrailQuery>): Promise<number[]> =>
    (await t.store.trail.entries(tenant, { limit: 200, ...query })).items.map(({ seq }) => seq);

  test('is read latest first, with who did what to what', async () => {
    const tenant = await week();
    const { items } = await t.store.trail.entries(tenant, { limit: 200 });
    expect(items.map(({ action, actor, subject }) => [action, actor, subject]).slice(2)).toEqual([
      ['suppression', 'key:k2', expect.any(String)],
      ['review', 'oidc:jane', flagIdOf(tenant, 'a')],
      ['view', 'key:"}, \u{1f600}', 'c-1'],
      ['view', 'oidc:jane', 'c-9'],
      ['verdict', null, 'b'],
      ['verdict', null, 'a'],
    ]);
    expect(items.slice(0, 2).map(({ action, details }) => [action, details?.action])).toEqual([
      ['erasure', 'finished'],
      ['erasure', 'erased'],
    ]);
    expect(items[0]).toMatchObject({ seq: 8, at: at(5) });
  });

  test('is found by actor, action, time, subject, and all of them at once', async () => {
    const tenant = await week();
    expect(await seqs(tenant, { actor: 'oidc:jane' })).toEqual([5, 3]);
    expect(await seqs(tenant, { actor: 'key:"}, \u{1f600}' })).toEqual([4]);
    expect(await seqs(tenant, { actor: 'key:k2' })).toEqual([8, 7, 6]);
    expect(await seqs(tenant, { actor: 'nobody' })).toEqual([]);
    expect(await seqs(tenant, { action: ['view', 'review'] })).toEqual([5, 4, 3]);
    expect(await seqs(tenant, { from: at(1), to: at(3) })).toEqual([4, 3]);
    expect(await seqs(tenant, { subject: 'a' })).toEqual([1]);
    expect(await seqs(tenant, { subject: '\u0000' })).toEqual([]);
    expect(await seqs(tenant, { actor: 'oidc:jane', action: ['view'], from: at(1) })).toEqual([3]);
  });

  test('of a conversation holds what was done to it, to its traces and to their flags', async () => {
    const tenant = await week();
    expect(await seqs(tenant, { conversationId: 'c-9' })).toEqual([8, 7, 6, 5, 3, 1]);
    expect(await seqs(tenant, { conversationId: 'c-8' })).toEqual([]);
    expect(await seqs(tenant, { conversationId: '\ud800' })).toEqual([]);
  });

  test('is paged both ways without a gap or a repeat, also while it grows', async () => {
    const tenant = t.tenant();
    for (let i = 0; i < 7; i++) await view(tenant, 'key:k', `c-${i}`);
    const first = await t.store.trail.entries(tenant, { limit: 3 });
    await view(tenant, 'key:k', 'c-new');
    const second = await t.store.trail.entries(tenant, { limit: 3, cursor: first.next! });
    const third = await t.store.trail.entries(tenant, { limit: 3, cursor: second.next! });
    const seqsOf = ({ items }: { items: readonly { seq: number }[] }) => items.map(({ seq }) => seq);
    expect([first, second, third].map(seqsOf)).toEqual([[7, 6, 5], [4, 3, 2], [1]]);
    expect(third.next).toBeNull();
    const back = await t.store.trail.entries(tenant, { limit: 3, cursor: third.previous! });
    expect(seqsOf(back)).toEqual([4, 3, 2]);
  });

  test.each([
    ['another list’s', Buffer.from('["flags","next",1,"1"]').toString('base64url')],
    ['no number', Buffer.from('["audit","next",1,"1; drop table"]').toString('base64url')],
    ['one too large', Buffer.from(`["audit","next",1,"${'9'.repeat(30)}"]`).toString('base64url')],
    ['nothing', 'x'],
  ])('refuses a broken cursor: %s', async (_, cursor) => {
    await expect(t.store.trail.entries('default', { limit: 1, cursor })).rejects.toMatchObject({
      code: 'invalid_cursor',
    });
  });

  test('shows one that was tampered with as it stands, and does not fail on it', async () => {
    const tenant = await week();
    await sql`update audit_log set body = 'no json', kind = 'odd' where tenant = ${tenant} and seq = 4`.execute(
      t.connection.db,
    );
    const { items } = await t.store.trail.entries(tenant, { limit: 200 });
    expect(items.find(({ seq }) => seq === 4)).toMatchObject({ action: 'odd', details: null, actor: null });
  });

  test('tells the verdicts that a trace had, oldest first', async () => {
    const tenant = t.tenant();
    const record = recordOf({ tenant, id: 'a', decision: 'flag', verdict: { status: 'provisional' } });
    await t.store.write([
      { ...record, judging: { cause: 'band', priority: 1, alertNow: false } },
      recordOf({ tenant, id: 'b' }),
    ]);
    const [job] = (await t.store.judging.claim({ limit: 50, perTenant: 50, leaseMs: 60_000 })).filter(
      ({ trace }) => trace.tenant === tenant,
    );
    await t.store.judging.complete(job!, {
      verdict: { ...record.verdict, status: 'final', decision: 'record', risk: 0.2 },
      outcome: 'clear',
      model: 'm',
      prompt: 'p',
      dead: false,
      bill: { calls: 1, promptTokens: 1, completionTokens: 1, costUsd: null },
    });
    const past = await t.store.trail.verdicts(tenant, ['a', 'b', 'nobody']);
    expect([...past.keys()]).toEqual(['a', 'b']);
    expect(past.get('a')).toMatchObject([
      { seq: 1, status: 'provisional', decision: 'flag', risk: 0.9, assessment: 'assessed' },
      { seq: 3, status: 'final', decision: 'record', risk: 0.2, versions: { rules: 'r1' } },
    ]);
    expect((await t.store.trail.verdicts('somebody else', ['a'])).size).toBe(0);
    expect((await t.store.trail.verdicts(tenant, [])).size).toBe(0);
  });
});
