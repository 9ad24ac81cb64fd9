// Legal holds, and how far retention has come where it cannot simply drop what is old. `needle` is what a held row is
// known by: an id of a conversation, or a label as it stands in the header of a verdict.

export const retention = {
  version: 8,
  name: 'retention',
  statements: [
    `create table legal_holds (
      tenant text collate "C" not null,
      id text collate "C" not null,
      kind text not null,
      needle text collate "C" not null,
      target text not null,
      reason text not null,
      placed_by text not null,
      placed_at timestamptz not null,
      released_by text,
      released_at timestamptz,
      release_reason text,
      primary key (tenant, id)
    )`,
    'create index legal_holds_open on legal_holds (tenant) where released_at is null',
    `create table retention_marks (
      tenant text collate "C" not null,
      what text collate "C" not null,
      received_at timestamptz not null,
      trace_id text collate "C" not null,
      primary key (tenant, what)
    )`,
    // Whoever takes a trace's words or all of it finds its reviews and judgements by it.
    'create index reviews_trace on reviews (tenant, trace_id)',
    'create index judgements_trace on judgements (tenant, trace_id)',
  ],
} as const;
