import { describe, expect, test } from 'vitest';
import type { AlertGroup } from '../../../src/domain/webhook.ts';
import type { ClaimedDelivery } from '../../../src/record/webhooks/contract.ts';
import { findingOf, NOON, type RecordOptions, recordOf } from '../records.ts';
import { BACKENDS, usePostgres, useStore } from '../stores.ts';

usePostgres();

const MINUTE = 60_000;

describe.each(BACKENDS)('webhook deliveries (%s)', (backend) => {
  const t = useStore(backend, { hasWebhooks: (tenant) => !tenant.endsWith('-deaf') });
  let alerts = 0;

  const at = (milliseconds: number): void => {
    t.now = new Date(NOON.getTime() + milliseconds);
  };
  const raise = async (tenant: string, over: RecordOptions = {}): Promise<void> => {
    alerts += 1;
    await t.store.write([recordOf({ tenant, id: `w-${alerts}`, decision: 'alert', findings: [findingOf()], ...over })]);
  };
  const routing = (endpoint: string, windowMs = 5 * MINUTE) => ({ endpointsOf: () => [endpoint], windowMs });
  const take = async (endpoint: string, windowMs?: number): Promise<readonly ClaimedDelivery[]> => {
    while ((await t.store.webhooks.intake(routing(endpoint, windowMs), 200)) > 0);
    return t.store.webhooks.claim(endpoint, 10, MINUTE);
  };
  const counts = (claimed: readonly ClaimedDelivery[]): number[] =>
    claimed.map(({ body }) => (JSON.parse(body) as AlertGroup).count);

  test('a noisy rule is told of at once and then once a window, with how often it fired', async () => {
    at(0);
    const tenant = t.tenant();
    await raise(tenant);
    const first = await take(tenant);
    expect(counts(first)).toEqual([1]);
    await t.store.webhooks.delivered(first[0]!.id);
    for (let n = 0; n < 40; n++) await raise(tenant);
    at(MINUTE);
    expect(await take(tenant)).toEqual([]);
    at(5 * MINUTE);
    const second = await take(tenant);
    expect(counts(second)).toEqual([40]);
    const group = JSON.parse(second[0]!.body) as AlertGroup;
    expect(group.alerts).toHaveLength(20);
    expect(group.alerts[0]!.traceId).toBe(`w-${alerts}`);
    expect(second[0]!.id).not.toBe(first[0]!.id);
    await t.store.webhooks.delivered(second[0]!.id);
    // The next window follows on the second message.
    await raise(tenant);
    at(9 * MINUTE);
    expect(await take(tenant)).toEqual([]);
    at(10 * MINUTE);
    expect(counts(await take(tenant))).toEqual([1]);
    // Nothing was left out of the store.
    const { items } = await t.store.flags(tenant, { limit: 100 });
    expect(items).toHaveLength(42);
  });

  test('another rule, model or conversation is another group', async () => {
    at(0);
    const tenant = t.tenant();
    const rule = findingOf();
    await raise(tenant);
    await raise(tenant, { findings: [findingOf({ detector: { ...rule.detector, rule: 'r-2' } })] });
    await raise(tenant, { trace: { conversationId: 'c-2' } });
    await raise(tenant, { trace: { model: { provider: 'openai', name: 'o3', version: null } } });
    expect(counts(await take(tenant))).toEqual([1, 1, 1, 1]);
  });

  test('a window of nothing tells of each alert by itself', async () => {
    at(0);
    const tenant = t.tenant();
    for (let n = 0; n < 3; n++) await raise(tenant);
    expect(counts(await take(tenant, 0))).toEqual([1, 1, 1]);
  });

  test('a tenant without endpoints leaves nothing behind, and Kafka is told of all of it', async () => {
    at(0);
    const tenant = `${t.tenant()}-deaf`;
    await raise(tenant);
    expect(await take(tenant)).toEqual([]);
    const keys: string[] = [];
    await t.store.outbox.drain(1_000, async (messages) => {
      keys.push(...messages.filter(({ payload }) => JSON.parse(payload).tenant === tenant).map(({ kind }) => kind));
      return [];
    });
    expect(keys).toEqual(['alert']);
  });

  test('no text of the trace is in a message, whatever its names hold', async () => {
    at(0);
    const tenant = t.tenant();
    await raise(tenant, { text: 'hide the plan', trace: { conversationId: 'c\u{1f600}\ud800' } });
    const [claimed] = await take(tenant);
    expect(claimed!.body).not.toMatch(/hide|Means to/);
    expect((JSON.parse(claimed!.body) as AlertGroup).conversationId).toBe('c\u{1f600}\ud800');
  });

  test('who dies with a message in hand leaves it to the next, under the same id and with the same words', async () => {
    at(0);
    const tenant = t.tenant();
    await raise(tenant);
    const [first] = await take(tenant);
    await raise(tenant);
    expect(await take(tenant)).toEqual([]);
    at(MINUTE + 1);
    const [again] = await take(tenant);
    expect(again).toEqual({ ...first, attempts: 2 });
  });

  test('a failure is tried again when its time has come, and a dead one when somebody asks', async () => {
    at(0);
    const tenant = t.tenant();
    const { webhooks } = t.store;
    await raise(tenant);
    const [first] = await take(tenant);
    await webhooks.retryAt(first!.id, new Date(NOON.getTime() + 10_000), 'status_500');
    expect(await take(tenant)).toEqual([]);
    at(10_000);
    const [second] = await take(tenant);
    expect(second).toMatchObject({ id: first!.id, attempts: 2 });
    await webhooks.giveUp(first!.id, 'status_500');
    at(100 * MINUTE);
    expect(await take(tenant)).toEqual([]);
    expect(await webhooks.list(tenant, 10)).toMatchObject([
      { id: first!.id, state: 'dead', attempts: 2, alerts: 1, reason: 'status_500' },
    ]);
    expect(await webhooks.revive('another tenant', {})).toBe(0);
    expect(await webhooks.revive(tenant, { endpoint: 'another' })).toBe(0);
    expect(await webhooks.revive(tenant, { ids: [first!.id] })).toBe(1);
    const [third] = await take(tenant);
    expect(third).toMatchObject({ id: first!.id, attempts: 1, body: first!.body });
    await webhooks.delivered(first!.id);
    expect(await webhooks.list(tenant, 10)).toEqual([]);
  });

  test('a message that was discarded stays gone, whatever becomes of the attempt under way', async () => {
    at(0);
    const tenant = t.tenant();
    await raise(tenant);
    const [first] = await take(tenant);
    expect(await t.store.webhooks.discard('another tenant', {})).toBe(0);
    expect(await t.store.webhooks.discard(tenant, {})).toBe(1);
    await t.store.webhooks.retryAt(first!.id, NOON, 'timeout');
    at(10 * MINUTE);
    expect(await take(tenant)).toEqual([]);
  });

  test('workers side by side share the work, and each message goes to one of them', async () => {
    at(0);
    const tenant = t.tenant();
    for (let n = 0; n < 12; n++) await raise(tenant, { trace: { conversationId: `c-${n}` } });
    const both = [1, 2].map(() => t.store.webhooks.intake(routing(tenant), 200));
    await Promise.all(both);
    await t.store.webhooks.intake(routing(tenant), 200);
    const claims = await Promise.all([1, 2, 3].map(() => t.store.webhooks.claim(tenant, 5, MINUTE)));
    const ids = claims.flat().map(({ id }) => id);
    expect(ids).toHaveLength(12);
    expect(new Set(ids).size).toBe(12);
  });
});
