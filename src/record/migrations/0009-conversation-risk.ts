// One row a conversation, however long it grows: sums, and the few turns that weigh most. Written in the transaction of the
// verdict that adds to it, and rewritten by every turn: room in the page keeps that off the index.

export const conversationRisk = {
  version: 9,
  name: 'conversation-risk',
  statements: [
    `create table conversation_risk (
      tenant text collate "C" not null,
      conversation_id text collate "C" not null,
      turns bigint not null,
      unassessed bigint not null,
      weight bigint not null,
      evidence text not null,
      score double precision not null,
      decision text collate "C" not null,
      alert_revision integer not null,
      alerted boolean not null,
      updated_at timestamptz not null,
      primary key (tenant, conversation_id)
    ) with (fillfactor = 70)`,
    `create index conversation_risk_raised on conversation_risk (tenant, score desc, conversation_id)
      where decision in ('record', 'flag', 'alert')`,
  ],
} as const;
