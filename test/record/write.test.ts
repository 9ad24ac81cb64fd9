import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { NewRecord } from '../../src/record/contract.ts';
import { findingOf, NOON, recordOf, segmentOf } from './records.ts';
import { BACKENDS, usePostgres, useStore } from './stores.ts';

usePostgres();

const TABLES = ['trace_identity', 'verdicts', 'trace_text', 'findings', 'flags', 'audit_log'] as const;

describe.each(BACKENDS)('write (%s)', (backend) => {
  const t = useStore(backend, { keepTraceShare: 1 });

  const rowCounts = async (tenant: string): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const table of TABLES) {
      const { rows } = await sql<{ n: unknown }>`
        select count(*) as n from ${sql.id(table)} where tenant = ${tenant}
      `.execute(t.connection.db);
      counts[table] = Number(rows[0]!.n);
    }
    return counts;
  };

  test('a new record is in every table that it concerns', async () => {
    const tenant = t.tenant();
    const findings = [findingOf(), findingOf({ id: 'f-2', category: 'power_seeking' })];
    const results = await t.store.write([
      recordOf({ tenant, id: 'quiet' }),
      recordOf({ tenant, id: 'loud', decision: 'alert', findings }),
    ]);
    expect(results.map((r) => r.kind)).toEqual(['stored', 'stored']);
    expect(await rowCounts(tenant)).toEqual({
      trace_identity: 2,
      verdicts: 2,
      trace_text: 2,
      findings: 2,
      flags: 1,
      audit_log: 2,
    });
  });

  test('an empty batch is no work', async () => {
    expect(await t.store.write([])).toEqual([]);
  });

  test('a redelivered trace changes nothing and is answered with the verdict that stands', async () => {
    const tenant = t.tenant();
    const first = recordOf({ tenant, decision: 'alert' });
    await t.store.write([first]);
    const before = await rowCounts(tenant);
    const later = recordOf({ tenant, decision: 'clear', receivedAt: new Date(NOON.getTime() + 3_600_000) });
    expect(await t.store.write([later])).toEqual([{ kind: 'duplicate', verdict: first.verdict }]);
    expect(await rowCounts(tenant)).toEqual(before);
    expect(await t.store.verdict(tenant, 't-1')).toEqual(first.verdict);
  });

  test('an id that names other content is a conflict, and nothing of it is stored', async () => {
    const tenant = t.tenant();
    const first = recordOf({ tenant });
    await t.store.write([first]);
    const before = await rowCounts(tenant);
    expect(await t.store.write([recordOf({ tenant, text: 'something else', decision: 'alert' })])).toEqual([
      { kind: 'conflict' },
    ]);
    expect(await rowCounts(tenant)).toEqual(before);
    expect(await t.store.verdict(tenant, 't-1')).toEqual(first.verdict);
  });

  test('a derived id that a caller took for other content is a conflict too, not silently dropped', async () => {
    const tenant = t.tenant();
    await t.store.write([recordOf({ tenant, text: 'planted' })]);
    expect(await t.store.write([recordOf({ tenant, trace: { idSource: 'derived' } })])).toEqual([{ kind: 'conflict' }]);
  });

  test('the same id in another tenant is another trace', async () => {
    const [a, b] = [t.tenant(), t.tenant()];
    await t.store.write([recordOf({ tenant: a })]);
    const results = await t.store.write([recordOf({ tenant: b, text: 'other content' })]);
    expect(results.map((r) => r.kind)).toEqual(['stored']);
  });

  test('repeats inside a batch are handled as redeliveries of the first', async () => {
    const tenant = t.tenant();
    const first = recordOf({ tenant, id: 'x', decision: 'flag' });
    const results = await t.store.write([
      first,
      recordOf({ tenant, id: 'y' }),
      recordOf({ tenant, id: 'x', decision: 'clear' }),
      first,
      recordOf({ tenant, id: 'x', text: 'other' }),
    ]);
    expect(results.map((r) => r.kind)).toEqual(['stored', 'stored', 'duplicate', 'duplicate', 'conflict']);
    expect(results[2]).toEqual({ kind: 'duplicate', verdict: first.verdict });
    expect((await rowCounts(tenant)).verdicts).toBe(2);
  });

  test('repeats inside a batch of what is stored already are all answered with what stands', async () => {
    const tenant = t.tenant();
    const first = recordOf({ tenant, decision: 'flag' });
    await t.store.write([first]);
    const results = await t.store.write([
      recordOf({ tenant }),
      recordOf({ tenant, text: 'other' }),
      recordOf({ tenant, id: 'new' }),
      recordOf({ tenant }),
    ]);
    expect(results.map((r) => r.kind)).toEqual(['duplicate', 'conflict', 'stored', 'duplicate']);
    expect(results[3]).toEqual({ kind: 'duplicate', verdict: first.verdict });
  });

  test('several tenants share a batch', async () => {
    const tenants = [t.tenant(), t.tenant(), t.tenant()];
    const batch = Array.from({ length: 30 }, (_, i) => recordOf({ tenant: tenants[i % 3]!, id: `t-${i}` }));
    const results = await t.store.write(batch);
    expect(results.every((r) => r.kind === 'stored')).toBe(true);
    for (const tenant of tenants) expect(await t.store.verifyChain(tenant)).toEqual({ entries: 10, break: null });
  });

  test('text with NUL and lone surrogates comes back as it was, so that offsets still fit', async () => {
    const tenant = t.tenant();
    const text = 'a\u0000b\ud800c\udfff \ud83d\ude00 "\\u0000" \\ \u2028 end';
    const evidence = { segment: 0, start: 1, end: 4, quote: text.slice(1, 4), sourcePath: '/a\u0000', hash: 'h' };
    const record = recordOf({
      tenant,
      text,
      decision: 'flag',
      findings: [findingOf({ evidence: [evidence], explanation: 'x\u0000\udc00' })],
    });
    await t.store.write([record]);
    const [stored] = (await t.store.conversation(tenant, 'c-1', { limit: 200 })).items;
    expect(stored!.segments).toEqual([segmentOf(text)]);
    expect(stored!.verdict).toEqual(record.verdict);
    const flags = await t.store.flags(tenant, { limit: 10 });
    expect(flags.items[0]!.findings).toEqual(record.verdict.findings);
  });

  test('any text survives', async () => {
    const tenant = t.tenant();
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (drawn) => {
        const id = `any-${n++}`;
        // Lone surrogates too, which the generator keeps out.
        const text = `${drawn}${n % 3 === 0 ? '\udbff' : ''}${n % 5 === 0 ? '\u0000' : ''}`;
        await t.store.write([recordOf({ tenant, id, text, trace: { conversationId: id } })]);
        const [stored] = (await t.store.conversation(tenant, id, { limit: 200 })).items;
        expect(stored!.segments![0]!.text).toBe(text);
      }),
      { numRuns: 30 },
    );
  });

  test('a megabyte of text and labels with odd names survive', async () => {
    const tenant = t.tenant();
    const text = 'x\n"'.repeat(400_000);
    const labels = JSON.parse('{"__proto__":"p","constructor":"c","":"e"}');
    await t.store.write([recordOf({ tenant, text, trace: { labels, turn: 2 ** 31 - 1 } })]);
    const [stored] = (await t.store.conversation(tenant, 'c-1', { limit: 200 })).items;
    expect(stored!.segments![0]!.text).toBe(text);
    expect(JSON.stringify(stored!.labels)).toBe(JSON.stringify(labels));
    expect(stored!.turn).toBe(2 ** 31 - 1);
  });

  test('names are data, whatever they look like', async () => {
    const tenant = `t'; drop table verdicts; --${t.tenant()}`;
    const id = `"{},NULL\\' $1 {"a":1}`;
    const trace = {
      conversationId: "c')",
      model: { provider: '{', name: 'NULL', version: '"' },
    };
    const findings = [findingOf({ category: '{a,"b"}', detector: { ...findingOf().detector, rule: 'r\'\\"' } })];
    await t.store.write([recordOf({ tenant, id, trace, decision: 'flag', findings })]);
    expect((await t.store.verdict(tenant, id))?.traceId).toBe(id);
    const { items } = await t.store.flags(tenant, {
      limit: 5,
      category: ['{a,"b"}'],
      rule: ['r\'\\"'],
      model: ['NULL'],
    });
    expect(items.map((f) => f.traceId)).toEqual([id]);
  });

  test('a record that the database refuses fails the batch, and leaves nothing', async () => {
    const tenant = t.tenant();
    const bad = recordOf({ tenant, id: 'bad', trace: { conversationId: 'nul \u0000 in a name' } });
    await expect(t.store.write([recordOf({ tenant, id: 'good' }), bad])).rejects.toMatchObject({ code: 'internal' });
    expect((await rowCounts(tenant)).trace_identity).toBe(0);
    expect(t.store.health()).toEqual({ ok: true });
    expect((await t.store.write([recordOf({ tenant, id: 'good' })]))[0]!.kind).toBe('stored');
  });

  test('the error of a refused record does not quote it', async () => {
    const bad = recordOf({ tenant: t.tenant(), trace: { conversationId: 'SECRET\u0000' } });
    const error = await t.store.write([bad]).catch((e: unknown) => e);
    expect(String(error)).not.toContain('SECRET');
  });

  test('writers of the same traces at the same time store each once, and agree on the verdict', async () => {
    const tenant = t.tenant();
    const ids = Array.from({ length: 60 }, (_, i) => `t-${i}`);
    const batch = (writer: number, order: readonly string[]): NewRecord[] =>
      order.map((id) => recordOf({ tenant, id, verdict: { risk: writer / 10 } }));
    const rotated = (by: number): string[] => [...ids.slice(by), ...ids.slice(0, by)];
    const answers = await Promise.all(
      [0, 1, 2, 3].map((w) => t.store.write(batch(w, w % 2 === 0 ? rotated(w * 7) : rotated(w * 7).reverse()))),
    );
    const kinds = answers.flat().map((r) => r.kind);
    expect(kinds.filter((k) => k === 'stored')).toHaveLength(60);
    expect(kinds.filter((k) => k === 'duplicate')).toHaveLength(180);
    for (const id of ids) {
      const standing = await t.store.verdict(tenant, id);
      const told = answers
        .flat()
        .flatMap((r) => (r.kind !== 'conflict' && r.verdict.traceId === id ? [r.verdict] : []));
      expect(told).toHaveLength(4);
      expect(told.every((v) => v.risk === standing!.risk)).toBe(true);
    }
    expect(await t.store.verifyChain(tenant)).toEqual({ entries: 60, break: null });
  });

  test('writers of many tenants in opposite orders neither deadlock nor lose an entry', async () => {
    const tenants = Array.from({ length: 8 }, () => t.tenant());
    const batches = Array.from({ length: 12 }, (_, b) => {
      const order = b % 2 === 0 ? tenants : [...tenants].reverse();
      return order.map((tenant) => recordOf({ tenant, id: `b-${b}` }));
    });
    const results = await Promise.all(batches.map((batch) => t.store.write(batch)));
    expect(results.flat().every((r) => r.kind === 'stored')).toBe(true);
    for (const tenant of tenants) expect(await t.store.verifyChain(tenant)).toEqual({ entries: 12, break: null });
  });
});

