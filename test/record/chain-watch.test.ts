import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../src/observe/metrics.ts';
import { createChainWatch } from '../../src/record/chain-watch.ts';
import { recordOf } from './records.ts';
import { silent, useStore } from './stores.ts';

describe('the running check of the audit chains', () => {
  const t = useStore('embedded');

  const watch = (tenants: readonly string[], entriesPerMinute = 10) => {
    const metrics = createMetrics({ processMetrics: false });
    const chains = createChainWatch({
      // Other tests of this file have chains of their own.
      store: { walkChain: t.store.walkChain, chainedTenants: async () => tenants },
      entriesPerMinute,
      metrics,
      log: silent,
      clock: () => new Date(1_000_000),
      sleep: async () => {},
    });
    const value = async (name: string): Promise<number> =>
      Number(new RegExp(`^${name} (.*)$`, 'm').exec(await metrics.render())?.[1]);
    return {
      ...chains,
      checked: () => value('cot_monitor_audit_entries_checked_total'),
      broken: () => value('cot_monitor_audit_broken_chains'),
      lastPass: () => value('cot_monitor_audit_last_pass_timestamp_seconds'),
    };
  };

  const chained = async (entries: number): Promise<string> => {
    const tenant = t.tenant();
    await t.store.write(Array.from({ length: entries }, (_, i) => recordOf({ tenant, id: `t-${i}` })));
    return tenant;
  };

  const alter = (tenant: string, seq: number, body: string) =>
    sql`update audit_log set body = ${body} where tenant = ${tenant} and seq = ${seq}`.execute(t.connection.db);

  test('walks no more entries in a minute than it may, and begins again at the end', async () => {
    const check = watch([await chained(14), await chained(9)]);
    await check.round();
    expect([await check.checked(), await check.lastPass()]).toEqual([10, 0]);
    await check.round();
    expect([await check.checked(), await check.lastPass()]).toEqual([20, 0]);
    await check.round();
    expect([await check.checked(), await check.lastPass()]).toEqual([23, 1_000]);
    await check.round();
    expect(await check.checked()).toBe(33);
    expect(await check.broken()).toBe(0);
    expect(check.health.check()).toEqual({ ok: true });
  });

  test('finds a break wherever its turn comes, tells of it, and takes it back once the chain is whole', async () => {
    const [sound, harmed] = [await chained(5), await chained(5)];
    const check = watch([sound, harmed], 100);
    await check.round();
    expect(await check.broken()).toBe(0);
    const { rows } = await sql<{ body: string }>`
      select body from audit_log where tenant = ${harmed} and seq = 3`.execute(t.connection.db);
    await alter(harmed, 3, '{}');
    await check.round();
    expect(await check.broken()).toBe(1);
    expect(check.health.check()).toMatchObject({ ok: false });
    await alter(harmed, 3, rows[0]!.body);
    await check.round();
    expect(await check.broken()).toBe(0);
    expect(check.health.check()).toEqual({ ok: true });
  });

  test('notices a chain that is gone, root and branch', async () => {
    const tenant = await chained(5);
    const tenants = [tenant];
    const check = watch(tenants, 100);
    await check.round();
    await sql`delete from audit_log where tenant = ${tenant}`.execute(t.connection.db);
    await sql`delete from audit_head where tenant = ${tenant}`.execute(t.connection.db);
    tenants.pop();
    await check.round();
    expect(await check.broken()).toBe(1);
  });

  test('goes on after a store that could not be read', async () => {
    const metrics = createMetrics({ processMetrics: false });
    let calls = 0;
    const check = createChainWatch({
      store: {
        walkChain: t.store.walkChain,
        chainedTenants: async () => {
          calls += 1;
          if (calls === 1) throw new Error('down');
          return [];
        },
      },
      entriesPerMinute: 10,
      metrics,
      log: silent,
      clock: () => new Date(1_000_000),
      sleep: async () => void (calls >= 2 && (await check.stop())),
    });
    check.start();
    await expect.poll(() => metrics.render()).toContain('cot_monitor_audit_last_pass_timestamp_seconds 1000');
  });
});
