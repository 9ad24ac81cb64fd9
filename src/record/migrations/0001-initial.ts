// Identifiers compare by bytes (collate "C"): faster than a language's order, and the same on every server.
//
// Whatever may hold NUL or a lone surrogate is JSON text in a `text` column: JSON.stringify escapes both, while `text`
// holds neither and jsonb refuses \u0000. What is filtered on stands in a typed column of its own.
//
// Rows of partitioned tables are found by (tenant, received_at, trace_id), which appends to its index instead of
// scattering over it; trace_identity says which received_at belongs to an id.

export const initial = {
  version: 1,
  name: 'initial',
  statements: [
    `create table trace_identity (
      tenant text collate "C" not null,
      trace_id text collate "C" not null,
      content_hash text collate "C" not null,
      received_at timestamptz not null,
      primary key (tenant, trace_id)
    )`,
    `create table verdicts (
      tenant text collate "C" not null,
      received_at timestamptz not null,
      trace_id text collate "C" not null,
      conversation_id text collate "C" not null,
      turn integer,
      occurred_at timestamptz not null,
      decision text not null,
      assessment text not null,
      reasons text[] not null,
      risk double precision not null,
      status text not null,
      model_provider text,
      model_name text,
      model_version text,
      content_hash text not null,
      header text not null,
      body text not null,
      primary key (tenant, received_at, trace_id)
    ) partition by range (received_at)`,
    'create index verdicts_conversation on verdicts (tenant, conversation_id)',
    `create table trace_text (
      tenant text collate "C" not null,
      received_at timestamptz not null,
      trace_id text collate "C" not null,
      segments text not null,
      primary key (tenant, received_at, trace_id)
    ) partition by range (received_at)`,
    `create table findings (
      tenant text collate "C" not null,
      received_at timestamptz not null,
      trace_id text collate "C" not null,
      position integer not null,
      category text not null,
      group_name text not null,
      stance text not null,
      view text not null,
      severity text not null,
      score double precision not null,
      detector text not null,
      rule text,
      primary key (tenant, received_at, trace_id, position)
    ) partition by range (received_at)`,
    `create table flags (
      tenant text collate "C" not null,
      received_at timestamptz not null,
      id text collate "C" not null,
      trace_id text collate "C" not null,
      conversation_id text collate "C" not null,
      decision text not null,
      assessment text not null,
      severity text not null,
      model_name text,
      model_version text,
      categories text[] not null,
      groups text[] not null,
      stances text[] not null,
      views text[] not null,
      rules text[] not null,
      body text not null,
      primary key (tenant, received_at, id)
    ) partition by range (received_at)`,
    'create index flags_id on flags (tenant, id)',
    'create index flags_conversation on flags (tenant, conversation_id)',
    'create index flags_findings on flags using gin (categories, groups, stances, views, rules)',
    `create table audit_log (
      tenant text collate "C" not null,
      seq bigint not null,
      at timestamptz not null,
      kind text not null,
      subject text not null,
      body text not null,
      prev_hash text not null,
      hash text not null,
      primary key (tenant, seq, at)
    ) partition by range (at)`,
    // One row a tenant, rewritten by every batch: room in the page keeps those rewrites off the index.
    `create table audit_head (
      tenant text collate "C" primary key,
      seq bigint not null,
      hash text not null
    ) with (fillfactor = 30)`,
    `create table outbox (
      id bigserial primary key,
      kind text not null,
      key text not null,
      payload text not null,
      created_at timestamptz not null
    )`,
  ],
} as const;
