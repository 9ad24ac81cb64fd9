import { type Kysely, sql, type Transaction } from 'kysely';
import { describe, expect, test } from 'vitest';
import { entryHash } from '../../src/record/audit.ts';
import { START, verifyAudit, verifyChain, walkChain } from '../../src/record/audit-walk.ts';
import type { Database } from '../../src/record/schema.ts';
import { recordOf } from './records.ts';
import { BACKENDS, usePostgres, useStore } from './stores.ts';

usePostgres();

/** Numbers below `n` that are the same in every run. */
const dice = (seed: number): ((n: number) => number) => {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
};

const ENTRIES = 40;

type Tx = Transaction<Database>;

const entryAt = (tx: Tx, tenant: string, seq: number) =>
  tx
    .selectFrom('audit_log')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('seq', '=', String(seq))
    .executeTakeFirstOrThrow();

const set = (tx: Tx, tenant: string, seq: number, column: string, value: string) =>
  sql`update audit_log set ${sql.id(column)} = ${value} where tenant = ${tenant} and seq = ${seq}`.execute(tx);

/** What somebody with the database's password might do, and where it must be noticed at the latest. */
const TAMPERINGS: Readonly<Record<string, (tx: Tx, tenant: string, pick: (n: number) => number) => Promise<number>>> = {
  'edits a body': async (tx, tenant, pick) => {
    const seq = 1 + pick(ENTRIES);
    await set(tx, tenant, seq, 'body', (await entryAt(tx, tenant, seq)).body.replace('"risk":', '"risk":0'));
    return seq;
  },
  'edits one character of a field': async (tx, tenant, pick) => {
    const seq = 1 + pick(ENTRIES);
    const column = (['kind', 'subject', 'body', 'hash', 'prev_hash'] as const)[pick(5)]!;
    const text = (await entryAt(tx, tenant, seq))[column];
    const at = pick(text.length);
    await set(tx, tenant, seq, column, `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`);
    return seq;
  },
  'edits a body and mends its hash': async (tx, tenant, pick) => {
    const seq = 1 + pick(ENTRIES);
    const entry = await entryAt(tx, tenant, seq);
    const body = `${entry.body} `;
    await set(tx, tenant, seq, 'body', body);
    await set(tx, tenant, seq, 'hash', entryHash({ ...entry, seq, prevHash: entry.prev_hash, body }));
    return Math.min(seq + 1, ENTRIES);
  },
  'moves the time of an entry': async (tx, tenant, pick) => {
    const seq = 1 + pick(ENTRIES);
    await sql`update audit_log set at = at + interval '1 millisecond' where tenant = ${tenant} and seq = ${seq}`.execute(
      tx,
    );
    return seq;
  },
  'removes an entry': async (tx, tenant, pick) => {
    const seq = 1 + pick(ENTRIES);
    await sql`delete from audit_log where tenant = ${tenant} and seq = ${seq}`.execute(tx);
    return seq;
  },
  'removes an entry and closes the gap': async (tx, tenant, pick) => {
    const seq = 1 + pick(ENTRIES);
    await sql`delete from audit_log where tenant = ${tenant} and seq = ${seq}`.execute(tx);
    await sql`update audit_log set seq = -seq where tenant = ${tenant} and seq > ${seq}`.execute(tx);
    await sql`update audit_log set seq = -seq - 1 where tenant = ${tenant} and seq < 0`.execute(tx);
    return seq;
  },
  'lets two entries change places': async (tx, tenant, pick) => {
    const first = 1 + pick(ENTRIES - 1);
    const second = first + 1 + pick(ENTRIES - first);
    const [a, b] = [await entryAt(tx, tenant, first), await entryAt(tx, tenant, second)];
    await sql`delete from audit_log where tenant = ${tenant} and seq in (${first}, ${second})`.execute(tx);
    await tx
      .insertInto('audit_log')
      .values([
        { ...a, seq: second },
        { ...b, seq: first },
      ])
      .execute();
    return first;
  },
  'adds an entry beside another': async (tx, tenant, pick) => {
    const seq = 1 + pick(ENTRIES);
    const entry = await entryAt(tx, tenant, seq);
    await tx
      .insertInto('audit_log')
      .values({ ...entry, at: new Date(entry.at.getTime() + 1) })
      .execute();
    return seq;
  },
  'adds a well-made entry at the end': async (tx, tenant) => {
    const last = await entryAt(tx, tenant, ENTRIES);
    const next = { ...last, seq: ENTRIES + 1, prev_hash: last.hash };
    const hash = entryHash({ ...next, prevHash: next.prev_hash });
    await tx
      .insertInto('audit_log')
      .values({ ...next, hash })
      .execute();
    return ENTRIES + 1;
  },
  'adds an entry before the first': async (tx, tenant, pick) => {
    const seq = -pick(3);
    await tx
      .insertInto('audit_log')
      .values({ ...(await entryAt(tx, tenant, 1)), seq })
      .execute();
    return seq;
  },
  'cuts the end off': async (tx, tenant, pick) => {
    const seq = 1 + pick(ENTRIES);
    await sql`delete from audit_log where tenant = ${tenant} and seq >= ${seq}`.execute(tx);
    return seq;
  },
  'moves the head': async (tx, tenant, pick) => {
    const seq = pick(ENTRIES);
    await sql`update audit_head set seq = ${seq} where tenant = ${tenant}`.execute(tx);
    return seq;
  },
  'gives an entry to another tenant': async (tx, tenant, pick) => {
    const seq = 1 + pick(ENTRIES);
    await sql`update audit_log set tenant = 'somebody else' where tenant = ${tenant} and seq = ${seq}`.execute(tx);
    return seq;
  },
};

