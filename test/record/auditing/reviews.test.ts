import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { flagIdOf, sha256 } from '../../../src/domain/ids.ts';
import { alertSchema } from '../../../src/http/schemas/alert.ts';
import type { NewReview } from '../../../src/record/auditing/contract.ts';
import { findingOf, NOON, recordOf } from '../records.ts';
import { BACKENDS, usePostgres, useStore } from '../stores.ts';

usePostgres();

const minutes = (n: number): Date => new Date(NOON.getTime() + n * 60_000);

const reviewBy = (reviewer: string, outcome: NewReview['outcome'], note: string | null = null): NewReview => ({
  reviewer,
  outcome,
  note,
});

describe.each(BACKENDS)('reviews (%s)', (backend) => {
  const t = useStore(backend);

  const flagged = async (tenant: string, id = 't-1', over: Parameters<typeof recordOf>[0] = {}): Promise<string> => {
    await t.store.write([recordOf({ tenant, id, decision: 'flag', ...over })]);
    return flagIdOf(tenant, id);
  };

  test('a review is appended, gives the flag its state, and stands in the chain without its note', async () => {
    const tenant = t.tenant();
    const id = await flagged(tenant);
    const note = 'Quotes \u0000 and \ud800 survive';
    const reviewed = await t.store.reviews.add(tenant, id, reviewBy('ada', 'confirmed', note));
    expect(reviewed).toMatchObject({ state: 'confirmed', review: { flagId: id, position: 1, note, at: NOON } });
    await t.store.reviews.add(tenant, id, reviewBy('bob', 'false_positive'));
    expect((await t.store.flag(tenant, id))?.review).toBe('disputed');
    expect(await t.store.reviews.list(tenant, id)).toMatchObject([
      { position: 1, reviewer: 'ada', outcome: 'confirmed', note },
      { position: 2, reviewer: 'bob', outcome: 'false_positive', note: null },
    ]);
    const { rows } = await sql<{ kind: string; body: string }>`
      select kind, body from audit_log where tenant = ${tenant} order by seq`.execute(t.connection.db);
    expect(rows.map((row) => row.kind)).toEqual(['verdict', 'review', 'review']);
    expect(rows[1]!.body).toContain('"reviewer":"ada"');
    expect(rows[1]!.body).not.toContain('survive');
    expect(await t.store.verifyChain(tenant)).toMatchObject({ entries: 3, break: null });
  });

  test('whoever was told of an alert is told what reviewers made of it, under the same id and without a word of it', async () => {
    const tenant = t.tenant();
    const place = { segment: 0, start: 0, end: 4, quote: 'hide', sourcePath: '', hash: sha256('text') };
    const findings = [findingOf({ evidence: [place] })];
    await t.store.write([recordOf({ tenant, id: 'a', decision: 'alert', text: 'zanzibar', findings })]);
    await flagged(tenant, 'b');
    const id = flagIdOf(tenant, 'a');
    const alerts = async () => {
      const { rows } = await sql<{ payload: string }>`
        select payload from outbox where kind = 'alert' and payload like ${`%"tenant":"${tenant}"%`} order by id`.execute(
        t.connection.db,
      );
      return rows.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
    };
    await t.store.reviews.add(tenant, id, reviewBy('ada', 'confirmed', 'zanzibar'));
    await t.store.reviews.add(tenant, id, reviewBy('ada', 'confirmed'));
    await t.store.reviews.add(tenant, id, reviewBy('ada', 'false_positive'));
    await t.store.reviews.add(tenant, flagIdOf(tenant, 'b'), reviewBy('ada', 'confirmed'));
    const told = await alerts();
    expect(told.map(({ revision, type, review }) => [revision, type, review])).toEqual([
      [1, 'raised', undefined],
      [2, 'updated', 'confirmed'],
      [3, 'withdrawn', 'false_positive'],
    ]);
    expect(new Set(told.map(({ alertId }) => alertId)).size).toBe(1);
    for (const alert of told) expect(alertSchema.parse(alert)).toEqual(alert);
    expect(JSON.stringify(told)).not.toContain('zanzibar');
    expect(JSON.stringify(told)).not.toContain('hide');
    expect((await t.store.verifyChain(tenant)).break).toBeNull();
  });

  test('concurrent reviews of one flag all stand, each in a place of its own', async () => {
    const tenant = t.tenant();
    const id = await flagged(tenant);
    await Promise.all(
      Array.from({ length: 8 }, (_, i) => t.store.reviews.add(tenant, id, reviewBy(`r-${i}`, 'confirmed'))),
    );
    const reviews = await t.store.reviews.list(tenant, id);
    expect(reviews?.map((review) => review.position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(new Set(reviews?.map((review) => review.id)).size).toBe(8);
  });

  test('a flag of another tenant, or none at all, can be neither judged, read nor taken', async () => {
    const [mine, other] = [t.tenant(), t.tenant()];
    const id = await flagged(mine);
    for (const [tenant, flag] of [
      [other, id],
      [mine, 'no-such-flag'],
      [mine, '\u0000'],
      [mine, "' or '1'='1"],
    ] as const) {
      expect(await t.store.reviews.add(tenant, flag, reviewBy('eve', 'confirmed'))).toBeNull();
      expect(await t.store.reviews.list(tenant, flag)).toBeNull();
      expect(await t.store.reviews.assign(tenant, flag, 'eve', minutes(5))).toBeNull();
      expect(await t.store.reviews.release(tenant, flag, 'eve')).toBe(false);
    }
    expect((await t.store.flag(mine, id))?.review).toBe('unreviewed');
  });

  test('a flag that was taken is not free until it is given back, reviewed, or the time is up', async () => {
    const tenant = t.tenant();
    const id = await flagged(tenant);
    const assignee = async () => (await t.store.flag(tenant, id))?.assignment?.assignee ?? null;
    expect(await t.store.reviews.assign(tenant, id, 'ada', minutes(5))).toBe('assigned');
    expect(await t.store.reviews.assign(tenant, id, 'bob', minutes(5))).toBe('taken');
    expect(await t.store.reviews.release(tenant, id, 'bob')).toBe(true);
    expect(await assignee()).toBe('ada');
    const listed = async (who: string) =>
      (await t.store.flags(tenant, { limit: 5, assignee: who })).items.map((flag) => flag.traceId);
    expect(await listed('ada')).toEqual(['t-1']);
    expect(await listed('none')).toEqual([]);
    t.now = minutes(6);
    expect(await assignee()).toBeNull();
    expect(await listed('none')).toEqual(['t-1']);
    expect(await t.store.reviews.assign(tenant, id, 'bob', minutes(9))).toBe('assigned');
    await t.store.reviews.add(tenant, id, reviewBy('ada', 'unsure'));
    expect(await assignee()).toBe('bob');
    await t.store.reviews.add(tenant, id, reviewBy('bob', 'confirmed'));
    expect(await assignee()).toBeNull();
    t.now = NOON;
  });

  test('agreement counts each pair of reviewers by their latest word on the same flag', async () => {
    const tenant = t.tenant();
    const [one, two] = [await flagged(tenant, 'one'), await flagged(tenant, 'two')];
    await t.store.reviews.add(tenant, one, reviewBy('bob', 'confirmed'));
    await t.store.reviews.add(tenant, one, reviewBy('ada', 'confirmed'));
    await t.store.reviews.add(tenant, two, reviewBy('ada', 'confirmed'));
    await t.store.reviews.add(tenant, two, reviewBy('ada', 'unsure'));
    await t.store.reviews.add(tenant, two, reviewBy('bob', 'false_positive'));
    expect(await t.store.reviews.outcomePairs(tenant, {})).toEqual([
      { reviewers: ['ada', 'bob'], outcomes: ['confirmed', 'confirmed'], count: 1 },
      { reviewers: ['ada', 'bob'], outcomes: ['unsure', 'false_positive'], count: 1 },
    ]);
    expect(await t.store.reviews.outcomePairs(tenant, { from: minutes(1) })).toEqual([]);
  });

  test('precision counts what was judged, by category, detector, rule and model version, and no mere mention', async () => {
    const tenant = t.tenant();
    const findings = [findingOf(), findingOf({ category: 'doubling_down', stance: 'mentioned' })];
    const one = await flagged(tenant, 'one', { findings });
    const two = await flagged(tenant, 'two', {
      findings: [findingOf({ detector: { ...findingOf().detector, rule: null } })],
    });
    await flagged(tenant, 'three');
    await t.store.reviews.add(tenant, one, reviewBy('ada', 'confirmed'));
    await t.store.reviews.add(tenant, two, reviewBy('ada', 'false_positive'));
    const counts = await t.store.reviews.counts(tenant, {});
    const shown = counts.map(({ dimension, value, states }) => [
      dimension,
      value,
      states.confirmed,
      states.false_positive,
    ]);
    expect(shown).toEqual(
      expect.arrayContaining([
        ['flag', 'all', 1, 1],
        ['category', 'sandbagging', 1, 1],
        ['detector', 'heuristics', 1, 1],
        ['rule', 'r-1', 1, 0],
        ['model', 'o1@2024-12-17', 1, 1],
      ]),
    );
    expect(shown).toHaveLength(5);
    expect(await t.store.reviews.counts(tenant, { to: NOON })).toEqual([]);
  });

  test('labels are what reviewers agree on, with the text, in pages that neither skip nor repeat', async () => {
    const tenant = t.tenant();
    const outcomes = ['confirmed', 'false_positive', 'unsure', 'confirmed', 'false_positive'] as const;
    for (const [i, outcome] of outcomes.entries()) {
      const id = await flagged(tenant, `t-${i}`, { text: `text ${i}`, receivedAt: minutes(i % 2) });
      await t.store.reviews.add(tenant, id, reviewBy('ada', outcome));
    }
    const seen: [string, number, string][] = [];
    let cursor: string | undefined;
    do {
      const page = await t.store.reviews.labelled(tenant, { limit: 1, cursor });
      for (const { label, trace } of page.items) seen.push([trace.traceId, label, trace.segments![0]!.text]);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(seen.sort()).toEqual([
      ['t-0', 1, 'text 0'],
      ['t-1', 0, 'text 1'],
      ['t-3', 1, 'text 3'],
      ['t-4', 0, 'text 4'],
    ]);
  });
});
