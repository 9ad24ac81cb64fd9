// What auditors need beside the flag itself: a state of review and who works on it, what silenced it, and words to search.
//
// The words are a bounded set from the quotes, not the text: an index over whole traces would make every insert several
// times slower, and only flags, a few per cent of all traces, carry them.

export const auditing = {
  version: 3,
  name: 'auditing',
  statements: [
    `alter table flags
      add column risk double precision not null default 0,
      add column detectors text[] not null default '{}',
      add column review text collate "C" not null default 'unreviewed',
      add column suppressions text[] not null default '{}',
      add column assignee text collate "C",
      add column assigned_until timestamptz,
      add column words tsvector not null default ''`,
    `update flags f set risk = v.risk from verdicts v
      where v.tenant = f.tenant and v.received_at = f.received_at and v.trace_id = f.trace_id`,
    `update flags f set detectors = coalesce((
      select array_agg(distinct n.detector) from findings n
      where n.tenant = f.tenant and n.received_at = f.received_at and n.trace_id = f.trace_id), '{}')`,
    'create index flags_risk on flags (tenant, risk desc, received_at desc, id desc)',
    'create index flags_review on flags (tenant, review, received_at, id)',
    'create index flags_model on flags (tenant, model_name, received_at, id)',
    'create index flags_words on flags using gin (words)',
    `create table reviews (
      tenant text collate "C" not null,
      flag_id text collate "C" not null,
      position integer not null,
      trace_id text collate "C" not null,
      outcome text not null,
      note text,
      reviewer text collate "C" not null,
      at timestamptz not null,
      primary key (tenant, flag_id, position)
    )`,
    'create index reviews_at on reviews (tenant, at)',
    `create table suppressions (
      tenant text collate "C" not null,
      id text collate "C" not null,
      kind text not null,
      value text collate "C" not null,
      reason text not null,
      owner text not null,
      created_by text not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      ended_by text,
      ended_at timestamptz,
      primary key (tenant, id)
    )`,
    'create index suppressions_open on suppressions (tenant, expires_at) where ended_at is null',
  ],
} as const;