describe.each(BACKENDS)('the audit chain (%s)', (backend) => {
  const t = useStore(backend);

  const fill = async (): Promise<string> => {
    const tenant = t.tenant();
    await t.store.write(Array.from({ length: ENTRIES }, (_, i) => recordOf({ tenant, id: `t-${i}` })));
    return tenant;
  };

  /** What a chain looks like after something was done to it; nothing of it stays. */
  const undoing = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    let result: { value: T } | undefined;
    const undo = new Error('undo');
    await t.connection.db
      .transaction()
      .execute(async (tx) => {
        result = { value: await work(tx) };
        throw undo;
      })
      .catch((error: unknown) => {
        if (error !== undo) throw error;
      });
    return result!.value;
  };

  /** To the end or the first break, seven entries at a time. */
  const stretches = async (tx: Tx, tenant: string) => {
    let walk = await walkChain(tx, tenant, START, 7);
    while (walk.break === null && !walk.ended) walk = await walkChain(tx, tenant, walk.at, 7);
    return walk.break;
  };

  test('shows each of a hundred and thirty random tamperings, at its place, at once or a stretch at a time', async () => {
    const tenant = await fill();
    const pick = dice(7);
    const missed: string[] = [];
    for (let round = 0; round < 10; round++) {
      for (const [name, tamper] of Object.entries(TAMPERINGS)) {
        const [place, found] = await undoing(async (tx) => {
          const seq = await tamper(tx, tenant, pick);
          const { break: whole } = await verifyChain(tx, tenant);
          if (round === 0) expect(await stretches(tx, tenant), name).toEqual(whole);
          return [seq, whole] as const;
        });
        if (found === null || found.seq !== place) missed.push(`${name} at ${place}: ${JSON.stringify(found)}`);
      }
    }
    expect(missed).toEqual([]);
    expect((await t.store.verifyChain(tenant)).break).toBeNull();
  });

  /** All hashes new: sound in itself. */
  const forge = async (tx: Tx, tenant: string, entries: number): Promise<void> => {
    let prevHash = '0'.repeat(64);
    for (let seq = 1; seq <= entries; seq++) {
      const entry = { ...(await entryAt(tx, tenant, seq)), seq, prevHash, body: '{}' };
      const hash = entryHash(entry);
      await sql`update audit_log set body = '{}', prev_hash = ${prevHash}, hash = ${hash}
        where tenant = ${tenant} and seq = ${seq}`.execute(tx);
      prevHash = hash;
    }
    await sql`delete from audit_log where tenant = ${tenant} and seq > ${entries}`.execute(tx);
    await sql`update audit_head set seq = ${entries}, hash = ${prevHash} where tenant = ${tenant}`.execute(tx);
  };

  test('made anew or cut as a whole is found by what was noted elsewhere, and by nothing else', async () => {
    const tenant = await fill();
    const { end } = await t.store.verifyAudit(tenant);
    expect(end?.seq).toBe(ENTRIES);
    for (const [entries, seq] of [
      [ENTRIES, ENTRIES],
      [ENTRIES - 5, ENTRIES - 4],
    ] as const) {
      const [alone, anchored] = await undoing(async (tx) => {
        await forge(tx, tenant, entries);
        return [await verifyAudit(tx, tenant), await verifyAudit(tx, tenant, end!)];
      });
      expect(alone.break).toBeNull();
      expect(anchored.break).toEqual({ seq, reason: 'replaced' });
    }
    await t.store.write([recordOf({ tenant, id: 'later' })]);
    expect(await t.store.verifyAudit(tenant, end!)).toMatchObject({ entries: ENTRIES + 1, break: null });
  });

  test('is whole while others write to it', async () => {
    const tenant = await fill();
    const reports: unknown[] = [];
    await Promise.all([
      ...Array.from({ length: 10 }, (_, i) => t.store.write([recordOf({ tenant, id: `more-${i}` })])),
      ...Array.from({ length: 10 }, async () => reports.push((await t.store.verifyAudit(tenant)).break)),
    ]);
    expect(reports).toEqual(Array.from({ length: 10 }, () => null));
  });

  test('of every tenant is known, also where only its head is left', async () => {
    const tenant = await fill();
    const known = async (db: Kysely<Database>) => {
      await sql`delete from audit_log where tenant = ${tenant}`.execute(db);
    };
    expect(await t.store.chainedTenants()).toContain(tenant);
    await known(t.connection.db);
    expect(await t.store.chainedTenants()).toContain(tenant);
    expect((await t.store.verifyAudit(tenant)).break).toEqual({ seq: 1, reason: 'missing' });
  });
});
