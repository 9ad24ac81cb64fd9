import { parseArgs } from 'node:util';
import pg from 'pg';
import { systemClock } from '../src/domain/clock.ts';
import { createLogger } from '../src/observe/log.ts';
import type { FlagFilter, FlagQuery } from '../src/record/contract.ts';
import { openStore } from '../src/record/store.ts';
import { BLOCK_SIZE } from '../src/report/compare.ts';
import { SHIPPED } from '../src/taxonomy/shipped.ts';
import { startOwnPostgres } from '../test/support/postgres.ts';

// How long auditors wait: the 95th percentile of each kind of query on a million flags over three months in a real
// PostgreSQL server, read as requests read (under row-level security), and of reports over a million verdicts.

const { values } = parseArgs({
  options: { flags: { type: 'string', default: '1000000' }, runs: { type: 'string', default: '40' } },
});
const FLAGS = Number(values.flags);
const RUNS = Number(values.runs);
const LIMIT_MS = 30;
const TENANT = 'bench';
const START = Date.UTC(2026, 7, 1);
const SPAN_MS = 90 * 86_400_000;

const server = await startOwnPostgres();
const store = await openStore({
  url: server.url,
  dataDir: '/nowhere',
  poolSize: 4,
  clock: systemClock,
  log: createLogger('silent'),
  keepTraceShare: 0,
});
const client = new pg.Client({ connectionString: server.url });
await client.connect();
await client.query("set statement_timeout = 0; set maintenance_work_mem = '512MB'; set synchronous_commit = off");

const TABLES = ['flags', 'findings', 'verdicts'];
for (let month = 0; month < 4; month++) {
  const from = new Date(Date.UTC(2026, 7 + month, 1)).toISOString();
  const to = new Date(Date.UTC(2026, 8 + month, 1)).toISOString();
  for (const table of TABLES) {
    const name = `${table}_${from.slice(0, 7).replace('-', '_')}`;
    await client
      .query(`create table if not exists ${name} partition of ${table} for values from ('${from}') to ('${to}')`)
      .catch(() => {});
  }
}

/** Indexes are made after the rows: faster, and the same in the end. */
const { rows: indexes } = await client.query<{ name: string; definition: string }>(
  `
  select c.relname as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
  join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
  where t.relname = any($1) and not i.indisprimary`,
  [TABLES],
);
for (const { name } of indexes) await client.query(`drop index ${name}`);

const started = performance.now();
// Distributions are skewed, as in life: a few models and categories have most flags, and one old model has very few.
await client.query(`create temporary table kind as select k,
  (array['${[...SHIPPED.ids].join("','")}'])[1 + floor(23 * power(random(), 2))::int] as category,
  (array['mentioned','considered','intended','acted'])[1 + floor(4 * random())::int] as stance,
  (array['reasoning','reasoning_summary','answer','action','cross'])[1 + floor(5 * power(random(), 2))::int] as view,
  (array['medium','high','critical','low'])[1 + floor(4 * power(random(), 2))::int] as severity,
  'rule-' || floor(300 * power(random(), 2))::int as rule,
  array(select 'word' || floor(5000 * power(random(), 3))::int from generate_series(1, 24 + k * 0)) as words,
  array_to_string(array(select md5(random()::text || k) from generate_series(1, 24)), ' ') as filler
  from generate_series(0, 4999) as g(k)`);
const place = `timestamptz 'epoch' + (${START} + n * ${SPAN_MS / FLAGS}::double precision) * interval '1 millisecond'`;
const model = `case when n between 1000 and 1400 then 'old-model' else 'model-' || floor(6 * power((n * 7919 % 1000) / 1000.0, 2))::int end`;
const version = `'v' || floor(4 * n / ${FLAGS}.0)::int`;
const decision = `case when n % 4 = 0 then 'alert' else 'flag' end`;
await client.query(`insert into flags (tenant, received_at, id, trace_id, conversation_id, decision, assessment, severity,
    model_name, model_version, categories, groups, stances, views, rules, body, risk, detectors, review, words)
  select '${TENANT}', ${place}, md5('f' || n)::uuid::text, 't-' || n, 'c-' || n / 4, ${decision},
    case when n % 50 = 0 then 'not_assessed' when n % 10 = 0 then 'partial' else 'assessed' end, severity,
    ${model}, ${version}, array[category], array['scheming'], array[stance], array[view], array[rule],
    '{"findings":[],"occurredAt":"2026-08-01T00:00:00Z","receivedAt":"2026-08-01T00:00:00Z","text":"' || filler || '"}',
    (n * 7907 % 10000) / 10000.0, array['heuristics'],
    case when n % 40 = 0 then 'confirmed' when n % 97 = 0 then 'false_positive' else 'unreviewed' end,
    array_to_tsvector(words || ('rare' || n % 50000))
  from generate_series(0::bigint, ${FLAGS - 1}) as g(n) join kind on k = n * 7001 % 5000`);
await client.query(`insert into findings (tenant, received_at, trace_id, position, category, group_name, stance, view,
    severity, score, detector, rule)
  select '${TENANT}', ${place}, 't-' || n, 0, category, 'scheming', stance, view, severity, 0.9, 'heuristics', rule
  from generate_series(0::bigint, ${FLAGS - 1}) as g(n) join kind on k = n * 7001 % 5000`);
await client.query(`insert into verdicts (tenant, received_at, trace_id, conversation_id, occurred_at, decision, assessment,
    reasons, risk, status, model_name, model_version, content_hash, header, body, categories, views_seen, views_hit)
  select '${TENANT}', ${place}, 't-' || n, 'c-' || n / 4, ${place}, case when n % 200 = 0 then 'flag' else 'clear' end,
    case when n % 50 = 0 then 'not_assessed' else 'assessed' end, '{}', 0.1, 'final', ${model}, ${version}, '', '{}', '{"text":"' || filler || '"}',
    case when n % 200 = 0 then array[category] else '{}' end, 5, case when n % 200 = 0 then 1 else 0 end
  from generate_series(0::bigint, ${FLAGS - 1}) as g(n) join kind on k = n * 7001 % 5000`);
