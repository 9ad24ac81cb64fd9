import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { alertIdOf, flagIdOf } from '../../../src/domain/ids.ts';
import { CANARY_TENANT, type JudgeOrder } from '../../../src/domain/judging.ts';
import type { Verdict } from '../../../src/domain/verdict.ts';
import type { NewRecord } from '../../../src/record/contract.ts';
import type { JudgeJob, Judgement } from '../../../src/record/judging/contract.ts';
import { findingOf, NOON, type RecordOptions, recordOf } from '../records.ts';
import { BACKENDS, usePostgres, useStore } from '../stores.ts';

usePostgres();

const ORDER: JudgeOrder = { cause: 'band', priority: 0.5, alertNow: false };
const CLAIM = { limit: 10, perTenant: 10, leaseMs: 60_000 };
const BILL = { calls: 2, promptTokens: 900, completionTokens: 100, costUsd: 0.01 };

const queued = (options: RecordOptions, order: Partial<JudgeOrder> = {}): NewRecord => ({
  ...recordOf({ ...options, verdict: { status: 'provisional', ...options.verdict } }),
  judging: { ...ORDER, ...order },
});

const judgementOf = (job: JudgeJob, verdict: Partial<Verdict> = {}, over: Partial<Judgement> = {}): Judgement => ({
  verdict: { ...job.provisional, status: 'final', ...verdict },
  outcome: 'clear',
  model: 'm',
  prompt: 'p1',
  bill: BILL,
  dead: false,
  ...over,
});

