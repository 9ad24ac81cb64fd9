import { describe, expect, test } from 'vitest';
import { flagIdOf } from '../../src/domain/ids.ts';
import type { Flag, FlagQuery } from '../../src/record/contract.ts';
import { findingOf, NOON, recordOf } from './records.ts';
import { BACKENDS, usePostgres, useStore } from './stores.ts';

usePostgres();

const HOSTILE = [
  "' or '1'='1",
  "'); drop table flags; --",
  '{}',
  '{"a"}',
  '%',
  '\\',
  '$1',
  '\u0000',
  'x\u0000y',
  '\ud800',
];

describe.each(BACKENDS)('flags (%s)', (backend) => {
  const t = useStore(backend);

  const minutes = (n: number): Date => new Date(NOON.getTime() + n * 60_000);

  const ids = async (tenant: string, query: Partial<FlagQuery>): Promise<string[]> =>
    (await t.store.flags(tenant, { limit: 50, ...query })).items.map((flag) => flag.traceId);

  test('a flag holds what the trace and the verdict said', async () => {
    const tenant = t.tenant();
    const findings = [findingOf({ severity: 'low' }), findingOf({ id: 'f-2', severity: 'critical' })];
    const record = recordOf({ tenant, decision: 'alert', findings, trace: { turn: 3 } });
    await t.store.write([record]);
    const expected: Flag = {
      id: flagIdOf(tenant, 't-1'),
      traceId: 't-1',
      conversationId: 'c-1',
      turn: 3,
      model: record.trace.model,
      occurredAt: NOON,
      receivedAt: NOON,
      decision: 'alert',
      risk: 0.9,
      severity: 'critical',
      assessmentState: 'assessed',
      findings,
      review: 'unreviewed',
      suppressedBy: [],
      assignment: null,
    };
    expect(await t.store.flag(tenant, expected.id)).toEqual(expected);
    expect(await t.store.flags(tenant, { limit: 1 })).toEqual({ items: [expected], next: null, previous: null });
  });

  test('another tenant sees neither the list nor the flag', async () => {
    const [mine, other] = [t.tenant(), t.tenant()];
    await t.store.write([recordOf({ tenant: mine, decision: 'flag' })]);
    expect(await ids(other, {})).toEqual([]);
    expect(await t.store.flag(other, flagIdOf(mine, 't-1'))).toBeNull();
  });

  test('an id that names no flag is null, whatever it looks like', async () => {
    const tenant = t.tenant();
    for (const id of ['', 'no-such-flag', ...HOSTILE]) expect(await t.store.flag(tenant, id)).toBeNull();
  });

  test('every filter finds what it names and nothing else', async () => {
    const tenant = t.tenant();
    const detector = findingOf().detector;
    await t.store.write([
      recordOf({
        tenant,
        id: 'a',
        decision: 'flag',
        receivedAt: minutes(0),
        findings: [findingOf()],
        trace: { conversationId: 'one', model: { provider: 'p', name: 'o1', version: 'v1' } },
      }),
      recordOf({
        tenant,
        id: 'b',
        decision: 'alert',
        receivedAt: minutes(1),
        findings: [
          findingOf({
            category: 'reward_hacking',
            group: 'gaming',
            stance: 'acted',
            view: 'action',
            severity: 'critical',
            detector: { ...detector, rule: 'r-2' },
          }),
        ],
        trace: { conversationId: 'two', model: { provider: 'p', name: 'o2', version: 'v2' } },
      }),
      recordOf({
        tenant,
        id: 'c',
        decision: 'flag',
        receivedAt: minutes(2),
        findings: [findingOf({ severity: 'low', detector: { ...detector, rule: null } })],
        trace: { conversationId: 'three', model: { provider: null, name: null, version: null } },
        verdict: { assessment: { state: 'partial', reasons: ['truncated'] } },
      }),
    ]);
    const cases: readonly [Partial<FlagQuery>, string[]][] = [
      [{}, ['c', 'b', 'a']],
      [{ from: minutes(1) }, ['c', 'b']],
      [{ to: minutes(1) }, ['a']],
      [{ from: minutes(1), to: minutes(2) }, ['b']],
      [{ from: new Date(-8.64e15), to: new Date(8.64e15) }, ['c', 'b', 'a']],
      [{ model: ['o1'] }, ['a']],
      [{ model: ['o1', 'o2'] }, ['b', 'a']],
      [{ modelVersion: ['v2'] }, ['b']],
      [{ category: ['reward_hacking'] }, ['b']],
      [{ category: ['reward_hacking', 'sandbagging'] }, ['c', 'b', 'a']],
      [{ group: ['gaming'] }, ['b']],
      [{ severity: ['critical', 'low'] }, ['c', 'b']],
      [{ stance: ['acted'] }, ['b']],
      [{ view: ['action'] }, ['b']],
      [{ decision: ['alert'] }, ['b']],
      [{ decision: ['flag'] }, ['c', 'a']],
      [{ assessment: ['partial'] }, ['c']],
      [{ rule: ['r-1'] }, ['a']],
      [{ rule: ['r-1', 'r-2'] }, ['b', 'a']],
      [{ conversationId: 'two' }, ['b']],
      [{ model: ['o1'], decision: ['alert'] }, []],
      [{ category: [] }, []],
      [{ model: ['o2'], category: ['reward_hacking'], stance: ['acted'], from: minutes(1) }, ['b']],
    ];
    for (const [query, expected] of cases) expect([query, await ids(tenant, query)]).toEqual([query, expected]);
  });

  test('several filters on findings must hold of one and the same finding', async () => {
    const tenant = t.tenant();
    const findings = [
      findingOf({ category: 'covert_sabotage', stance: 'mentioned' }),
      findingOf({ category: 'sandbagging', stance: 'acted' }),
    ];
    await t.store.write([recordOf({ tenant, decision: 'flag', findings })]);
    expect(await ids(tenant, { category: ['covert_sabotage'], stance: ['acted'] })).toEqual([]);
    expect(await ids(tenant, { category: ['covert_sabotage'], stance: ['mentioned'] })).toEqual(['t-1']);
    expect(await ids(tenant, { category: ['covert_sabotage', 'sandbagging'], stance: ['acted'] })).toEqual(['t-1']);
  });

  test('a hostile value in a filter finds nothing and breaks nothing', async () => {
    const tenant = t.tenant();
    await t.store.write([recordOf({ tenant, decision: 'flag' })]);
    for (const value of HOSTILE) {
      for (const filter of ['model', 'modelVersion', 'category', 'group', 'rule'] as const) {
        expect(await ids(tenant, { [filter]: [value] })).toEqual([]);
      }
      expect(await ids(tenant, { conversationId: value })).toEqual([]);
    }
    expect(await ids(tenant, { model: ['\u0000', 'o1'] })).toEqual(['t-1']);
  });

  test('pages forwards and backwards are complete, without gap or repeat, while flags arrive', async () => {
    const tenant = t.tenant();
    // Many at the same instant: the id must break ties.
    const batch = Array.from({ length: 53 }, (_, i) =>
      recordOf({ tenant, id: `p-${i}`, decision: 'flag', receivedAt: minutes(Math.floor(i / 10)) }),
    );
    await t.store.write(batch);
    const all = await ids(tenant, { limit: 200 });
    expect(all).toHaveLength(53);

    const forwards: string[][] = [];
    let cursor: string | undefined;
    let back: string | null = null;
    for (let n = 0; ; n++) {
      const page = await t.store.flags(tenant, { limit: 7, cursor });
      forwards.push(page.items.map((f) => f.traceId));
      expect(page.previous === null).toBe(n === 0);
      await t.store.write([recordOf({ tenant, id: `new-${n}`, decision: 'flag', receivedAt: minutes(100 + n) })]);
      if (page.next === null) {
        back = page.previous;
        break;
      }
      cursor = page.next;
    }
    expect(forwards.flat()).toEqual(all);

    const backwards: string[] = [];
    for (let n = 0; back !== null; n++) {
      const page = await t.store.flags(tenant, { limit: 7, cursor: back });
      backwards.unshift(...page.items.map((f) => f.traceId));
      expect(page.next).not.toBeNull();
      // Older than all: must not turn up on the way back.
      await t.store.write([recordOf({ tenant, id: `old-${n}`, decision: 'flag', receivedAt: minutes(-100 - n) })]);
      back = page.previous;
    }
    // What is in front of the last page, and by now the newcomers at the top.
    expect(backwards.filter((id) => id.startsWith('p-'))).toEqual(all.slice(0, 53 - forwards.at(-1)!.length));
    expect(backwards.some((id) => id.startsWith('old-'))).toBe(false);
    expect(new Set(backwards).size).toBe(backwards.length);
  });

  test('next of a page that was reached backwards leads to where one came from', async () => {
    const tenant = t.tenant();
    const batch = Array.from({ length: 9 }, (_, i) =>
      recordOf({ tenant, id: `n-${i}`, decision: 'flag', receivedAt: minutes(i) }),
    );
    await t.store.write(batch);
    const first = await t.store.flags(tenant, { limit: 3 });
    const second = await t.store.flags(tenant, { limit: 3, cursor: first.next! });
    const again = await t.store.flags(tenant, { limit: 3, cursor: second.previous! });
    expect(again.items).toEqual(first.items);
    expect((await t.store.flags(tenant, { limit: 3, cursor: again.next! })).items).toEqual(second.items);
  });

  test('filters hold on every page', async () => {
    const tenant = t.tenant();
    const decisions = ['flag', 'alert'] as const;
    const batch = Array.from({ length: 20 }, (_, i) =>
      recordOf({ tenant, id: `m-${i}`, decision: decisions[i % 2]!, receivedAt: minutes(i) }),
    );
    await t.store.write(batch);
    const first = await t.store.flags(tenant, { limit: 6, decision: ['alert'] });
    const second = await t.store.flags(tenant, { limit: 6, decision: ['alert'], cursor: first.next! });
    expect([first.items.length, second.items.length, second.next]).toEqual([6, 4, null]);
  });

  test('a cursor that is not ours is refused', async () => {
    const tenant = t.tenant();
    for (const cursor of ['', 'x', ...HOSTILE, 'WzFd', 'a'.repeat(10_000)]) {
      await expect(t.store.flags(tenant, { limit: 5, cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
    }
    expect(t.store.health().ok).toBe(true);
  });

  test('words of quotes and explanations are found, whatever their case, and only where all of them are', async () => {
    const tenant = t.tenant();
    const said = (quote: string) =>
      findingOf({ evidence: [{ ...findingOf().evidence[0]!, quote }], explanation: 'Decides to hide it.' });
    await t.store.write([
      recordOf({ tenant, id: 'a', decision: 'flag', findings: [said('Switch OFF the audit-log \u0000 now')] }),
      recordOf({ tenant, id: 'b', decision: 'flag', findings: [said('我会隐瞒结果 \ud800')] }),
    ]);
    expect(await ids(tenant, { q: 'AUDIT log' })).toEqual(['a']);
    expect(await ids(tenant, { q: 'audi*' })).toEqual(['a']);
    expect(await ids(tenant, { q: 'audi' })).toEqual([]);
    expect(await ids(tenant, { q: '隐瞒' })).toEqual(['b']);
    expect((await ids(tenant, { q: 'hide' })).sort()).toEqual(['a', 'b']);
    expect(await ids(tenant, { q: 'audit 隐瞒' })).toEqual([]);
    for (const q of HOSTILE) await ids(tenant, { q });
    for (const q of ["'", '!', '\\', ':*', '& |', 'a & b', "x':*"]) expect(await ids(tenant, { q })).toEqual([]);
  });

  test('by risk, pages forwards and backwards are complete and in order', async () => {
    const tenant = t.tenant();
    const risks = [0.5, 0.9, 0.9, 0.1, 0.7, 0.9];
    await t.store.write(
      risks.map((risk, i) =>
        recordOf({ tenant, id: `t-${i}`, decision: 'flag', receivedAt: minutes(i), verdict: { risk } }),
      ),
    );
    const expected = ['t-5', 't-2', 't-1', 't-4', 't-0', 't-3'];
    expect(await ids(tenant, { sort: 'risk' })).toEqual(expected);
    const seen: string[] = [];
    let page = await t.store.flags(tenant, { limit: 2, sort: 'risk' });
    for (;;) {
      seen.push(...page.items.map((flag) => flag.traceId));
      if (page.next === null) break;
      page = await t.store.flags(tenant, { limit: 2, sort: 'risk', cursor: page.next });
    }
    expect(seen).toEqual(expected);
    const back = await t.store.flags(tenant, { limit: 2, sort: 'risk', cursor: page.previous! });
    expect(back.items.map((flag) => flag.traceId)).toEqual(['t-1', 't-4']);
    await expect(t.store.flags(tenant, { limit: 2, cursor: page.previous! })).rejects.toMatchObject({
      code: 'invalid_cursor',
    });
  });

  test('facets count what the list would show', async () => {
    const tenant = t.tenant();
    await t.store.write([
      recordOf({ tenant, id: 'a', decision: 'flag' }),
      recordOf({ tenant, id: 'b', decision: 'alert', findings: [findingOf({ category: 'doubling_down' })] }),
      recordOf({ tenant: t.tenant(), id: 'c', decision: 'alert' }),
    ]);
    expect(await t.store.flagFacets(tenant, {})).toMatchObject({
      count: 2,
      complete: true,
      facets: {
        model: [{ value: 'o1', count: 2 }],
        decision: expect.arrayContaining([
          { value: 'flag', count: 1 },
          { value: 'alert', count: 1 },
        ]),
        review: [{ value: 'unreviewed', count: 2 }],
        detector: [{ value: 'heuristics', count: 2 }],
      },
    });
    expect(await t.store.flagFacets(tenant, { category: ['sandbagging'] })).toMatchObject({ count: 1 });
    expect(await t.store.flagFacets(t.tenant(), {})).toMatchObject({ count: 0, complete: true });
  });
});
