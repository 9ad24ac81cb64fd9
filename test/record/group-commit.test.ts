import { describe, expect, test } from 'vitest';
import { CodedError } from '../../src/domain/errors.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import type { NewRecord, WriteResult } from '../../src/record/contract.ts';
import { type Commit, createGroupCommit, type GroupCommitOptions } from '../../src/record/group-commit.ts';
import { CATEGORY_IDS } from '../support/taxonomy.ts';
import { findingOf, NOON, recordOf } from './records.ts';
import { BACKENDS, usePostgres, useStore } from './stores.ts';

const stored = ({ verdict }: NewRecord): WriteResult => ({ kind: 'stored', verdict });

/** A store that answers when it is told to. */
const heldStore = () => {
  const batches: { ids: string[]; succeed: () => void; fail: (error: unknown) => void }[] = [];
  const write = (records: readonly NewRecord[]): Promise<readonly WriteResult[]> =>
    new Promise((resolve, reject) => {
      batches.push({
        ids: records.map((r) => r.trace.id),
        succeed: () => resolve(records.map(stored)),
        fail: reject,
      });
    });
  return { batches, write };
};

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

const make = (
  write: (records: readonly NewRecord[]) => Promise<readonly WriteResult[]>,
  options: Partial<GroupCommitOptions> = {},
) => {
  const metrics = createMetrics({ processMetrics: false });
  const commit: Commit = createGroupCommit(write, {
    maxBatch: 100,
    metrics,
    models: new Set(['o1']),
    categories: new Set(CATEGORY_IDS),
    clock: () => NOON,
    ...options,
  });
  const submit = (...ids: string[]) => ids.map((id) => commit(recordOf({ id }), 'http'));
  return { metrics, commit, submit };
};

const unavailable = new CodedError('store_unavailable', 'down', { retryAfter: 1 });

describe('group commit', () => {
  test('what arrives in one turn is committed together, in order', async () => {
    const { batches, write } = heldStore();
    const { submit } = make(write);
    const answers = Promise.all(submit('a', 'b', 'c'));
    await turn();
    expect(batches.map((b) => b.ids)).toEqual([['a', 'b', 'c']]);
    batches[0]!.succeed();
    expect((await answers).map((v) => v.traceId)).toEqual(['a', 'b', 'c']);
  });

  test('arrivals during a commit wait for the next one, and then go together', async () => {
    const { batches, write } = heldStore();
    const { submit } = make(write, { maxInFlight: 1 });
    const answers = submit('a');
    await turn();
    answers.push(...submit('b'));
    await turn();
    answers.push(...submit('c'));
    await turn();
    expect(batches.map((b) => b.ids)).toEqual([['a']]);
    batches[0]!.succeed();
    await turn();
    expect(batches.map((b) => b.ids)).toEqual([['a'], ['b', 'c']]);
    batches[1]!.succeed();
    await Promise.all(answers);
  });

  test('no more commits than allowed are in flight, and no batch is larger than allowed', async () => {
    const { batches, write } = heldStore();
    const { submit } = make(write, { maxInFlight: 2, maxBatch: 3 });
    const answers = submit('a', 'b', 'c', 'd', 'e', 'f', 'g');
    await turn();
    expect(batches.map((b) => b.ids)).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ]);
    batches[1]!.succeed();
    await turn();
    expect(batches.map((b) => b.ids.length)).toEqual([3, 3, 1]);
    batches[0]!.succeed();
    batches[2]!.succeed();
    await Promise.all(answers);
  });

  test('text that nobody read is counted once it is durable, by format, and not for a redelivery', async () => {
    const unread = [
      { path: '/choices/0/message/musing', bytes: 900 },
      { path: '/choices/1/message/musing', bytes: 300 },
    ];
    const results: WriteResult['kind'][] = ['stored', 'duplicate'];
    const { metrics, commit } = make(async (records) =>
      records.map((record): WriteResult => {
        const kind = results.shift();
        return kind === 'stored' ? stored(record) : { kind: 'duplicate', verdict: record.verdict };
      }),
    );
    const record = recordOf({ trace: { format: 'openai.chat', unread } });
    await commit(record, 'http');
    await commit(record, 'kafka');
    await expect(metrics.render()).resolves.toContain('cot_monitor_unread_fields_total{format="openai.chat"} 2\n');
  });

  test('a conflict rejects its own caller alone', async () => {
    const { submit } = make(async (records) =>
      records.map((r): WriteResult => (r.trace.id === 'b' ? { kind: 'conflict' } : stored(r))),
    );
    const answers = await Promise.allSettled(submit('a', 'b', 'c'));
    expect(answers.map((a) => a.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(answers[1]).toMatchObject({ reason: { code: 'trace_conflict' } });
  });

  test('a duplicate resolves to the verdict that stands', async () => {
    const standing = recordOf({ verdict: { risk: 0.5 } }).verdict;
    const { submit } = make(async () => [{ kind: 'duplicate', verdict: standing }]);
    expect(await submit('a')[0]).toBe(standing);
  });

  test('records that the store refuses fail alone, wherever they stand', async () => {
    const poison = new Set(['b', 'c', 'h']);
    const refusal = new CodedError('internal', 'refused');
    const written: string[] = [];
    const { submit } = make(async (records) => {
      if (records.some((r) => poison.has(r.trace.id))) throw refusal;
      written.push(...records.map((r) => r.trace.id));
      return records.map(stored);
    });
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const answers = await Promise.allSettled(submit(...ids));
    expect(ids.filter((_, i) => answers[i]!.status === 'rejected')).toEqual(['b', 'c', 'h']);
    expect(answers[1]).toMatchObject({ reason: refusal });
    expect(written).toEqual(['a', 'd', 'e', 'f', 'g']);
  });

  test('a database that is down rejects every caller at once, with a time to come back', async () => {
    let calls = 0;
    const { submit } = make(async () => {
      calls += 1;
      throw unavailable;
    });
    const answers = await Promise.allSettled(submit('a', 'b', 'c'));
    for (const answer of answers)
      expect(answer).toMatchObject({ reason: { code: 'store_unavailable', retryAfter: 1 } });
    expect(calls).toBe(1);
  });

  test('a database that goes down while a refused record is looked for is not asked again and again', async () => {
    let calls = 0;
    const { submit } = make(async () => {
      calls += 1;
      throw calls === 1 ? new CodedError('internal', 'refused') : unavailable;
    });
    const answers = await Promise.allSettled(submit('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'));
    for (const answer of answers) expect(answer).toMatchObject({ reason: { code: 'store_unavailable' } });
    expect(calls).toBe(2);
  });

  test('it goes on after a failure', async () => {
    let down = true;
    const { submit } = make(async (records) => {
      if (down) throw unavailable;
      return records.map(stored);
    });
    await Promise.allSettled(submit('a'));
    down = false;
    expect((await submit('a')[0]!).traceId).toBe('a');
  });

  test('what became durable is counted, once, by where it came from', async () => {
    const seen = new Set<string>();
    const { metrics, commit } = make(async (records) =>
      records.map((r): WriteResult => {
        if (r.trace.id === 'conflict') return { kind: 'conflict' };
        if (seen.has(r.trace.id)) return { kind: 'duplicate', verdict: r.verdict };
        seen.add(r.trace.id);
        return stored(r);
      }),
    );
    const partial = recordOf({
      id: 'p',
      decision: 'flag',
      findings: [findingOf(), findingOf({ category: 'an operator’s own' })],
      verdict: { assessment: { state: 'partial', reasons: ['truncated', 'timeout'] } },
    });
    await commit(partial, 'kafka');
    await commit(partial, 'kafka');
    await commit(recordOf({ id: 'conflict' }), 'http').catch(() => {});
    const text = await metrics.render();
    const value = (series: string): string | undefined =>
      text
        .split('\n')
        .find((line) => line.startsWith(`cot_monitor_${series} `))
        ?.split(' ')[1];
    expect(value('verdicts_total{state="partial",decision="flag",source="kafka"}')).toBe('1');
    expect(value('coverage_reasons_total{reason="truncated"}')).toBe('1');
    expect(value('coverage_reasons_total{reason="timeout"}')).toBe('1');
    const finding = 'stance="intended",view="reasoning",severity="high"';
    expect(value(`findings_total{category="sandbagging",${finding}}`)).toBe('1');
    expect(value(`findings_total{category="other",${finding}}`)).toBe('1');
    expect(value('duplicates_total{source="kafka"}')).toBe('1');
    expect(value('conflicts_total{source="http"}')).toBe('1');
    expect(value('last_verdict_timestamp_seconds')).toBe(String(NOON.getTime() / 1000));
    expect(value('store_batch_size_count')).toBe('3');
    expect(value('store_commit_duration_seconds_count')).toBe('3');
  });

  test('failed transactions are counted, and count no verdict', async () => {
    const { metrics, submit } = make(async () => {
      throw unavailable;
    });
    await Promise.allSettled(submit('a', 'b'));
    const text = await metrics.render();
    expect(text).toContain('cot_monitor_store_errors_total 1');
    expect(text).toContain('cot_monitor_verdicts_total{state="assessed",decision="clear",source="http"} 0');
    expect(text).toContain('cot_monitor_store_batch_size_count 0');
  });
});

