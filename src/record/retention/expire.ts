import { sql } from 'kysely';
import { chainedTenants } from '../audit-walk.ts';
import { partitionOf } from '../partitions.ts';
import type { Expired, RetentionLimits } from './contract.ts';
import { expireOld, type OldRows } from './old-partitions.ts';
import type { RetentionDeps } from './turn.ts';
import { expireWords } from './words.ts';

// Retention: the oldest kind first, since what goes with a verdict need not be looked for again. Identities of traces stay,
// so that one sent again is still known; so does the audit chain.

const DAY_MS = 86_400_000;

const TEXT: OldRows = {
  what: 'text',
  table: 'trace_text',
  drop: async () => {},
  remove: async (tx, keys) => {
    await sql`delete from trace_text t using ${keys}
      where t.tenant = k.tenant and t.received_at = k.received_at and t.trace_id = k.trace_id`.execute(tx);
  },
};

const BESIDE = ['reviews', 'alert_revisions', 'judge_jobs', 'judgements'] as const;

const VERDICTS: OldRows = {
  what: 'verdicts',
  table: 'verdicts',
  drop: async (tx, { name, from }) => {
    for (const table of BESIDE) {
      await sql`delete from ${sql.id(table)} t using ${sql.id(name)} v
        where t.tenant = v.tenant and t.trace_id = v.trace_id`.execute(tx);
    }
    for (const table of ['findings', 'flags'] as const) {
      await sql`drop table if exists ${sql.id(partitionOf(table, from).name)}`.execute(tx);
    }
  },
  remove: async (tx, keys) => {
    for (const table of BESIDE) {
      await sql`delete from ${sql.id(table)} t using ${keys}
        where t.tenant = k.tenant and t.trace_id = k.trace_id`.execute(tx);
    }
    for (const table of ['findings', 'flags', 'verdicts'] as const) {
      await sql`delete from ${sql.id(table)} t using ${keys}
        where t.tenant = k.tenant and t.received_at = k.received_at and t.trace_id = k.trace_id`.execute(tx);
    }
  },
};

/** The shortest of what is limited at all. */
const shortest = (...days: readonly (number | null)[]): number | null => {
  const limited = days.filter((limit) => limit !== null);
  return limited.length === 0 ? null : Math.min(...limited);
};

/** See `OpenStore.expire`. */
export const expire = async (deps: RetentionDeps, limits: RetentionLimits): Promise<Expired> => {
  const { textDays, wordsDays, verdictsDays } = limits;
  const run = { ...deps, begun: false };
  const now = deps.clock().getTime();
  const before = (days: number | null): Date | null => (days === null ? null : new Date(now - days * DAY_MS));
  const nothing = { traces: 0, complete: true };
  const [text, words, verdicts] = [
    before(shortest(textDays, wordsDays, verdictsDays)),
    before(shortest(wordsDays, verdictsDays)),
    before(verdictsDays),
  ];
  const texts = text === null ? nothing : await expireOld(run, TEXT, text);
  const whole = verdicts === null ? nothing : await expireOld(run, VERDICTS, verdicts);
  const wiped = words === null ? nothing : await expireWords(run, await chainedTenants(deps.db), words);
  return {
    gone: { text: texts.traces, words: wiped.traces, verdicts: whole.traces },
    complete: texts.complete && whole.complete && wiped.complete,
  };
};