describe.each(BACKENDS)('judge work (%s)', (backend) => {
  const t = useStore(backend, { publishVerdicts: false });

  const later = (ms: number): void => {
    t.now = new Date(t.now.getTime() + ms);
  };
  const claimOf = async (tenant: string, options = CLAIM): Promise<JudgeJob[]> =>
    (await t.store.judging.claim(options)).filter((job) => job.trace.tenant === tenant);
  const outbox = async (tenant: string): Promise<{ type: string; revision: number; decision: string }[]> => {
    const rows = await t.connection.db.selectFrom('outbox').select('payload').orderBy('id').execute();
    return rows.map((row) => JSON.parse(row.payload)).filter((alert) => alert.tenant === tenant);
  };
  /** Nothing of the tests before is due. */
  const empty = async (): Promise<void> => {
    await sql`delete from judge_jobs`.execute(t.connection.db);
  };

  test('work is queued with the provisional verdict, and comes back with the whole trace', async () => {
    await empty();
    const tenant = t.tenant();
    const record = queued({ tenant, text: 'a\u0000b\ud800c', trace: { turn: 3, labels: { env: 'x' } } });
    await t.store.write([record, recordOf({ tenant, id: 'quiet' })]);
    const jobs = await claimOf(tenant);
    expect(jobs).toHaveLength(1);
    expect(jobs[0]).toMatchObject({ attempt: 1, cause: 'band', textGone: false, enqueuedAt: t.now });
    expect(jobs[0]!.trace).toEqual(record.trace);
    expect(jobs[0]!.provisional).toEqual(record.verdict);
  });

  test('a redelivered trace is not queued twice', async () => {
    await empty();
    const tenant = t.tenant();
    await t.store.write([queued({ tenant })]);
    await t.store.write([queued({ tenant })]);
    expect(await claimOf(tenant)).toHaveLength(1);
    expect(await claimOf(tenant)).toHaveLength(0);
  });

  test('a job is leased to one worker at a time, and to another once the lease ran out', async () => {
    await empty();
    const tenant = t.tenant();
    await t.store.write(Array.from({ length: 20 }, (_, i) => queued({ tenant, id: `t-${i}` })));
    const claims = await Promise.all(
      [1, 2, 3, 4].map(() => t.store.judging.claim({ limit: 5, perTenant: 100, leaseMs: 1_000 })),
    );
    const ids = claims.flat().map((job) => job.trace.id);
    expect(new Set(ids).size).toBe(ids.length);
    while ((await t.store.judging.claim({ limit: 5, perTenant: 100, leaseMs: 1_000 })).length > 0);
    later(1_001);
    const again = await t.store.judging.claim({ limit: 100, perTenant: 100, leaseMs: 1_000 });
    expect(again).toHaveLength(20);
    expect(again.every((job) => job.attempt === 2)).toBe(true);
  });

  test('a heartbeat keeps a lease, and tells of one that was lost', async () => {
    await empty();
    const tenant = t.tenant();
    await t.store.write([queued({ tenant })]);
    const [job] = await claimOf(tenant, { ...CLAIM, leaseMs: 1_000 });
    later(900);
    expect(await t.store.judging.renew([job!.lease], 1_000)).toEqual(new Set([job!.lease]));
    later(900);
    expect(await claimOf(tenant)).toEqual([]);
    later(200);
    const [stolen] = await claimOf(tenant);
    expect(await t.store.judging.renew([job!.lease], 1_000)).toEqual(new Set());
    expect(await t.store.judging.renew([stolen!.lease], 1_000)).toEqual(new Set([stolen!.lease]));
  });

  test('who lost the lease changes nothing: the verdict is replaced once', async () => {
    await empty();
    const tenant = t.tenant();
    await t.store.write([queued({ tenant })]);
    const [slow] = await claimOf(tenant, { ...CLAIM, leaseMs: 1_000 });
    later(1_001);
    const [quick] = await claimOf(tenant);
    expect(await t.store.judging.complete(slow!, judgementOf(slow!, { risk: 0.7 }))).toBe('lost');
    expect(await t.store.judging.complete(quick!, judgementOf(quick!, { risk: 0.3 }))).toBe('stored');
    expect(await t.store.judging.complete(quick!, judgementOf(quick!, { risk: 0.9 }))).toBe('lost');
    await t.store.judging.retry(slow!, { notBefore: t.now, reason: 'timeout', counts: true });
    expect(await t.store.verdict(tenant, 't-1')).toMatchObject({ status: 'final', risk: 0.3 });
    expect(await claimOf(tenant)).toEqual([]);
  });

  test('the final verdict replaces the provisional one under the same id, and both are in the chain', async () => {
    await empty();
    const tenant = t.tenant();
    await t.store.write([queued({ tenant })]);
    expect(await t.store.verdict(tenant, 't-1')).toMatchObject({ status: 'provisional', decision: 'clear' });
    const [job] = await claimOf(tenant);
    await t.store.judging.complete(job!, judgementOf(job!, { decision: 'flag', findings: [findingOf()] }));
    expect(await t.store.verdict(tenant, 't-1')).toMatchObject({ status: 'final', decision: 'flag' });
    expect((await t.store.flags(tenant, { limit: 5 })).items.map((f) => f.id)).toEqual([flagIdOf(tenant, 't-1')]);
    expect(await t.store.verifyChain(tenant)).toEqual({ entries: 2, break: null });
    const entries = await t.connection.db
      .selectFrom('audit_log')
      .select('body')
      .where('tenant', '=', tenant)
      .orderBy('seq')
      .execute();
    expect(entries.map((e) => JSON.parse(e.body).status)).toEqual(['provisional', 'final']);
  });

  test('a flag that was lowered is listed no more, and its findings are those of the final verdict', async () => {
    await empty();
    const tenant = t.tenant();
    await t.store.write([queued({ tenant, decision: 'flag', findings: [findingOf(), findingOf({ id: 'f-2' })] })]);
    const [job] = await claimOf(tenant);
    await t.store.judging.complete(job!, judgementOf(job!, { decision: 'record', findings: [findingOf()] }));
    expect((await t.store.flags(tenant, { limit: 5 })).items).toEqual([]);
    const { rows } = await sql<{ n: unknown }>`select count(*) as n from findings where tenant = ${tenant}`.execute(
      t.connection.db,
    );
    expect(Number(rows[0]!.n)).toBe(1);
  });

  test('text is kept until it is judged, and then only where policy keeps it', async () => {
    await empty();
    const tenant = t.tenant();
    await t.store.write([queued({ tenant, id: 'stays' }), queued({ tenant, id: 'goes' })]);
    const kept = async (): Promise<string[]> =>
      (await t.store.keptTraces(tenant, { limit: 10 })).items.map((trace) => trace.traceId).sort();
    expect(await kept()).toEqual(['goes', 'stays']);
    for (const job of await claimOf(tenant)) {
      const decision = job.trace.id === 'stays' ? 'flag' : 'clear';
      const findings = decision === 'flag' ? [findingOf()] : [];
      await t.store.judging.complete(job, judgementOf(job, { decision, findings }));
    }
    expect(await kept()).toEqual(['stays']);
  });

  test('a job whose text retention has taken is told so', async () => {
    await empty();
    const tenant = t.tenant();
    await t.store.write([queued({ tenant })]);
    await sql`delete from trace_text where tenant = ${tenant}`.execute(t.connection.db);
    const [job] = await claimOf(tenant);
    expect(job).toMatchObject({ textGone: true, trace: { segments: [] } });
  });

  test('a job whose verdict retention has taken goes too', async () => {
    await empty();
    const tenant = t.tenant();
    await t.store.write([queued({ tenant })]);
    await sql`delete from verdicts where tenant = ${tenant}`.execute(t.connection.db);
    expect(await claimOf(tenant)).toEqual([]);
    expect(await t.store.judging.stats()).toMatchObject({ waiting: 0, leased: 0 });
  });

  test('a job that is given back waits for its time; one that sent nothing has not used up an attempt', async () => {
    await empty();
    const tenant = t.tenant();
    await t.store.write([queued({ tenant })]);
    const [first] = await claimOf(tenant);
    const notBefore = new Date(t.now.getTime() + 5_000);
    await t.store.judging.retry(first!, { notBefore, reason: 'judge_error', counts: true });
    expect(await claimOf(tenant)).toEqual([]);
    later(5_000);
    const [second] = await claimOf(tenant);
    expect(second!.attempt).toBe(2);
    await t.store.judging.retry(second!, { notBefore: t.now, reason: 'judge_error', counts: false });
    const [third] = await claimOf(tenant);
    expect(third!.attempt).toBe(2);
  });

  test('a dead letter is final for the caller, stays for the operator, and is not claimed again', async () => {
    await empty();
    const tenant = t.tenant();
    await t.store.write([queued({ tenant })]);
    const [job] = await claimOf(tenant);
    const dead = judgementOf(job!, { decision: 'unknown' }, { dead: true, outcome: 'judge_error' });
    expect(await t.store.judging.complete(job!, dead)).toBe('stored');
    later(3_600_000);
    expect(await claimOf(tenant)).toEqual([]);
    expect(await t.store.judging.stats()).toEqual({ waiting: 0, leased: 0, dead: 1, oldest: null });
    expect(await t.store.verdict(tenant, 't-1')).toMatchObject({ status: 'final', decision: 'unknown' });
  });

  test('a dead letter that is retried is judged again, with its text and all its tries', async () => {
    await empty();
    const [tenant, other] = [t.tenant(), t.tenant()];
    await t.store.write([queued({ tenant, text: 'Read me.' }), queued({ tenant: other })]);
    for (const name of [tenant, other]) {
      const [job] = await claimOf(name, { ...CLAIM, limit: 1 });
      const over = { dead: true, outcome: 'timeout' };
      if (job !== undefined) await t.store.judging.complete(job, judgementOf(job, { decision: 'unknown' }, over));
    }
    later(60_000);
    for (const job of await t.store.judging.claim(CLAIM)) {
      await t.store.judging.complete(
        job,
        judgementOf(job, { decision: 'unknown' }, { dead: true, outcome: 'timeout' }),
      );
    }
    expect(await t.store.deadLetters.list(undefined, 10)).toHaveLength(2);
    const [letter] = await t.store.deadLetters.list(tenant, 10);
    expect(letter).toMatchObject({ tenant, traceId: 't-1', reason: 'timeout', readable: true });
    expect(await t.store.deadLetters.retry(tenant)).toBe(1);
    const [again] = await claimOf(tenant);
    expect(again).toMatchObject({ attempt: 1, textGone: false });
    expect(again!.trace.segments[0]!.text).toBe('Read me.');
    expect(await t.store.judging.complete(again!, judgementOf(again!, { decision: 'record' }))).toBe('stored');
    expect(await t.store.verdict(tenant, 't-1')).toMatchObject({ status: 'final', decision: 'record' });
    expect(await t.store.deadLetters.list(tenant, 10)).toEqual([]);
    expect(await t.store.deadLetters.list(other, 10)).toHaveLength(1);
  });

  test('the most pressing goes first, and a flood of one tenant does not keep another waiting', async () => {
    await empty();
    const [loud, quiet] = [t.tenant(), t.tenant()];
    await t.store.write(
      Array.from({ length: 12 }, (_, i) => queued({ tenant: loud, id: `l-${i}` }, { priority: 1 + i / 100 })),
    );
    later(1_000);
    await t.store.write([queued({ tenant: quiet, id: 'q' }, { priority: 0.1 })]);
    const jobs = await t.store.judging.claim({ limit: 3, perTenant: 10, leaseMs: 60_000 });
    expect(jobs.map((job) => job.trace.id).sort()).toEqual(['l-10', 'l-11', 'q']);
  });

  test('no tenant has more in hand than its share', async () => {
    await empty();
    const [a, b] = [t.tenant(), t.tenant()];
    for (const tenant of [a, b]) {
      await t.store.write(Array.from({ length: 6 }, (_, i) => queued({ tenant, id: `t-${i}` })));
    }
    const options = { limit: 10, perTenant: 2, leaseMs: 60_000 };
    const jobs = await t.store.judging.claim(options);
    expect(jobs.map((job) => job.trace.tenant).sort()).toEqual([a, a, b, b]);
    expect(await t.store.judging.claim(options)).toEqual([]);
    const done = jobs.find((job) => job.trace.tenant === a)!;
    await t.store.judging.complete(done, judgementOf(done));
    expect((await t.store.judging.claim(options)).map((job) => job.trace.tenant)).toEqual([a]);
  });

  describe('alerts', () => {
    const stable = { decision: 'alert', findings: [findingOf()] } as const;

    test('a provisional alert waits for the judge, unless it is severe', async () => {
      await empty();
      const [mild, severe] = [t.tenant(), t.tenant()];
      await t.store.write([
        queued({ tenant: mild, ...stable }),
        queued({ tenant: severe, ...stable }, { alertNow: true }),
      ]);
      expect(await outbox(mild)).toEqual([]);
      expect(await outbox(severe)).toMatchObject([{ type: 'raised', revision: 1 }]);
      const [job] = await claimOf(mild);
      await t.store.judging.complete(job!, judgementOf(job!));
      expect(await outbox(mild)).toMatchObject([{ type: 'raised', revision: 1, alertId: alertIdOf(mild, 't-1') }]);
    });

    test('a later change is told under the same id with a higher revision, no change is not told at all', async () => {
      await empty();
      const [same, changed, lowered] = [t.tenant(), t.tenant(), t.tenant()];
      for (const tenant of [same, changed, lowered])
        await t.store.write([queued({ tenant, ...stable }, { alertNow: true })]);
      for (const job of await t.store.judging.claim({ ...CLAIM, limit: 20 })) {
        const { tenant } = job.trace;
        const verdict = tenant === changed ? { risk: 0.99 } : tenant === lowered ? { decision: 'flag' as const } : {};
        await t.store.judging.complete(job, judgementOf(job, verdict));
      }
      expect((await outbox(same)).map(({ type, revision }) => [type, revision])).toEqual([['raised', 1]]);
      expect((await outbox(changed)).map(({ type, revision }) => [type, revision])).toEqual([
        ['raised', 1],
        ['updated', 2],
      ]);
      expect((await outbox(lowered)).map(({ type, revision }) => [type, revision])).toEqual([
        ['raised', 1],
        ['withdrawn', 2],
      ]);
      const ids = (await outbox(lowered)).map((alert) => (alert as unknown as { alertId: string }).alertId);
      expect(new Set(ids)).toEqual(new Set([alertIdOf(lowered, 't-1')]));
    });

    test('nothing of the service’s own test traces is published', async () => {
      await empty();
      await t.store.write([queued({ tenant: CANARY_TENANT, ...stable }, { cause: 'canary', alertNow: true })]);
      const [job] = await claimOf(CANARY_TENANT);
      await t.store.judging.complete(job!, judgementOf(job!, { risk: 0.99 }));
      expect(await outbox(CANARY_TENANT)).toEqual([]);
    });
  });

  describe('budgets', () => {
    const limits = { tokens: 1_000, costUsd: 0.05 };

    test('workers together do not pass the tokens of a day, and the next day begins anew', async () => {
      const tenant = t.tenant();
      const asked = await Promise.all([1, 2, 3, 4, 5].map(() => t.store.judging.reserve(tenant, 300, limits)));
      expect(asked.filter((r) => r !== null)).toHaveLength(3);
      later(86_400_000);
      expect(await t.store.judging.reserve(tenant, 300, limits)).not.toBeNull();
    });

    test('what was set aside gives way to what was used', async () => {
      const tenant = t.tenant();
      const reservation = await t.store.judging.reserve(tenant, 900, limits);
      expect(await t.store.judging.reserve(tenant, 900, limits)).toBeNull();
      await t.store.judging.settle(reservation!, { calls: 1, promptTokens: 50, completionTokens: 50, costUsd: 0.01 });
      expect(await t.store.judging.reserve(tenant, 900, limits)).not.toBeNull();
    });

    test('money that is spent ends the day too, and a tenant without limits has none', async () => {
      const tenant = t.tenant();
      const reservation = await t.store.judging.reserve(tenant, 1, limits);
      await t.store.judging.settle(reservation!, { calls: 1, promptTokens: 1, completionTokens: 0, costUsd: 0.05 });
      expect(await t.store.judging.reserve(tenant, 1, limits)).toBeNull();
      expect(await t.store.judging.reserve(tenant, 1e12, { tokens: null, costUsd: null })).not.toBeNull();
    });

    test('a judgement larger than a whole day is refused at once', async () => {
      expect(await t.store.judging.reserve(t.tenant(), 1_001, limits)).toBeNull();
    });
  });

  test('the shadow sample counts what was judged and what would have been missed', async () => {
    await empty();
    await sql`delete from judgements`.execute(t.connection.db);
    const tenant = t.tenant();
    const causes = ['shadow', 'shadow', 'shadow', 'band'] as const;
    await t.store.write(causes.map((cause, i) => queued({ tenant, id: `t-${i}` }, { cause })));
    const jobs = await claimOf(tenant);
    for (const job of jobs) {
      const n = Number(job.trace.id.slice(2));
      const failed = n === 1 ? { outcome: 'judge_refused' } : {};
      const verdict = n === 0 || n === 3 ? { decision: 'flag' as const, findings: [findingOf()] } : {};
      await t.store.judging.complete(job, judgementOf(job, verdict, failed));
    }
    expect(await t.store.judging.shadow(NOON)).toEqual({ judged: 2, missed: 1 });
    expect(await t.store.judging.shadow(new Date(t.now.getTime() + 1))).toEqual({ judged: 0, missed: 0 });
  });
});