for (const { definition } of indexes) await client.query(definition.replace(' ON ONLY ', ' ON '));
await client.query('vacuum analyze flags, findings, verdicts');
const { rows: sizes } = await client.query<{ size: string }>(
  'select pg_size_pretty(pg_database_size(current_database())) as size',
);
console.log(
  `${FLAGS} flags and verdicts seeded in ${Math.round((performance.now() - started) / 1000)} s, ${sizes[0]?.size}`,
);

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work();
  return performance.now() - from;
};

const p95 = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1]!;

const late: string[] = [];
const report = async (
  name: string,
  work: (run: number) => Promise<unknown>,
  limit: number | null = LIMIT_MS,
): Promise<void> => {
  await work(0);
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) times.push(await timed(() => work(run)));
  const value = p95(times);
  if (limit !== null && value > limit) late.push(name);
  console.log(
    `${name.padEnd(44)} p95 ${value.toFixed(1).padStart(8)} ms${limit !== null && value > limit ? '  over the limit' : ''}`,
  );
};

const pick = <T>(from: readonly T[], run: number): T => from[run % from.length]!;
const list = (query: Omit<FlagQuery, 'limit'>) => store.flags(TENANT, { limit: 50, ...query });
const day = (n: number): Date => new Date(START + n * 86_400_000);

const deepCursor = async (sort: 'newest' | 'risk'): Promise<string> => {
  let page = await store.flags(TENANT, { limit: 200, sort });
  for (let i = 0; i < 20; i++) page = await store.flags(TENANT, { limit: 200, sort, cursor: page.next! });
  return page.next!;
};
const [newestCursor, riskCursor] = [await deepCursor('newest'), await deepCursor('risk')];
const { rows: some } = await client.query<{ id: string }>("select id from flags where id < '01' limit 200");

const FILTERS: Readonly<Record<string, (run: number) => FlagFilter>> = {
  'no filter': () => ({}),
  'a week': (run) => ({ from: day(run), to: day(run + 7) }),
  'a common model': (run) => ({ model: [`model-${run % 3}`] }),
  'a rare, old model': () => ({ model: ['old-model'] }),
  'two models and a version': () => ({ model: ['model-1', 'model-4'], modelVersion: ['v0'] }),
  'a common category': () => ({ category: [[...SHIPPED.ids][0]!] }),
  'a rare category': (run) => ({ category: [pick([...SHIPPED.ids].slice(-4), run)] }),
  'category, stance and view of one finding': (run) => ({
    category: [pick([...SHIPPED.ids], run)],
    stance: ['acted'],
    view: ['cross'],
  }),
  'severity and assessment': () => ({ severity: ['low'], assessment: ['not_assessed'] }),
  'a rule': (run) => ({ rule: [`rule-${run * 7}`] }),
  'review state': (run) => ({ review: [pick(['confirmed', 'false_positive'] as const, run)] }),
  'nothing that exists': () => ({ model: ['no-such-model'] }),
  'a category of a conversation': (run) => ({ conversationId: `c-${run * 1000}`, category: [[...SHIPPED.ids][0]!] }),
  'a common word': (run) => ({ q: `word${run % 3}` }),
  'a rare word': (run) => ({ q: `rare${run * 100}` }),
  'a rare word, by its beginning': (run) => ({ q: `rare${1000 + run}*` }),
  'two words': (run) => ({ q: `word${run + 100} word${run + 7}` }),
  'a word of a model in a month': (run) => ({ q: `word${run}`, model: ['model-2'], from: day(30), to: day(60) }),
};

for (const [name, filter] of Object.entries(FILTERS)) {
  await report(`flags: ${name}`, (run) => list(filter(run)));
}
await report('flags: by risk', () => list({ sort: 'risk' }));
await report('flags: review queue', () =>
  list({ sort: 'risk', review: ['unreviewed'], suppressed: false, assignee: 'none' }),
);
await report('flags: queue of a model', (run) =>
  list({ sort: 'risk', model: [`model-${run % 6}`], review: ['unreviewed'] }),
);
await report('flags: deep page, newest', () => list({ cursor: newestCursor }));
await report('flags: deep page, by risk', () => list({ sort: 'risk', cursor: riskCursor }));
await report('a flag that is not there: the way to and fro', () => store.flag(TENANT, 'none'));
await report('one flag', (run) => store.flag(TENANT, pick(some, run).id));
await report('conversation', (run) => store.conversation(TENANT, `c-${run * 777}`, { limit: 50 }));
for (const name of ['no filter', 'a week', 'a common model', 'a rare category', 'a rare word'] as const) {
  await report(`facets: ${name}`, (run) => store.flagFacets(TENANT, FILTERS[name]!(run)), null);
}
await report(
  'report: a week of a model',
  (run) => store.reports.verdicts(TENANT, { from: day(run), to: day(run + 7), model: 'model-1' }),
  null,
);
await report('report: every verdict', () => store.reports.verdicts(TENANT, {}), null);
await report(
  'report: blocks of a model version',
  () => store.reports.blocks(TENANT, { model: 'model-0', modelVersion: 'v3' }, BLOCK_SIZE),
  null,
);

console.log(late.length === 0 ? `every list is within ${LIMIT_MS} ms` : `over ${LIMIT_MS} ms: ${late.join('; ')}`);
await client.end();
await store.close();
await server.stop();
process.exitCode = late.length === 0 ? 0 : 1;
