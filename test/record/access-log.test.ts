import { describe, expect, test } from 'vitest';
import { recordOf } from './records.ts';
import { BACKENDS, usePostgres, useStore } from './stores.ts';

usePostgres();

describe.each(BACKENDS)('who read what (%s)', (backend) => {
  const t = useStore(backend);
  const entries = (tenant: string) =>
    t.connection.db.selectFrom('audit_log').selectAll().where('tenant', '=', tenant).orderBy('seq').execute();

  test('stands in the chain with who, what and when, and the chain stays sound', async () => {
    const tenant = t.tenant();
    await t.store.write([recordOf({ tenant })]);
    await t.store.auditAccess({ tenant, actor: 'key:k1', action: 'view', what: 'conversation', subject: 'c-1' });
    await t.store.auditAccess({
      tenant,
      actor: 'oidc:jane',
      action: 'export',
      what: 'flags',
      subject: '*',
      details: { rows: 12 },
    });
    const [, view, taken] = await entries(tenant);
    expect(view).toMatchObject({ kind: 'view', subject: 'c-1', at: t.now });
    expect(JSON.parse(view!.body)).toEqual({ by: 'key:k1', what: 'conversation' });
    expect(taken).toMatchObject({ kind: 'export', subject: '*' });
    expect(JSON.parse(taken!.body)).toEqual({ by: 'oidc:jane', what: 'flags', details: { rows: 12 } });
    expect(await t.store.verifyChain(tenant)).toEqual({ entries: 3, break: null });
  });

  test('readers at once share transactions and lose nothing, beside writers and other tenants', async () => {
    const [tenant, other] = [t.tenant(), t.tenant()];
    const view = (of: string, subject: string) =>
      t.store.auditAccess({ tenant: of, actor: 'key:k1', action: 'view', what: 'flag', subject });
    await Promise.all([
      ...Array.from({ length: 120 }, (_, i) => view(i % 3 === 0 ? other : tenant, `f-${i}`)),
      ...Array.from({ length: 5 }, (_, i) => t.store.write([recordOf({ tenant, id: `w-${i}` })])),
    ]);
    expect(await t.store.verifyChain(tenant)).toEqual({ entries: 85, break: null });
    expect(await t.store.verifyChain(other)).toEqual({ entries: 40, break: null });
  });
});
