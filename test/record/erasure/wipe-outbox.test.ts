import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../src/domain/ids.ts';
import { verdictEventSchema } from '../../../src/http/schemas/verdict-event.ts';
import { findingOf, recordOf } from '../records.ts';
import { BACKENDS, usePostgres, useStore } from '../stores.ts';

usePostgres();

const WORD = 'zanzibar';

describe.each(BACKENDS)('messages that wait in the outbox (%s)', (backend) => {
  const t = useStore(backend, { publishVerdicts: true });

  const put = (tenant: string, id: string, name: string) => {
    const place = { segment: 0, start: 0, end: 4, quote: 'hide', sourcePath: `/${WORD}`, hash: sha256('text') };
    const finding = findingOf({ explanation: `It says ${WORD}.`, evidence: [place] });
    const verdict = { unread: [{ path: `/${WORD}`, bytes: 3 }] };
    const findings = [{ ...finding, detector: { ...finding.detector, name } }];
    return t.store.write([recordOf({ tenant, id, decision: 'flag', findings, verdict })]);
  };
  const waiting = async (tenant: string): Promise<string[]> =>
    (await t.connection.db.selectFrom('outbox').select('payload').where('kind', '=', 'verdict').orderBy('id').execute())
      .map(({ payload }) => payload)
      .filter((payload) => payload.includes(`"tenant":"${tenant}"`));

  test('never hold what a judge wrote, since it may quote', async () => {
    const tenant = t.tenant();
    await put(tenant, 'judged', 'judge');
    await put(tenant, 'ruled', 'heuristics');
    const [judged, ruled] = await waiting(tenant);
    expect(judged).not.toContain(`It says ${WORD}`);
    expect(ruled).toContain(`It says ${WORD}`);
  });

  test('lose the words of what is erased, and still go out', async () => {
    const [tenant, other] = [t.tenant(), t.tenant()];
    for (const of of [tenant, other]) await put(of, 't-1', 'heuristics');
    const target = { kind: 'conversation', id: 'c-1' } as const;
    await t.store.erase({ tenant, target, by: 'key:k', reason: 'r' });
    const [mine] = await waiting(tenant);
    expect(mine).not.toContain(WORD);
    expect(mine).not.toContain('quote');
    expect(verdictEventSchema.parse(JSON.parse(mine!))).toEqual(JSON.parse(mine!));
    expect((await waiting(other))[0]).toContain(WORD);
  });
});