test('metrics tell apart the models that the operator named, and no others', async () => {
  const { metrics, commit } = make(async (records) => records.map(({ verdict }) => ({ kind: 'stored', verdict })));
  const by = (name: string, id: string) =>
    commit(recordOf({ id, trace: { model: { provider: null, name, version: null } } }), 'http');
  await Promise.all([by('o1', 'a'), by('o1', 'b'), by('planted"}', 'c')]);
  const text = await metrics.render();
  expect(text).toContain('cot_monitor_model_verdicts_total{model="o1",decision="clear"} 2');
  expect(text).toContain('cot_monitor_model_verdicts_total{model="other",decision="clear"} 1');
  expect(text).not.toContain('planted');
});

describe.each(BACKENDS)('group commit on a store (%s)', (backend) => {
  usePostgres();
  const t = useStore(backend);

  test('a record that the database refuses does not keep its neighbours from being stored', async () => {
    const tenant = t.tenant();
    const { commit } = make(t.store.write, { maxInFlight: 2, maxBatch: 64 });
    const answers = await Promise.allSettled(
      Array.from({ length: 200 }, (_, i) =>
        commit(
          recordOf({ tenant, id: `t-${i}`, ...(i % 67 === 50 ? { trace: { conversationId: 'nul\u0000' } } : {}) }),
          'http',
        ),
      ),
    );
    const failed = answers.flatMap((a, i) => (a.status === 'rejected' ? [i] : []));
    expect(failed).toEqual([50, 117, 184]);
    expect(await t.store.verifyChain(tenant)).toEqual({ entries: 197, break: null });
  });

  test('callers of the same trace at once all get one verdict', async () => {
    const tenant = t.tenant();
    const { commit } = make(t.store.write, { maxInFlight: 2, maxBatch: 4 });
    const verdicts = await Promise.all(
      Array.from({ length: 30 }, (_, i) => commit(recordOf({ tenant, verdict: { risk: i / 100 } }), 'kafka')),
    );
    expect(new Set(verdicts.map((v) => v.risk)).size).toBe(1);
  });
});
