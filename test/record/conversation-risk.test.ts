import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createConversationRule } from '../../src/decide/conversation.ts';
import { loadPolicy } from '../../src/decide/policy.ts';
import type { ConversationRisk } from '../../src/domain/conversation.ts';
import type { NewRecord } from '../../src/record/contract.ts';
import { recordOf } from './records.ts';
import { BACKENDS, usePostgres, useStore } from './stores.ts';

usePostgres();

const policy = loadPolicy();
const conversations = createConversationRule({
  ...policy,
  conversations: { ...policy.conversations!, ceiling: 'alert' },
})!;

describe.each(BACKENDS)('the risk of a conversation (%s)', (backend) => {
  const t = useStore(backend, { conversations, keepTraceShare: 1 });

  const turn = (tenant: string, n: number, risk: number, conversationId = 'c-1'): NewRecord =>
    recordOf({ tenant, id: `t-${n}`, trace: { turn: n, conversationId }, verdict: { risk } });
  const known = async (tenant: string): Promise<Omit<ConversationRisk, 'updatedAt'>> => {
    const { updatedAt: _, ...risk } = (await t.store.conversationRisk(tenant, 'c-1'))!;
    return risk;
  };
  const messages = async (): Promise<{ type: string; revision: number; conversationId: string }[]> => {
    const seen: { type: string; revision: number; conversationId: string }[] = [];
    await t.store.outbox.drain(200, async (batch) => {
      seen.push(...batch.filter((m) => m.kind === 'conversation_alert').map((m) => JSON.parse(m.payload)));
      return batch.map(({ id }) => id);
    });
    return seen;
  };

  test('a slow build-up is flagged with the turns behind it; one turn is not', async () => {
    const tenant = t.tenant();
    await t.store.write([turn(tenant, 0, 0.9)]);
    expect(await known(tenant)).toMatchObject({ decision: 'clear', turns: 1 });
    for (let n = 1; n <= 10; n++) await t.store.write([turn(tenant, n, 0.05)]);
    const risk = await known(tenant);
    expect(risk).toMatchObject({ decision: 'alert', turns: 11 });
    expect(risk.evidence[0]).toMatchObject({ traceId: 't-0', turn: 0, risk: 0.9 });
    const page = await t.store.riskyConversations(tenant, { limit: 10 });
    expect(page.items.map(({ conversationId }) => conversationId)).toEqual(['c-1']);
  });

  test('whatever order turns come in, and however often, they count once', async () => {
    const risks = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(risks, fc.infiniteStream(fc.nat()), async (values, random) => {
        const [straight, mixed] = [t.tenant(), t.tenant()];
        await t.store.write(values.map((risk, n) => turn(straight, n, risk)));
        const all = values.map((risk, n) => turn(mixed, n, risk));
        const shuffled = [...all, ...all]
          .map((record) => ({ record, at: random.next().value }))
          .sort((a, b) => a.at - b.at);
        for (let from = 0; from < shuffled.length; ) {
          const size = 1 + (random.next().value % 5);
          await t.store.write(shuffled.slice(from, from + size).map(({ record }) => record));
          from += size;
        }
        expect(await known(mixed)).toEqual(await known(straight));
      }),
      { numRuns: 8 },
    );
  }, 60_000);

  test('turns that come at the same moment all count', async () => {
    const tenant = t.tenant();
    await Promise.all(Array.from({ length: 12 }, (_, n) => t.store.write([turn(tenant, n, 0.05)])));
    expect(await known(tenant)).toMatchObject({ turns: 12, decision: 'alert' });
  });

  test('an alert goes out once, and again only to take it back', async () => {
    const tenant = t.tenant();
    await messages();
    for (let n = 0; n < 14; n++) await t.store.write([turn(tenant, n, 0.05)]);
    expect(await messages()).toMatchObject([{ type: 'raised', revision: 1, conversationId: 'c-1' }]);
    await t.store.write(Array.from({ length: 400 }, (_, n) => turn(tenant, 100 + n, 0.001)));
    expect(await messages()).toMatchObject([{ type: 'withdrawn', revision: 2 }]);
  });

  test('evidence is bounded, and rows of other tenants are not seen', async () => {
    const tenant = t.tenant();
    await t.store.write(Array.from({ length: 60 }, (_, n) => turn(tenant, n, 0.05)));
    expect((await known(tenant)).evidence).toHaveLength(16);
    expect(await t.store.conversationRisk(t.tenant(), 'c-1')).toBeNull();
    expect((await t.store.riskyConversations(t.tenant(), { limit: 10 })).items).toEqual([]);
  });

  test('pages meet, the highest score first', async () => {
    const tenant = t.tenant();
    const rows = Array.from({ length: 5 }, (_, c) =>
      Array.from({ length: 9 + c }, (_, n) => turn(tenant, 100 * c + n, 0.05, `c-${c}`)),
    );
    await t.store.write(rows.flat());
    const first = await t.store.riskyConversations(tenant, { limit: 3 });
    const second = await t.store.riskyConversations(tenant, { limit: 3, cursor: first.next! });
    const back = await t.store.riskyConversations(tenant, { limit: 3, cursor: second.previous! });
    expect([...first.items, ...second.items].map((r) => r.conversationId)).toEqual(['c-4', 'c-3', 'c-2', 'c-1', 'c-0']);
    expect(back.items).toEqual(first.items);
  });

  test('erasure leaves figures, and no words were ever there', async () => {
    const tenant = t.tenant();
    await t.store.write(Array.from({ length: 10 }, (_, n) => turn(tenant, n, 0.05)));
    const before = await known(tenant);
    expect(JSON.stringify(before)).not.toContain('hide');
    await t.store.erase({ tenant, target: { kind: 'conversation', id: 'c-1' }, by: 'k', reason: 'r' });
    expect(await known(tenant)).toEqual(before);
  });
});
