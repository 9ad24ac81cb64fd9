// What reports count, in columns of their own and in one index that holds all of it: a table over a million verdicts then
// reads no verdict. `views_seen` and `views_hit` are sets of views, a bit each in the order of the taxonomy.

export const reports = {
  version: 5,
  name: 'reports',
  statements: [
    `alter table verdicts
      add column categories text[] not null default '{}',
      add column views_seen integer not null default 0,
      add column views_hit integer not null default 0`,
    `update verdicts v set categories = f.categories from (
      select tenant, received_at, trace_id, array_agg(distinct category order by category) as categories
      from findings where stance not in ('mentioned', 'rejected') group by tenant, received_at, trace_id
    ) f where f.tenant = v.tenant and f.received_at = v.received_at and f.trace_id = v.trace_id`,
    `create index verdicts_report on verdicts (tenant, occurred_at, trace_id)
      include (model_name, model_version, decision, assessment, categories, views_seen, views_hit)`,
    `create index flags_suppressed on flags (tenant, received_at) where suppressions <> '{}'`,
    'create index flags_version on flags (tenant, model_version, received_at, id)',
    'create index flags_assessment on flags (tenant, assessment, received_at, id)',
  ],
} as const;
