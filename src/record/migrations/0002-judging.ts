// Judge work. A job is written in the transaction that stores its provisional verdict and deleted in the one that stores
// the final verdict, so that neither can be there without the other. Its text stands in trace_text like everybody's.

export const judging = {
  version: 2,
  name: 'judging',
  statements: [
    `create table judge_jobs (
      tenant text collate "C" not null,
      trace_id text collate "C" not null,
      received_at timestamptz not null,
      enqueued_at timestamptz not null,
      cause text not null,
      priority double precision not null,
      state text not null,
      attempts integer not null,
      not_before timestamptz not null,
      lease_until timestamptz,
      leased_by text collate "C",
      last_reason text,
      primary key (tenant, trace_id)
    ) with (fillfactor = 50)`,
    `create index judge_jobs_due on judge_jobs (tenant, priority desc, enqueued_at) where state = 'waiting'`,
    `create table judgements (
      tenant text collate "C" not null,
      trace_id text collate "C" not null,
      received_at timestamptz not null,
      judged_at timestamptz not null,
      cause text not null,
      outcome text not null,
      decision_before text not null,
      decision text not null,
      model text,
      prompt text,
      attempts integer not null,
      calls integer not null,
      prompt_tokens bigint not null,
      completion_tokens bigint not null,
      cost_usd double precision,
      primary key (tenant, judged_at, trace_id)
    )`,
    'create index judgements_cause on judgements (cause, judged_at)',
    `create table judge_spend (
      tenant text collate "C" not null,
      day date not null,
      tokens bigint not null,
      cost_usd double precision not null,
      calls bigint not null,
      primary key (tenant, day)
    ) with (fillfactor = 50)`,
    // How often an alert was told of, and what was said last: the next message needs a higher revision, and none is sent
    // where nothing changed.
    `create table alert_revisions (
      tenant text collate "C" not null,
      trace_id text collate "C" not null,
      revision integer not null,
      content_hash text not null,
      primary key (tenant, trace_id)
    )`,
    `insert into alert_revisions (tenant, trace_id, revision, content_hash)
      select tenant, trace_id, 1, '' from verdicts where decision = 'alert'`,
  ],
} as const;