describe.each(BACKENDS)('kept text (%s)', (backend) => {
  const t = useStore(backend, { keepTraceShare: 0.25 });

  test('text is kept of every flagged trace and of about the share of the others', async () => {
    const tenant = t.tenant();
    const quiet = Array.from({ length: 400 }, (_, i) => recordOf({ tenant, id: `q-${i}` }));
    const decisions = ['flag', 'alert'] as const;
    const loud = Array.from({ length: 40 }, (_, i) => recordOf({ tenant, id: `l-${i}`, decision: decisions[i % 2]! }));
    await t.store.write([...quiet, ...loud]);
    const kept = (await t.store.conversation(tenant, 'c-1', { limit: 500 })).items.filter(
      (trace) => trace.segments !== null,
    );
    const flagged = kept.filter((trace) => trace.verdict.decision !== 'clear');
    expect(flagged).toHaveLength(40);
    const drawn = kept.length - flagged.length;
    expect(drawn).toBeGreaterThan(60);
    expect(drawn).toBeLessThan(140);
  });

  test('`record` and `unknown` are not flagged: neither is listed nor kept beyond the share', async () => {
    const tenant = t.tenant();
    const decisions = ['record', 'unknown'] as const;
    const batch = Array.from({ length: 80 }, (_, i) => recordOf({ tenant, id: `r-${i}`, decision: decisions[i % 2]! }));
    await t.store.write(batch);
    expect((await t.store.flags(tenant, { limit: 10 })).items).toEqual([]);
    const kept = (await t.store.conversation(tenant, 'c-1', { limit: 200 })).items.filter(
      (trace) => trace.segments !== null,
    );
    expect(kept.length).toBeLessThan(80);
  });
});
